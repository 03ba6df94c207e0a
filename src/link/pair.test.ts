import { describe, expect, test } from "vitest";
import { PacketBuffer } from "../base/packet-buffer.ts";
import { seconds } from "../base/time.ts";
import { createLoopback } from "./loopback.ts";
import type { FrameSink } from "./net-device.ts";
import { NO_OFFLOAD } from "./net-device.ts";
import { createPair } from "./pair.ts";
import { VirtualTime } from "./virtual-time.ts";

const frame = (length = 60): PacketBuffer => PacketBuffer.from(new Uint8Array(length));

function sink(receive: () => void = () => {}, writable: () => void = () => {}): FrameSink {
  return { receive, writable };
}

// What every device must do is in compliance.test.ts; here is what is the pair's own.
describe("pair", () => {
  test("a burst is one event of the scheduler", () => {
    const time = new VirtualTime();
    const [a, b] = createPair(time);
    let received = 0;
    b.attach(sink(() => received++));
    for (let i = 0; i < 10; i++) a.transmit(frame());
    expect(time.step()).toBe(true);
    expect(received).toBe(10);
    expect(time.step()).toBe(false);
  });

  test("a frame that is transmitted while a burst is carried belongs to the next", () => {
    const time = new VirtualTime();
    const device = createLoopback(time);
    let received = 0;
    device.attach(
      sink(() => {
        received++;
        device.transmit(frame());
      }),
    );
    device.transmit(frame());
    time.step();
    expect(received).toBe(1);
    time.step();
    expect(received).toBe(2);
  });

  test("holds 1,000 frames in each direction unless told otherwise", () => {
    const time = new VirtualTime();
    const [a, b] = createPair(time);
    let sent = 0;
    while (a.transmit(frame())) sent++;
    expect(sent).toBe(1_000);
    expect(b.transmit(frame())).toBe(true);
  });

  test("an Ethernet frame may have one or two VLAN tags beyond the MTU (IEEE 802.3ac)", () => {
    const time = new VirtualTime();
    const [a, b] = createPair(time);
    const lengths: number[] = [];
    b.attach({ receive: packet => lengths.push(packet.length), writable() {} });
    const tagged = frame(1_518);
    tagged.bytes.set([0x81, 0], tagged.start + 12);
    const doubly = frame(1_522);
    doubly.bytes.set([0x81, 0, 0, 1, 0x81, 0], doubly.start + 12);
    const thrice = frame(1_526);
    thrice.bytes.set([0x81, 0, 0, 1, 0x81, 0, 0, 1, 0x81, 0], thrice.start + 12);
    for (const packet of [frame(1_515), frame(1_514), tagged, doubly, thrice]) a.transmit(packet);
    time.runFor(seconds(1));
    expect(lengths).toEqual([1_514, 1_518, 1_522]);
    expect(a.counters.dropped).toBe(2);
  });

  test("has the names, medium and MTU that were asked for", () => {
    const [a, b] = createPair(new VirtualTime(), { medium: "ip", mtu: 1_280, names: ["left", "right"] });
    expect([a.name, b.name, a.medium, b.mtu]).toEqual(["left", "right", "ip", 1_280]);
    expect(createLoopback(new VirtualTime())).toMatchObject({ name: "lo", medium: "ip", mtu: 65_536 });
    expect(createLoopback(new VirtualTime()).offload).toEqual({ ...NO_OFFLOAD, checksum: true });
  });
});
