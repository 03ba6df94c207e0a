/**
 * Tools for tests of codecs: random field values, and writers and readers that are watched at the edges.
 */
import fc from "fast-check";
import { IpAddress } from "../../src/wire/address.ts";
import type { MacAddress } from "../../src/wire/mac-address.ts";

export const uint8 = (): fc.Arbitrary<number> => fc.integer({ min: 0, max: 0xff });
export const uint16 = (): fc.Arbitrary<number> => fc.integer({ min: 0, max: 0xffff });
export const uint32 = (): fc.Arbitrary<number> => fc.integer({ min: 0, max: 0xffff_ffff });
export const int32 = (): fc.Arbitrary<number> => fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff });

export const ipv4Address = (): fc.Arbitrary<IpAddress> => int32().map(word => IpAddress.v4(word));

/** Words are often zero, so that `::` is met. */
export const ipv6Address = (): fc.Arbitrary<IpAddress> => {
  const word = fc.oneof(fc.constant(0), uint16(), int32());
  return fc.tuple(word, word, word, word).map(([a, b, c, d]) => IpAddress.v6(a, b, c, d));
};

export const mac = (): fc.Arbitrary<MacAddress> =>
  fc.integer({ min: 0, max: 0xffff_ffff_ffff }).map(value => value as MacAddress);

const MARGIN = 64;

/**
 * The bytes that `write` writes. Throws when it touches a byte outside of those that it claims, or when one
 * inside keeps what was there before (a packet buffer is used again, so a gap would leak an earlier packet).
 */
export function written(write: (bytes: Uint8Array, at: number) => number): Uint8Array {
  const results = [0x00, 0xff].map(filling => {
    const bytes = new Uint8Array(4_096).fill(filling);
    const size = write(bytes, MARGIN);
    for (let i = 0; i < bytes.length; i++) {
      const inside = i >= MARGIN && i < MARGIN + size;
      if (!inside && bytes[i] !== filling)
        throw new Error(`wrote outside, at offset ${i - MARGIN} of ${size}`);
    }
    return bytes.slice(MARGIN, MARGIN + size);
  }) as [Uint8Array, Uint8Array];
  const [zeros, ones] = results;
  if (zeros.length !== ones.length) throw new Error("the size depends on what was there before");
  const gap = zeros.findIndex((byte, i) => byte !== ones[i]);
  if (gap >= 0) throw new Error(`left a gap at offset ${gap} of ${zeros.length}`);
  return zeros;
}

/**
 * Lets `read` read `content` in the midst of other bytes, twice with different ones around it, and answers
 * what
 * `outcome` then tells. Throws when it looks at a byte outside, or when the outcome depends on those around.
 */
export function readWatched(
  content: Uint8Array,
  read: (bytes: Uint8Array, start: number, end: number) => unknown,
): unknown {
  const end = MARGIN + content.length;
  const outcomes = [0x00, 0xff].map(filling => {
    const bytes = new Uint8Array(end + MARGIN).fill(filling);
    bytes.set(content, MARGIN);
    return plain(read(watched(bytes, MARGIN, end), MARGIN, end));
  });
  const [first, second] = outcomes.map(outcome => JSON.stringify(outcome));
  if (first !== second) throw new Error(`the outcome depends on bytes outside: ${first} or ${second}`);
  return outcomes[0];
}

/** The array, but any look at an element outside of `[start, end)` throws. */
function watched(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return new Proxy(bytes, {
    get(target, property) {
      if (typeof property === "string" && /^-?\d+$/.test(property)) {
        const index = Number(property);
        if (index < start || index >= end) throw new Error(`read outside, at offset ${index - start}`);
        return target[index];
      }
      if (property === "subarray") {
        return (from: number, to: number): Uint8Array => {
          if (from < start || to > end || from > to) throw new Error(`a view outside: ${from} … ${to}`);
          return target.subarray(from, to);
        };
      }
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** A value as JSON can hold it: addresses as text, arrays of bytes as arrays of numbers. */
export function plain(value: unknown): unknown {
  if (value instanceof IpAddress) return value.toString();
  if (ArrayBuffer.isView(value)) return Array.from(value as Uint8Array);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field)]));
  }
  return value;
}

/** Bytes with some of them changed, and often cut short: what lies close to a good message. */
export function damaged(good: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const change = fc.tuple(fc.nat(), uint8());
  return fc
    .tuple(good, fc.array(change, { maxLength: 3 }), fc.option(fc.nat()))
    .map(([content, changes, cut]) => {
      const bytes = content.slice(0, cut === null ? content.length : cut % (content.length + 1));
      for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value;
      return bytes;
    });
}

/**
 * The property of every reader: no bytes at all, nor any close to good ones, make it throw or look outside.
 */
export function survivesAnyBytes(
  good: fc.Arbitrary<Uint8Array>,
  read: (bytes: Uint8Array, start: number, end: number) => unknown,
): void {
  const content = fc.oneof(fc.uint8Array({ maxLength: 96 }), damaged(good), good);
  fc.assert(
    fc.property(content, bytes => {
      readWatched(bytes, read);
    }),
    { numRuns: 300 },
  );
}
