import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { DescriptorWriter } from "./descriptor-writer.ts";

const directory = mkdtempSync(join(tmpdir(), "postel-writer-"));
const path = join(directory, "out");
const open: number[] = [];

afterEach(() => {
  for (const descriptor of open.splice(0)) closeSync(descriptor);
  rmSync(path, { force: true });
});

function opened(at: string, flags: string): number {
  const descriptor = openSync(at, flags);
  open.push(descriptor);
  return descriptor;
}

test("what is written arrives whole and in order", async () => {
  const writer = new DescriptorWriter(opened(path, "w"));
  let expected = "";
  for (let i = 0; i < 5_000; i++) {
    const line = `line ${i} ${"x".repeat(i % 300)}\n`;
    expected += line;
    writer.write(i % 2 === 0 ? line : new TextEncoder().encode(line));
  }
  expect(writer.waiting).toBeGreaterThan(0);
  await writer.idle();
  expect(writer.waiting).toBe(0);
  expect(readFileSync(path, "utf8")).toBe(expected);
});

test("a reader that does not read holds nobody up, and gets everything later", async () => {
  spawnSync("mkfifo", [path]);
  const reader = opened(path, "r+");
  const writer = new DescriptorWriter(opened(path, "w"));
  const content = Buffer.alloc(1_000_000, "abc");
  writer.write(content);
  await new Promise(resolve => setTimeout(resolve, 20));
  expect(writer.waiting).toBeGreaterThan(0);
  const got = Buffer.alloc(content.length);
  for (let at = 0; at < got.length; ) at += readSync(reader, got, at, Math.min(4_096, got.length - at), null);
  await writer.idle();
  expect(got.equals(content)).toBe(true);
});

test("a failure is told once, and ends the waiting", async () => {
  const writer = new DescriptorWriter(opened("/dev/null", "r"));
  const errors: string[] = [];
  writer.onError = error => errors.push(error.code ?? "");
  await expect(writer.writeAll("x")).rejects.toMatchObject({ code: "EBADF" });
  writer.write("y");
  await writer.idle();
  expect(errors).toEqual(["EBADF"]);
  expect(writer.waiting).toBe(0);
});
