import { expect, test } from "vitest";
import { PacketBuffer } from "../base/packet-buffer.ts";
import type { Libc } from "./ffi.ts";
import { GatheredWrite } from "./gathered-write.ts";

test("headers and both pieces of a ring go out in one call, by their addresses", () => {
  const ring = new Uint8Array(4_096);
  const frame = PacketBuffer.from(new Uint8Array(52));
  const places = new Map([
    [frame.bytes, 0x7fff_1234_5678],
    [ring, 0x1_0000],
  ]);
  const calls: unknown[] = [];
  let asked = 0;
  const libc = {
    addressOf(bytes: Uint8Array) {
      asked++;
      return places.get(bytes) ?? 0;
    },
    writev(descriptor: number, vector: Uint8Array, count: number) {
      const fields = new BigUint64Array(vector.buffer, 0, 2 * count);
      calls.push([descriptor, ...Array.from(fields, Number)]);
      return 1_000;
    },
  } as unknown as Libc;
  const gathered = new GatheredWrite(libc);
  frame.gather().add(ring, 4_000, 4_096);
  frame.gather().add(ring, 0, 852);
  expect(gathered.write(7, frame, frame.start - 10)).toBe(1_000);
  frame.gather().clear();
  frame.gather().add(ring, 0, 100);
  gathered.write(7, frame, frame.start);
  const header = 0x7fff_1234_5678 + frame.start;
  expect(calls).toEqual([
    [7, header - 10, 62, 0x1_0000 + 4_000, 96, 0x1_0000, 852],
    [7, header, 52, 0x1_0000, 100],
  ]);
  expect(asked).toBe(2);
});
