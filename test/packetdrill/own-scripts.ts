/** The project's own scripts, and how they are played in tests. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Outcome } from "../../src/packetdrill/outcome.ts";
import { posixCalls } from "../../src/packetdrill/posix-calls.ts";
import { runScript } from "../../src/packetdrill/runner.ts";
import type { AddressMode } from "../../src/packetdrill/settings.ts";

const folder = fileURLToPath(new URL(".", import.meta.url));

export interface OwnScript {
  /** Below `test/packetdrill`. */
  readonly name: string;
  readonly source: string;
}

export function ownScripts(): OwnScript[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter(name => name.endsWith(".pkt"))
    .sort()
    .map(name => ({ name, source: readFileSync(join(folder, name), "utf8") }));
}

export function play(name: string, source: string, mode?: AddressMode): Promise<Outcome> {
  return runScript(name, source, posixCalls, { mode });
}
