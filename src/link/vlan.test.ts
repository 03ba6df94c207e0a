import { describe, expect, test } from "vitest";
import { hex } from "../base/bytes.ts";
import { PacketBuffer } from "../base/packet-buffer.ts";
import { milliseconds } from "../base/time.ts";
import type { NetDevice } from "./net-device.ts";
import { createPair } from "./pair.ts";
import { VirtualTime } from "./virtual-time.ts";
import { VlanTrunk, vlan } from "./vlan.ts";

const ADDRESSES = "020000000002020000000001";
const untagged = (payload: string): string => `${ADDRESSES}0800${payload}`;
const tagged = (control: string, payload: string): string => `${ADDRESSES}8100${control}0800${payload}`;

function packet(text: string): PacketBuffer {
  return PacketBuffer.from(Uint8Array.from(text.match(/../g) ?? [], byte => Number.parseInt(byte, 16)));
}

function wire() {
  const time = new VirtualTime();
  const [a, b] = createPair(time);
  const run = (): void => time.runFor(milliseconds(1));
  return { a, b, run };
}

function heardBy(device: NetDevice): string[] {
  const heard: string[] = [];
  device.attach({ receive: frame => heard.push(hex(frame.view())), writable() {} });
  return heard;
}

describe("VLAN", () => {
  test("tags what it transmits with its id and priority, behind the addresses (802.1Q §9.3)", () => {
    const { a, b, run } = wire();
    const heard = heardBy(b);
    const device = vlan(a, 0x123, { priority: 5 });
    expect(device.name).toBe("pair0.291");
    device.transmit(packet(untagged("aabb")));
    run();
    expect(heard).toEqual([tagged("a123", "aabb")]);
  });

  test("each VLAN receives its own frames without the tag, the untagged device the others", () => {
    const { a, b, run } = wire();
    const trunk = new VlanTrunk(b);
    const [one, two, plain] = [heardBy(trunk.vlan(1)), heardBy(trunk.vlan(2)), heardBy(trunk.untagged())];
    for (const text of [tagged("0001", "01"), tagged("e002", "02"), untagged("03"), tagged("a000", "04")]) {
      a.transmit(packet(text));
    }
    run();
    expect(one).toEqual([untagged("01")]);
    expect(two).toEqual([untagged("02")]);
    expect(plain).toEqual([untagged("03"), untagged("04")]);
  });

  test("counts the frames of unknown VLANs and those that end within the tag", () => {
    const { a, b, run } = wire();
    const dropped: string[] = [];
    const trunk = new VlanTrunk(b, reason => dropped.push(reason));
    const heard = heardBy(trunk.vlan(1));
    for (const text of [tagged("0002", "00"), untagged("00"), `${ADDRESSES}81000001`, ADDRESSES]) {
      a.transmit(packet(text));
    }
    run();
    expect(heard).toEqual([]);
    expect(dropped).toEqual(["vlan-unknown", "vlan-unknown", "frame-truncated", "frame-truncated"]);
  });

  test("carries the whole MTU: the tag is not part of it (IEEE 802.3ac)", () => {
    const { a, b, run } = wire();
    const heard = heardBy(vlan(b, 9));
    vlan(a, 9).transmit(packet(untagged("00".repeat(1_500))));
    run();
    expect(heard[0]?.length).toBe(2 * 1_514);
  });

  test("a closed VLAN leaves its place to another, and the device open", () => {
    const { a, b, run } = wire();
    const trunk = new VlanTrunk(b);
    trunk.vlan(1).close();
    const heard = heardBy(trunk.vlan(1));
    a.transmit(packet(tagged("0001", "05")));
    run();
    expect(heard).toEqual([untagged("05")]);
    expect(() => trunk.vlan(1)).toThrow("in use");
    expect(() => trunk.vlan(4_095)).toThrow("1 … 4094");
  });
});
