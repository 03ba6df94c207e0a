import fc from "fast-check";
import { expect, test } from "vitest";
import { base64 } from "./base64.ts";

test("base64 is what RFC 4648 §10 says, and what every decoder reads", () => {
  const ascii = (text: string): Uint8Array => Uint8Array.from(text, letter => letter.charCodeAt(0));
  expect(["", "f", "fo", "foo", "foob", "fooba", "foobar"].map(text => base64(ascii(text)))).toEqual([
    "",
    "Zg==",
    "Zm8=",
    "Zm9v",
    "Zm9vYg==",
    "Zm9vYmE=",
    "Zm9vYmFy",
  ]);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
      expect(Buffer.from(base64(bytes), "base64").equals(bytes)).toBe(true);
    }),
  );
});
