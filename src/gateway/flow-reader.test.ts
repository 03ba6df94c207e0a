import fc from "fast-check";
import { expect, test } from "vitest";
import { PacketBuffer } from "../base/packet-buffer.ts";
import { SeededRandom } from "../base/random.ts";
import { Host } from "../host/host.ts";
import { createPair } from "../link/pair.ts";
import { tap } from "../link/tap.ts";
import { VirtualTime } from "../link/virtual-time.ts";
import { ip } from "../wire/address.ts";
import { FlowReader } from "./flow-reader.ts";

/** What a host sends for these calls, packet by packet. */
function packetsOf(use: (host: Host) => void): Uint8Array[] {
  const time = new VirtualTime();
  const host = new Host({ clock: time, random: new SeededRandom(3) });
  const packets: Uint8Array[] = [];
  const [device] = createPair(time, { medium: "ip" });
  host.attach(tap(device, { frame: (_direction, frame) => packets.push(frame.view().slice()) }), {
    addresses: [
      { address: ip("10.0.0.2"), prefixLength: 24 },
      { address: ip("fd00::2"), prefixLength: 64 },
    ],
  });
  use(host);
  host.poll();
  return packets;
}

const FAR = { 4: ip("10.0.0.77"), 6: ip("fd00::77") };

test.each([4, 6] as const)("a SYN of IPv%d is read, and is an opening", family => {
  const [syn] = packetsOf(host => host.tcp.connect({ remote: FAR[family], remotePort: 443 }));
  const reader = new FlowReader();
  expect(reader.read(PacketBuffer.from(syn as Uint8Array))).toBe(true);
  expect(reader).toMatchObject({ protocol: "tcp", destinationPort: 443, isOpening: true });
  expect(reader.destination.toString()).toBe(FAR[family].toString());
});

test.each([4, 6] as const)("of a datagram of IPv%d in fragments only the first is read", family => {
  const packets = packetsOf(host => {
    const endpoint = host.udp.open({ family });
    expect(endpoint.send(new Uint8Array(4_000), { address: FAR[family], port: 53 })).toBeUndefined();
  });
  expect(packets).toHaveLength(3);
  const reader = new FlowReader();
  expect(packets.map(packet => reader.read(PacketBuffer.from(packet)))).toEqual([true, false, false]);
  expect(reader).toMatchObject({ protocol: "udp", destinationPort: 53, isOpening: false });
});

test.each([4, 6] as const)(
  "any one bit that flips in a SYN of IPv%d is noticed, or changes nothing that is read",
  family => {
    const [syn] = packetsOf(host => host.tcp.connect({ remote: FAR[family], remotePort: 443 }));
    const good = syn as Uint8Array;
    const reader = new FlowReader();
    for (let bit = 0; bit < good.length * 8; bit++) {
      const bad = good.slice();
      bad[bit >> 3] = (bad[bit >> 3] as number) ^ (1 << (bit & 7));
      if (!reader.read(PacketBuffer.from(bad)) || !reader.isOpening) continue;
      expect([reader.destination.toString(), reader.destinationPort]).toEqual([FAR[family].toString(), 443]);
    }
  },
);

test("arbitrary bytes never throw", () => {
  const reader = new FlowReader();
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 120 }),
      fc.constantFrom(0x45, 0x4f, 0x60, 0x00),
      (bytes, first) => {
        if (bytes.length > 0) bytes[0] = first;
        reader.read(PacketBuffer.from(bytes));
      },
    ),
  );
});
