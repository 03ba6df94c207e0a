/** The program of the HTTP rows, on a loopback of its own: the kernel's port may be somebody else's. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../places.ts";

function http(...values: readonly string[]) {
  const preload = join(ROOT, "dist/cli/program/register.js");
  const command = ["--import", preload, join(ROOT, "bench/dist/http/main.js"), ...values];
  return spawnSync(process.execPath, command, { encoding: "utf8" });
}

test.each(["--bytes=100", "--closing", "--clients=2"])(
  "both ends in one process, with %s: a window, and what was seen in it",
  work => {
    const { stdout, stderr, status } = http("both", work, "--seconds", "0.3", "--warm-up", "0.1");
    expect([status, stderr]).toEqual([0, ""]);
    const [begin, end, result] = stdout
      .trim()
      .split("\n")
      .map(line => JSON.parse(line));
    expect([begin, end]).toEqual([{ event: "begin" }, { event: "end" }]);
    expect(result.operations).toBeGreaterThan(0);
    expect(result.p50).toBeGreaterThan(0);
    expect(result.p99).toBeGreaterThanOrEqual(result.p50);
    expect(result.cpuSeconds).toBeGreaterThan(0);
  },
);

test("another role is one sentence", () => {
  const { stderr, status } = http("proxy");
  expect([status, stderr]).toEqual([1, 'There is no role "proxy": server, load or both.\n']);
});
