import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { PseudoRandomBytes } from "./pseudo-random-bytes.ts";

async function bytes(count: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of new PseudoRandomBytes(count)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

test.each([0, 1, 65_535, 65_536, 65_537, 300_001])(
  "%d bytes are so many, and the same each time",
  async count => {
    const first = await bytes(count);
    expect(first.length).toBe(count);
    expect(first.equals(await bytes(count))).toBe(true);
  },
);

test("they are the same on every machine and in every version", async () => {
  expect(
    createHash("sha256")
      .update(await bytes(1_000_000))
      .digest("hex"),
  ).toBe("2c8de4f0e5729838ac57c70741e41e1f2771bd2131a8750b92c8ebd6fe4e8781");
});

test("another count gives other bytes from the first on", async () => {
  expect((await bytes(100)).equals((await bytes(101)).subarray(0, 100))).toBe(false);
});
