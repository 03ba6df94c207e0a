import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, expect, test } from "vitest";
import { WHOLE_CAPTURES } from "../../test/support/damaged-captures.ts";
import { readCapture } from "../capture/capture-file.ts";
import { capturedPackets } from "./capture-input.ts";

const directory = mkdtempSync(join(tmpdir(), "postel-input-"));
afterAll(() => rmSync(directory, { recursive: true }));

const CAPTURE = WHOLE_CAPTURES[2] as Uint8Array;
const COUNT = readCapture(CAPTURE).packets.length;
const NEVER = new AbortController().signal;

function file(name: string, content: Uint8Array): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

/** How many packets came, and why no more. */
async function read(path: string, end = NEVER): Promise<{ count: number; problem: string }> {
  let count = 0;
  try {
    for await (const packets of capturedPackets(path, end)) count += packets.length;
  } catch (error) {
    return { count, problem: (error as Error).message };
  }
  return { count, problem: "" };
}

test("a capture that gzip has packed is unpacked on the way", async () => {
  expect(await read(file("plain", CAPTURE))).toEqual({ count: COUNT, problem: "" });
  expect(await read(file("packed", gzipSync(CAPTURE)))).toEqual({ count: COUNT, problem: "" });
});

test("of one that was cut the packets before come, and a sentence", async () => {
  const packed = gzipSync(CAPTURE, { level: 0 });
  const { count, problem } = await read(file("cut", packed.subarray(0, packed.length / 2)));
  expect(count).toBeGreaterThan(5);
  expect(count).toBeLessThan(COUNT);
  expect(problem).toMatch(/cut is damaged: the file ends within a block, at byte [\d,]+\.$/);
  const noise = Uint8Array.of(...packed.subarray(0, 10), ...new Uint8Array(100).fill(0xff));
  expect((await read(file("noise", noise))).problem).toContain("what gzip has packed is not whole");
  expect((await read(file("one", Uint8Array.of(0x1f)))).problem).toContain("too short for a capture");
  expect((await read(file("none", new Uint8Array(0)))).problem).toContain("too short for a capture");
});

test("who waits for a pipe that is silent can be ended", async () => {
  const path = join(directory, "pipe");
  expect(spawnSync("mkfifo", [path]).status).toBe(0);
  const end = new AbortController();
  const reading = read(path, end.signal);
  const writer = openSync(path, "r+");
  writeSync(writer, CAPTURE);
  await new Promise(resolve => setTimeout(resolve, 100));
  end.abort();
  expect((await reading).problem).toBe("");
  closeSync(writer);
});
