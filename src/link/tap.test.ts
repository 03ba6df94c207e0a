import { expect, test } from "vitest";
import { PacketBuffer } from "../base/packet-buffer.ts";
import { seconds } from "../base/time.ts";
import { createPair } from "./pair.ts";
import { tap } from "./tap.ts";
import { VirtualTime } from "./virtual-time.ts";

test("a tap shows what goes out and what comes in, a frame that was refused only once it is taken", () => {
  const time = new VirtualTime();
  const [a, b] = createPair(time, { medium: "ip", queueLimit: 1 });
  const seen: string[] = [];
  const device = tap(a, {
    frame: (direction, frame) => seen.push(`${time.now()} ${direction} ${frame.length}`),
  });
  device.attach({
    receive: frame => seen.push(`received ${frame.length}`),
    writable: () => {
      device.transmit(PacketBuffer.from(new Uint8Array(20)));
    },
  });
  device.transmit(PacketBuffer.from(new Uint8Array(10)));
  expect(device.transmit(PacketBuffer.from(new Uint8Array(20)))).toBe(false);
  expect(seen).toEqual(["0 out 10"]);
  time.runFor(seconds(1));
  b.transmit(PacketBuffer.from(new Uint8Array(30)));
  time.runFor(seconds(1));
  expect(seen).toEqual(["0 out 10", "0 out 20", "1000000 in 30", "received 30"]);
  expect(device.counters).toBe(a.counters);
});

test("a tap shows checksums as they will be on a wire, and leaves the frame as it is", () => {
  const time = new VirtualTime();
  const [a, b] = createPair(time, { medium: "ip", offload: true });
  const fields: number[][] = [];
  const device = tap(a, {
    frame: (_, { bytes, start }) => fields.push([...bytes.slice(start + 26, start + 28)]),
  });
  const received: unknown[] = [];
  const note = ({ checksum, bytes, start }: PacketBuffer) => received.push(checksum, bytes[start + 26]);
  device.attach({ receive: note, writable() {} });
  b.attach({ receive: note, writable() {} });
  for (const end of [device, b]) {
    // An empty datagram of 20 bytes of IPv4, from 0.0.0.0 to itself: 17 + 8 + 8 make its sum.
    const frame = PacketBuffer.from(new Uint8Array(28));
    frame.bytes.set([0x45, 0, 0, 28, 0, 0, 0, 0, 0, 17], frame.start);
    frame.bytes[frame.start + 25] = 8;
    Object.assign(frame, { network: frame.start, transport: frame.start + 20, checksum: "partial" });
    end.transmit(frame);
    time.runFor(seconds(1));
  }
  expect(fields).toEqual([
    [0xff, 0xff - 33],
    [0xff, 0xff - 33],
  ]);
  expect(received).toEqual(["partial", 0, "partial", 0]);
});
