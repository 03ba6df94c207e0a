import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeUtf8, encodeUtf8 } from "./utf8.ts";

test("texts are encoded as the platform encodes them (RFC 3629 §3)", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), text => {
      expect(encodeUtf8(text)).toEqual(new TextEncoder().encode(text));
    }),
  );
  expect(encodeUtf8("\ud800x")).toEqual(new TextEncoder().encode("\ud800x"));
});

test("what is well formed comes back (RFC 3629 §3)", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), text => {
      const bytes = encodeUtf8(`<${text}>`);
      expect(decodeUtf8(bytes, 1, bytes.length - 1)).toBe(text);
    }),
  );
});

test("no byte that is not well formed passes, as the platform's strict decoder judges (RFC 3629 §10)", () => {
  const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 4 }), bytes => {
      const text = decodeUtf8(bytes, 0, bytes.length);
      let expected: string | undefined;
      try {
        expected = strict.decode(bytes);
      } catch {
        expected = undefined;
      }
      if (expected === undefined) expect(text).toContain("\ufffd");
      else expect(text).toBe(expected);
    }),
    { numRuns: 2000 },
  );
});
