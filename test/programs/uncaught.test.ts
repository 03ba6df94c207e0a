/** What a program throws and does not catch: Node's message names the program's line, and nothing is left undone. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);
const here = fileURLToPath(new URL("uncaught", import.meta.url));
const register = fileURLToPath(new URL("../../dist/cli/program/register.js", import.meta.url));

interface Ended {
  readonly code?: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function ended(program: string, ...preloads: string[]): Promise<Ended> {
  const ending: Promise<Ended> = run(process.execPath, [...preloads, `${here}/${program}`], {
    timeout: 20_000,
  });
  return ending.catch((error: Ended) => error);
}

/** Up to the stack, in which our own frames are. */
const head = ({ stderr }: Ended): string => stderr.split("\n    at ")[0] ?? "";

test.each(["data", "end", "request"])("in %j: the message is stock Node's", async where => {
  const program = `throws-in-${where}.cjs`;
  const [expected, seen] = await Promise.all([ended(program), ended(program, "--import", register)]);
  expect(head(expected)).toContain("throw new Error");
  expect([seen.code, head(seen)]).toEqual([expected.code, head(expected)]);
});

test("what else was due is still done when the program goes on", async () => {
  const { stdout } = await ended("goes-on.cjs", "--import", register);
  expect(stdout).toBe("a,b,c\n");
});
