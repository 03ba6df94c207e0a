/**
 * Programs for Node, run as they are on the kernel's sockets and on Postel's: what they see has to be the
 * same, event for event, and with Postel no socket of the kernel's may have been used.
 */
import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

const run = promisify(execFile);
const here = fileURLToPath(new URL(".", import.meta.url));
const register = fileURLToPath(new URL("../../dist/cli/program/register", import.meta.url));
const noKernelSockets = `${here}no-kernel-sockets.cjs`;
const TIMEOUT = 30_000;

async function outputOf(program: string, ...preloads: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [...preloads, program], { timeout: TIMEOUT });
  return stdout;
}

const programs = readdirSync(`${here}events`);

describe.each(programs)("%s", name => {
  test("sees the same on both stacks", async () => {
    const program = `${here}events/${name}`;
    const [expected, seen] = await Promise.all([
      outputOf(program),
      outputOf(program, "--require", noKernelSockets, "--import", `${register}.js`),
    ]);
    expect(expected.length).toBeGreaterThan(0);
    expect(seen).toBe(expected);
  });
});

test("the CommonJS preload does the same", async () => {
  const program = `${here}events/echo.mjs`;
  const seen = await outputOf(program, "--require", noKernelSockets, "--require", `${register}.cjs`);
  expect(seen).toBe(await outputOf(program));
});

test("the guard against sockets of the kernel works", async () => {
  const stock = outputOf(`${here}events/echo.mjs`, "--require", noKernelSockets);
  await expect(stock).rejects.toThrow("a socket of the kernel's: TCP.");
});
