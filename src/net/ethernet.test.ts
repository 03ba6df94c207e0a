import { describe, expect, test } from "vitest";
import { PacketBuffer } from "../base/packet-buffer.ts";
import { BROADCAST_MAC, type MacAddress } from "../wire/mac-address.ts";
import { ArrivedFrame, prependEthernet } from "./ethernet.ts";
import { frame, OUR_MAC, PEER_MAC } from "./net-bench-packets.ts";

const PAYLOAD = Uint8Array.of(1, 2, 3, 4);

function tagged(control: number): Uint8Array {
  return frame(0x8100, Uint8Array.of(control >>> 8, control & 0xff, 0x08, 0x00, ...PAYLOAD));
}

describe("a frame that arrives", () => {
  test("for us: its type, and the window moved to its payload", () => {
    const arrived = new ArrivedFrame();
    const packet = PacketBuffer.from(frame(0x0800, PAYLOAD));
    expect(arrived.read(packet, OUR_MAC)).toBe(undefined);
    expect(arrived).toMatchObject({ type: 0x0800, source: PEER_MAC, isGroup: false });
    expect(packet.view()).toEqual(PAYLOAD);
  });

  test("for all", () => {
    const arrived = new ArrivedFrame();
    expect(arrived.read(PacketBuffer.from(frame(0x0800, PAYLOAD, BROADCAST_MAC)), OUR_MAC)).toBe(undefined);
    expect(arrived.isGroup).toBe(true);
  });

  test("with a priority tag is as one without (IEEE 802.1Q)", () => {
    const arrived = new ArrivedFrame();
    const packet = PacketBuffer.from(tagged(0xe000));
    expect(arrived.read(packet, OUR_MAC)).toBe(undefined);
    expect(arrived.type).toBe(0x0800);
    expect(packet.view()).toEqual(PAYLOAD);
  });

  test.each([
    ["for another station", frame(0x0800, PAYLOAD, 0x0200_0000_0099 as MacAddress), "frame-not-for-us"],
    ["that we sent ourselves", frame(0x0800, PAYLOAD, BROADCAST_MAC, OUR_MAC), "frame-not-for-us"],
    ["of a VLAN", tagged(0x0005), "vlan-unknown"],
    ["that is cut off", frame(0x0800, PAYLOAD).subarray(0, 13), "frame-truncated"],
    ["whose tag is cut off", tagged(0).subarray(0, 16), "frame-truncated"],
  ] as const)("%s is dropped", (_, bytes, reason) => {
    expect(new ArrivedFrame().read(PacketBuffer.from(bytes), OUR_MAC)).toBe(reason);
  });
});

test("a header goes before the packet", () => {
  const packet = PacketBuffer.from(PAYLOAD);
  prependEthernet(packet, 0x0800, PEER_MAC, OUR_MAC);
  expect(packet.view()).toEqual(frame(0x0800, PAYLOAD));
});
