/** How much memory a warm connection takes from V8 for what it sends. Counted, not timed. */
import { execFile } from "node:child_process";
import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

const PROGRAM = fileURLToPath(new URL("steady-flow.mjs", import.meta.url));
const FLAGS = ["--expose-gc", "--min-semi-space-size=1", "--max-semi-space-size=1"];
const PATIENCE = 300_000;

/** Bytes of the heap for each unit of the load: taken, and kept at the end. */
async function heapOf(load: string): Promise<{ allocated: number; kept: number }> {
  const { stdout } = await promisify(execFile)(execPath, [...FLAGS, PROGRAM, load]);
  return JSON.parse(stdout);
}

describe("in steady state", { timeout: PATIENCE }, () => {
  test("a million segments take a view each, to copy them out of the send ring, and nothing stays", async () => {
    const { allocated, kept } = await heapOf("segments");
    expect(allocated).toBeLessThan(116);
    expect(kept).toBeLessThan(1);
  });

  test("in super-segments they take a few bytes each", async () => {
    const { allocated, kept } = await heapOf("super-segments");
    // Seven, or ten: numbers are boxed until V8 has compiled what makes them, sooner or later.
    expect(allocated).toBeLessThan(16);
    expect(kept).toBeLessThan(1);
  });

  test("a request and its answer take some numbers and two tasks of the wire's", async () => {
    const { allocated, kept } = await heapOf("requests");
    // Instants that pass from function to function are boxed, 12 bytes each, where V8 does not inline these.
    expect(allocated).toBeLessThan(600);
    expect(kept).toBeLessThan(5);
  });
});
