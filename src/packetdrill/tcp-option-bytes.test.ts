import fc from "fast-check";
import { expect, test } from "vitest";
import type { TcpOptionSpec } from "./script.ts";
import { optionsSize, readOptions, writeOptions } from "./tcp-option-bytes.ts";

const word = fc.integer({ min: 0, max: 0xffff_ffff });
const hexDigits = (bytes: number) =>
  fc
    .array(fc.integer({ min: 0, max: 255 }), { minLength: bytes, maxLength: bytes })
    .map(list => list.map(byte => byte.toString(16).padStart(2, "0")).join(""));

const option: fc.Arbitrary<TcpOptionSpec> = fc.oneof(
  fc.record({ kind: fc.constant("mss" as const), value: fc.integer({ min: 0, max: 65_535 }) }),
  fc.record({ kind: fc.constant("wscale" as const), value: fc.integer({ min: 0, max: 255 }) }),
  fc.constantFrom<TcpOptionSpec>({ kind: "sackOK" }, { kind: "nop" }, { kind: "eol" }),
  fc.record({
    kind: fc.constant("sack" as const),
    blocks: fc.array(fc.tuple(word, word), { minLength: 1, maxLength: 4 }),
  }),
  fc.record({ kind: fc.constant("TS" as const), value: word, echo: word }),
  fc.record({ kind: fc.constant("md5" as const), digest: hexDigits(16) }),
  fc.record({ kind: fc.constantFrom("FO" as const, "FOEXP" as const), cookie: hexDigits(8) }),
  fc.record({
    kind: fc.constant("ECN" as const),
    first: fc.constantFrom("e0b" as const, "e1b" as const),
    counters: fc.array(fc.integer({ min: 0, max: 0xff_ffff }), { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ kind: fc.constant("other" as const), number: fc.constant(200), content: hexDigits(3) }),
);

test("options that are written are read again, each in its place, padding included", () => {
  fc.assert(
    fc.property(fc.array(option, { maxLength: 6 }), options => {
      const size = optionsSize(options);
      const bytes = new Uint8Array(size + 3);
      expect(writeOptions(options, bytes, 3)).toBe(size);
      expect(readOptions(bytes, 3, bytes.length)).toEqual(options);
    }),
  );
});

test("a length that cannot be is seen, and nothing beyond the end is read", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), bytes => {
      const options = readOptions(bytes, 0, bytes.length);
      if (options !== undefined) expect(optionsSize(options)).toBe(bytes.length);
    }),
  );
  expect(readOptions(Uint8Array.of(2, 5, 0), 0, 3)).toBeUndefined();
  expect(readOptions(Uint8Array.of(2), 0, 1)).toBeUndefined();
  expect(readOptions(Uint8Array.of(2, 0, 0, 0), 0, 4)).toBeUndefined();
});
