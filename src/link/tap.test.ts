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
