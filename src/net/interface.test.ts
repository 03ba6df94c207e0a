import { expect, test } from "vitest";
import { HEADROOM } from "../base/packet-buffer.ts";
import { BROADCAST_MAC } from "../wire/mac-address.ts";
import { onEthernet } from "./net-bench.ts";
import { payload, readEthernet } from "./net-bench-packets.ts";

test.each([
  [0x45, 0x0800],
  [0x60, 0x86dd],
])("a packet that begins with %i is sent as type %i, and its window comes back as it was", (first, type) => {
  const { net, device } = onEthernet();
  const packet = payload(40, first);
  expect(net.interfaces()[0]?.transmit(packet, BROADCAST_MAC)).toBe(true);
  expect([packet.start, packet.length]).toEqual([HEADROOM, 40]);
  expect(readEthernet(device.takeOne())).toMatchObject({ type, destination: BROADCAST_MAC });
});

test("a full device is told of, and the drop counted", () => {
  const { bench, net, device } = onEthernet();
  device.isFull = true;
  expect(net.interfaces()[0]?.transmit(payload(40, 0x45), BROADCAST_MAC)).toBe(false);
  expect(bench.drops).toEqual(["queue-full"]);
});
