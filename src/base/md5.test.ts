import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { hex } from "./bytes.ts";
import { Md5 } from "./md5.ts";

function md5(...parts: Uint8Array[]): string {
  const hash = new Md5();
  for (const part of parts) hash.add(part);
  const digest = new Uint8Array(18);
  hash.finish(digest, 1);
  return hex(digest.subarray(1, 17));
}

test.each([
  ["", "d41d8cd98f00b204e9800998ecf8427e"],
  ["abc", "900150983cd24fb0d6963f7d28e17f72"],
  ["message digest", "f96b697d7cb7938d525a2f31aaf161d0"],
  [
    "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
    "57edf4a22be3c955ac49da2e2107b67a",
  ],
])("the test suite of RFC 1321 §A.5: %j", (text, digest) => {
  expect(md5(new TextEncoder().encode(text))).toBe(digest);
});

test("what is added in parts counts as one", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }), parts => {
      const whole = createHash("md5");
      for (const part of parts) whole.update(part);
      expect(md5(...parts)).toBe(whole.digest("hex"));
    }),
  );
});
