/**
 * Builds the page when its sources are newer than what is built, so that a browser test shows what is written
 * now. Test files run beside each other: one of them builds, the others wait.
 */
import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, rmdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const BUILT = join(ROOT, "dist/page/index.html");
/** Whoever could make this folder builds. */
const LOCK = join(ROOT, "dist/page.building");
/** A lock of so many milliseconds is of a run that was killed. */
const ABANDONED = 60_000;

export async function freshPage(): Promise<void> {
  while (isStale()) {
    if (takeLock()) {
      try {
        const vite = join(ROOT, "node_modules/vite/bin/vite.js");
        await promisify(execFile)(process.execPath, [vite, "build", "page"], { cwd: ROOT });
      } finally {
        rmdirSync(LOCK);
      }
    } else await setTimeout(100);
  }
}

function takeLock(): boolean {
  try {
    mkdirSync(join(ROOT, "dist"), { recursive: true });
    mkdirSync(LOCK);
    return true;
  } catch {
    if (Date.now() - modified(LOCK) > ABANDONED) rmdirSync(LOCK);
    return false;
  }
}

function isStale(): boolean {
  const built = modified(BUILT);
  return ["page", "src"].some(folder =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).some(
      file => !file.endsWith(".test.ts") && modified(join(ROOT, folder, file)) > built,
    ),
  );
}

function modified(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
