import { expect, test } from "vitest";
import { PacketBuffer } from "./packet-buffer.ts";
import { View } from "./view.ts";

test("shows one part, of one array", () => {
  const bytes = Uint8Array.of(1, 2, 3, 4);
  const view = new View();
  expect(view.shows(bytes, 0, 0)).toBe(false);
  view.show(bytes, 1, 3);
  expect([...view.bytes]).toEqual([2, 3]);
  const others = [
    [bytes.slice(), 1, 3],
    [bytes, 0, 3],
    [bytes, 1, 4],
  ] as const;
  for (const [array, from, to] of others) expect(view.shows(array, from, to)).toBe(false);
  expect(view.shows(bytes, 1, 3)).toBe(true);
});

test("a packet that is filled like the one before makes no new views", () => {
  const packet = new PacketBuffer(256);
  const seen = new Set<Uint8Array>();
  for (let i = 0; i < 10; i++) {
    packet.fill(Uint8Array.of(i, i, i, i), 0, 4);
    seen.add(packet.view()).add(packet.part(packet.start + 2, packet.end));
    expect([...packet.part(packet.start + 2, packet.end)]).toEqual([i, i]);
  }
  expect(seen.size).toBe(2);
  packet.bytes = new Uint8Array(256);
  expect([...packet.view()]).toEqual([0, 0, 0, 0]);
});
