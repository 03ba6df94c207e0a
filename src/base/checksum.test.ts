import fc from "fast-check";
import { expect, test } from "vitest";
import { readUint16, writeUint16 } from "./bytes.ts";
import { checksum, foldChecksum, foldSum, sumWords, updateChecksum } from "./checksum.ts";
import { SeededRandom } from "./random.ts";

/** Word by word with an end-around carry at each step, as RFC 1071 §1 says it. */
function plainChecksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) {
    sum += ((bytes[at] as number) << 8) | (bytes[at + 1] ?? 0);
    if (sum > 0xffff) sum -= 0xffff;
  }
  return 0xffff - sum;
}

test("the example of RFC 1071 §3", () => {
  const bytes = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7);
  expect(sumWords(bytes, 0, 8)).toBe(0x2ddf0);
  expect(foldSum(0x2ddf0)).toBe(0xddf2);
  expect(checksum(bytes, 0, 8)).toBe(0x220d);
});

test("an odd last byte is padded with zero on the right (RFC 1071 §4.1)", () => {
  expect(sumWords(Uint8Array.of(0x12, 0x34, 0x56), 0, 3)).toBe(0x1234 + 0x5600);
});

/** Short and long messages, at any offset in memory. */
const message = (): fc.Arbitrary<Uint8Array> =>
  fc.tuple(fc.oneof(fc.nat(20), fc.nat(2_000)), fc.nat(7), fc.integer()).map(([length, offset, seed]) => {
    const bytes = new Uint8Array(new ArrayBuffer(offset + length), offset);
    new SeededRandom(seed).fill(bytes);
    return bytes;
  });

test("any range of any bytes, however they lie in memory, sums to what the plain definition gives", () => {
  fc.assert(
    fc.property(message(), fc.nat(20), fc.nat(20), (bytes, skip, leave) => {
      const start = Math.min(skip, bytes.length);
      const end = Math.max(start, bytes.length - leave);
      expect(checksum(bytes, start, end)).toBe(plainChecksum(bytes.subarray(start, end)));
    }),
    { numRuns: 1_000 },
  );
});

test("pieces of even length add up to the whole (RFC 1071 §2 A)", () => {
  fc.assert(
    fc.property(message(), fc.nat(1_000), (bytes, words) => {
      const cut = Math.min(2 * words, bytes.length & ~1);
      const sum = sumWords(bytes, cut, bytes.length, sumWords(bytes, 0, cut));
      expect(foldSum(sum)).toBe(foldSum(sumWords(bytes, 0, bytes.length)));
    }),
  );
});

test("64 KiB of ones neither overflow nor lose a carry", () => {
  const bytes = new Uint8Array(0x1_0000).fill(0xff);
  expect(checksum(bytes, 0, bytes.length)).toBe(0);
  expect(checksum(bytes, 0, bytes.length, 0xffff * 0x1_0000)).toBe(0);
});

test("a sum of many words folds to one (RFC 1071 §1)", () => {
  expect(foldSum(0x1_ffff)).toBe(1);
  expect(foldSum(0xffff_ffff)).toBe(0xffff);
  expect(foldSum(0x1_0000_0000)).toBe(1);
  expect(foldChecksum(0)).toBe(0xffff);
});

test("with the field filled, the checksum verifies as 0", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 4, maxLength: 40 }), bytes => {
      writeUint16(bytes, 2, 0);
      writeUint16(bytes, 2, checksum(bytes, 0, bytes.length));
      expect(checksum(bytes, 0, bytes.length)).toBe(0);
    }),
  );
});

test("the incremental update, with RFC 1624 §4's example", () => {
  expect(updateChecksum(0xdd2f, 0x5555, 0x3285)).toBe(0x0000);
});

test("the incremental update keeps a message verifying (RFC 1624 eqn. 3)", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 8, maxLength: 40 }),
      fc.integer({ min: 0, max: 0xffff }),
      (bytes, to) => {
        writeUint16(bytes, 2, 0);
        const old = checksum(bytes, 0, bytes.length);
        const from = readUint16(bytes, 4);
        writeUint16(bytes, 4, to);
        writeUint16(bytes, 2, updateChecksum(old, from, to));
        // The two zeros of one's complement: a message of zeros alone sums to +0.
        expect([0, 0xffff]).toContain(checksum(bytes, 0, bytes.length));
        if (bytes.some((byte, i) => byte !== 0 && i !== 2 && i !== 3)) {
          expect(checksum(bytes, 0, bytes.length)).toBe(0);
        }
      },
    ),
  );
});
