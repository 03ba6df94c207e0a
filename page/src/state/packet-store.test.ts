import { expect, test } from "vitest";
import { tcpPacket } from "../../../test/page/messages.ts";
import { PacketStore } from "./packet-store.ts";

function store(): PacketStore {
  return new PacketStore({ packets: 10, characters: 1_000_000 });
}

test("the newest packets are kept, the others are counted", () => {
  const packets = store();
  for (let number = 1; number <= 35; number++) {
    packets.apply({ type: "packets", packets: [tcpPacket(number)], skipped: number === 1 ? 4 : 0 });
    expect(packets.copy().length).toBe(Math.min(number, 10));
  }
  expect(packets.copy().map(({ number }) => number)).toEqual([26, 27, 28, 29, 30, 31, 32, 33, 34, 35]);
  expect(packets.skipped).toBe(29);
});

test("long packets are fewer: their bytes are bounded too", () => {
  const packets = new PacketStore({ packets: 1000, characters: 10_000 });
  const long = tcpPacket(1, "x".repeat(3000));
  packets.apply({ type: "packets", packets: [long, long, long, long], skipped: 0 });
  expect(packets.copy().length).toBe(2);
  expect(packets.skipped).toBe(2);
});

test("cleared, it begins again", () => {
  const packets = store();
  packets.apply({ type: "packets", packets: [tcpPacket(1)], skipped: 3 });
  packets.clear();
  expect(packets.copy()).toEqual([]);
  expect(packets.skipped).toBe(0);
});
