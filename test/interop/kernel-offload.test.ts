/**
 * Super-segments between the kernel and Postel: 64 MB each way over a TUN and a TAP device and over a packet
 * socket on a veth pair, hashes compared. Nothing lies between the host and the device, so both hand over
 * what they have whole.
 */
import { describe, expect } from "vitest";
import { Host } from "../../src/host/host.ts";
import { FULL_OFFLOAD } from "../../src/link/segmentation.ts";
import { Driver } from "../../src/node/driver.ts";
import { configureKernelSide } from "../../src/node/kernel-side.ts";
import { openPacketSocket } from "../../src/node/packet-socket.ts";
import { CryptoRandom } from "../../src/node/random.ts";
import { openTun, type TunDevice } from "../../src/node/tun.ts";
import { connectTcp } from "../../src/socket/socket.ts";
import { type IpFamily, ip } from "../../src/wire/address.ts";
import { exchange } from "./kernel-connection.ts";
import { DEVICE, FAMILIES, KERNEL, POSTEL } from "./kernel-host.ts";
import { type Namespace, withNamespace } from "./namespace.ts";
import { type ListeningReport, tcpPeer } from "./peer.ts";
import { ReferringSender } from "./referring-sender.ts";
import { rootTest } from "./root-test.ts";

const SIZE = 64_000_000;
const PREFIX = { 4: 24, 6: 64 } as const;
const DEVICES = ["tun", "tap", "packet socket"] as const;
type DeviceName = (typeof DEVICES)[number];

async function openDevice(name: DeviceName, namespace: Namespace, scheduler: Driver): Promise<TunDevice> {
  const netns = namespace.name;
  if (name !== "packet socket") return openTun({ kind: name, name: DEVICE, netns, scheduler });
  await namespace.ip("link", "add", DEVICE, "type", "veth", "peer", "name", "far0");
  await namespace.ip("link", "set", "far0", "up");
  return openPacketSocket({ name: "far0", netns, scheduler });
}

async function withDevice(
  name: DeviceName,
  body: (host: Host, device: TunDevice, namespace: Namespace) => Promise<void>,
): Promise<void> {
  await withNamespace(async namespace => {
    const driver = new Driver();
    const device = await openDevice(name, namespace, driver);
    try {
      const random = new CryptoRandom();
      const host = new Host({ clock: driver, random, scheduler: driver, name: "postel" });
      const addresses = FAMILIES.map(family => ({
        address: ip(POSTEL[family]),
        prefixLength: PREFIX[family],
      }));
      host.attach(device, { addresses, duplicateDetection: false });
      driver.add(host);
      const kernel = FAMILIES.map(family => `${KERNEL[family]}/${PREFIX[family]}`);
      await configureKernelSide(DEVICE, { addresses: kernel, up: true, netns: namespace.name });
      await body(host, device, namespace);
    } finally {
      device.close();
      driver.close();
    }
  });
}

describe.each(DEVICES)("super-segments over a %s", name => {
  for (const family of FAMILIES as readonly IpFamily[]) {
    rootTest(`64 MB each way, IPv${family}`, () =>
      withDevice(name, async (host, device, namespace) => {
        expect([device.offload, device.notes]).toEqual([FULL_OFFLOAD, []]);
        const peer = tcpPeer(namespace, {
          role: "listen",
          host: KERNEL[family],
          port: 0,
          send: SIZE,
          seed: 3,
        });
        const { port } = await peer.next<ListeningReport>();
        const stream = connectTcp(host, { remote: ip(KERNEL[family]), remotePort: port });
        await exchange({ stream, peer }, SIZE);
        const { receivedBytes, receivedFrames, transmittedBytes, transmittedFrames } = device.counters;
        expect(receivedBytes / receivedFrames).toBeGreaterThan(3_000);
        expect(transmittedBytes / transmittedFrames).toBeGreaterThan(3_000);
      }),
    );
  }

  rootTest("64 MB by reference, out of memory that is used again as soon as it may be", () =>
    withDevice(name, async (host, _device, namespace) => {
      const peer = tcpPeer(namespace, { role: "listen", host: KERNEL[4], port: 0, seed: 3 });
      const { port } = await peer.next<ListeningReport>();
      const sender = new ReferringSender(SIZE, 5);
      host.tcp.connect({ remote: ip(KERNEL[4]), remotePort: port }).observe(sender);
      const [report] = await peer.reports(1);
      expect(report).toMatchObject({ ended: "fin", received: SIZE, receivedSha256: sender.sha256() });
    }),
  );
});
