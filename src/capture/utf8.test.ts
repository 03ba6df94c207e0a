import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeUtf8, encodeUtf8 } from "./utf8.ts";

/** Any characters; fast-check's own strings of these take long to set up. */
const text = (): fc.Arbitrary<string> =>
  fc
    .array(fc.oneof(fc.nat(0x7f), fc.nat(0xd7ff), fc.integer({ min: 0xe000, max: 0x10_ffff })), {
      maxLength: 60,
    })
    .map(codes => String.fromCodePoint(...codes));

test("texts are encoded as the platform encodes them (RFC 3629 §3)", () => {
  fc.assert(
    fc.property(text(), given => {
      expect(encodeUtf8(given)).toEqual(new TextEncoder().encode(given));
    }),
  );
  expect(encodeUtf8("\ud800x")).toEqual(new TextEncoder().encode("\ud800x"));
});

test("what is well formed comes back (RFC 3629 §3)", () => {
  fc.assert(
    fc.property(text(), given => {
      const bytes = encodeUtf8(`<${given}>`);
      expect(decodeUtf8(bytes, 1, bytes.length - 1)).toBe(given);
    }),
  );
});

test("no byte that is not well formed passes, as the platform's strict decoder judges (RFC 3629 §10)", () => {
  const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 4 }), bytes => {
      const found = decodeUtf8(bytes, 0, bytes.length);
      let expected: string | undefined;
      try {
        expected = strict.decode(bytes);
      } catch {
        expected = undefined;
      }
      if (expected === undefined) expect(found).toContain("\ufffd");
      else expect(found).toBe(expected);
    }),
    { numRuns: 2000 },
  );
});
