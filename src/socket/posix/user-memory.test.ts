import fc from "fast-check";
import { expect, test } from "vitest";
import { UserMemory } from "./user-memory.ts";

test("vectors are one row of bytes: what is put in comes out, wherever they part", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(9), { maxLength: 6 }),
      fc.nat(20),
      fc.uint8Array({ maxLength: 40 }),
      (sizes, at, bytes) => {
        const vectors = sizes.map(size => ({ bytes: new Uint8Array(size) }));
        const memory = new UserMemory(vectors);
        const total = sizes.reduce((sum, size) => sum + size, 0);
        expect(memory.length).toBe(total);
        const done = memory.put(at, bytes);
        expect(done).toBe(Math.max(0, Math.min(bytes.length, total - at)));
        const whole = memory.gather() as Uint8Array;
        expect([...whole.subarray(at, at + done)]).toEqual([...bytes.subarray(0, done)]);
      },
    ),
  );
});

test("a null pointer faults where it is touched, not before; an empty one never", () => {
  const first = new Uint8Array(2);
  const memory = new UserMemory([{ bytes: first }, { bytes: null, length: 0 }, { bytes: null, length: 3 }]);
  expect(memory.length).toBe(5);
  expect(memory.put(0, Uint8Array.of(1, 2, 3))).toBe(2);
  expect([...first]).toEqual([1, 2]);
  expect(memory.run(2, 9)).toBeUndefined();
  expect(memory.run(5, 9)).toHaveLength(0);
  expect(memory.gather()).toBeUndefined();
  expect(UserMemory.of(null, 0).gather()).toHaveLength(0);
});

test("a length may be less than the buffer's, not more", () => {
  expect(UserMemory.of(new Uint8Array(10), 4).length).toBe(4);
  expect(UserMemory.of(new Uint8Array(10), 40).length).toBe(10);
});
