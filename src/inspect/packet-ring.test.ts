import fc from "fast-check";
import { expect, test } from "vitest";
import { PacketBuffer } from "../base/packet-buffer.ts";
import type { Instant } from "../base/time.ts";
import { type PacketLimits, PacketRing } from "./packet-ring.ts";

const LIMITS: PacketLimits = { packets: 4, bytes: 1_000, snap: 300, perSlice: 100, perSliceUnseen: 50 };

function filled(limits: PacketLimits, count: number, length: number, every = 100_000) {
  const ring = new PacketRing(limits);
  ring.isSeen = true;
  for (let i = 0; i < count; i++) {
    const from = { host: "a", interface: "a-b", direction: "out", linkType: 1 } as const;
    const time = (i * every) as Instant;
    if (ring.wants(time)) ring.add({ ...from, time }, PacketBuffer.from(new Uint8Array(length).fill(i)));
  }
  return ring;
}

const kept = (ring: PacketRing): number[] =>
  Array.from({ length: ring.next - 1 }, (_, i) => i + 1).filter(number => ring.at(number) !== undefined);

test("the newest are kept, as copies, with the length that they had", () => {
  const ring = filled(LIMITS, 7, 100);
  expect(kept(ring)).toEqual([4, 5, 6, 7]);
  expect([ring.oldest, ring.next]).toEqual([4, 8]);
  expect(ring.at(7)).toMatchObject({ number: 7, time: 600_000, host: "a", length: 100 });
  expect(ring.at(7)?.bytes).toEqual(new Uint8Array(100).fill(6));
  expect(ring.at(8)).toBeUndefined();
});

test("long frames are cut, and do not take more memory than there is", () => {
  const ring = filled(LIMITS, 7, 65_000);
  expect(kept(ring)).toEqual([5, 6, 7]);
  expect(ring.at(7)).toMatchObject({ length: 65_000 });
  expect(ring.at(7)?.bytes.length).toBe(300);
});

test("of very many in a tenth of a second only the first are kept; the others have their numbers", () => {
  const ring = filled({ ...LIMITS, packets: 50, perSlice: 3 }, 20, 10, 10_000);
  expect(kept(ring)).toEqual([1, 2, 3, 11, 12, 13]);
  expect(ring.next).toBe(21);
});

test("while nobody looks fewer of them are kept", () => {
  const ring = new PacketRing({ ...LIMITS, packets: 50, perSliceUnseen: 2 });
  const from = { host: "a", interface: "a-b", direction: "out", linkType: 1, time: 0 as Instant } as const;
  for (let i = 0; i < 5; i++)
    if (ring.wants(from.time)) ring.add(from, PacketBuffer.from(new Uint8Array(10)));
  expect(kept(ring)).toEqual([1, 2]);
  ring.isSeen = true;
  expect(ring.wants(from.time)).toBe(true);
});

test("whatever comes, each that is kept is whole, and the newest always is", () => {
  const lengths = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(lengths, all => {
      const ring = new PacketRing({ ...LIMITS, packets: 9 });
      const from = { host: "a", interface: "a-b", direction: "in", linkType: 1, time: 0 as Instant } as const;
      for (const [i, length] of all.entries())
        ring.add(from, PacketBuffer.from(new Uint8Array(length).fill(i + 1)));
      const whole = kept(ring).map(number => ring.at(number)?.bytes);
      const lasting = kept(ring).map(number =>
        new Uint8Array(Math.min(all[number - 1] ?? 0, LIMITS.snap)).fill(number),
      );
      expect(whole).toEqual(lasting);
      expect(kept(ring).at(-1)).toBe(all.length);
      expect(whole.reduce((sum, bytes) => sum + (bytes?.length ?? 0), 0)).toBeLessThanOrEqual(LIMITS.bytes);
      // Two of the longest may be lost to where the ring ends, and no more.
      expect(kept(ring).length).toBeGreaterThanOrEqual(Math.min(all.length, 2));
    }),
  );
});
