/** The system's tcpdump and tshark, for tests that compare with them. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Why tests that need these programs are skipped; undefined: they run. With CI=true they always run. */
export function missingTools(...programs: readonly string[]): string | undefined {
  const missing = programs.filter(program => spawnSync(program, ["--version"]).error !== undefined);
  return missing.length === 0 || process.env["CI"] === "true"
    ? undefined
    : `${missing.join(", ")} not installed`;
}

/** Calls `use` with the path of a file that has this content for the time of the call. */
export function withFile<Result>(content: Uint8Array, name: string, use: (path: string) => Result): Result {
  const directory = mkdtempSync(join(tmpdir(), "postel-capture-"));
  try {
    const path = join(directory, name);
    writeFileSync(path, content);
    return use(path);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** What a program prints; its complaints on stderr are an error, but for the lines that `ignore` matches. */
export function output(program: string, args: readonly string[], ignore = /^$/): string {
  const run = spawnSync(program, args, { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 });
  if (run.error !== undefined) throw run.error;
  const complaints = run.stderr.split("\n").filter(line => line !== "" && !ignore.test(line));
  if (run.status !== 0 || complaints.length > 0) {
    throw new Error(`${program} ${args.join(" ")}: status ${run.status}\n${complaints.join("\n")}`);
  }
  return run.stdout;
}

/**
 * Gives a file to a program that writes another one, named by its last argument; answers that one's content.
 */
export function readBack(content: Uint8Array, command: (path: string) => readonly string[]): Uint8Array {
  return withFile(content, "given", path => {
    const [program, ...args] = command(path);
    output(program as string, [...args, `${path}.out`], /^Running as user/);
    return new Uint8Array(readFileSync(`${path}.out`));
  });
}
