/**
 * Super-datagrams between the kernel and Postel: many datagrams in one call, handed over in one piece. Each
 * size and byte must be what the sender made them, also where the device joins nothing and they are cut.
 */
import { createHash, randomBytes } from "node:crypto";
import { describe, expect } from "vitest";
import { Host } from "../../src/host/host.ts";
import { Driver } from "../../src/node/driver.ts";
import { configureKernelSide } from "../../src/node/kernel-side.ts";
import { CryptoRandom } from "../../src/node/random.ts";
import { openTun, type TunDevice } from "../../src/node/tun.ts";
import { openUdp, type UdpSocket } from "../../src/socket/socket.ts";
import { ip } from "../../src/wire/address.ts";
import { DEVICE, FAMILIES, KERNEL, KINDS, POSTEL } from "./kernel-host.ts";
import { withNamespace } from "./namespace.ts";
import { type ListeningReport, type Peer, udpSegmentsPeer } from "./peer.ts";
import { rootTest } from "./root-test.ts";

const SIZE = 1_000;
const PER_CALL = 40;
const CALLS = 20;
const LENGTH = SIZE * PER_CALL - SIZE / 2;
const PREFIX = { 4: 24, 6: 64 } as const;

interface Stage {
  readonly device: TunDevice;
  readonly socket: UdpSocket;
  readonly peer: Peer;
}

function withPeer(
  family: 4 | 6,
  options: { kind: "tun" | "tap"; offload: boolean },
  body: (stage: Stage) => Promise<void>,
): Promise<void> {
  return withNamespace(async namespace => {
    const driver = new Driver();
    const device = openTun({ ...options, name: DEVICE, netns: namespace.name, scheduler: driver });
    try {
      const host = new Host({
        clock: driver,
        random: new CryptoRandom(),
        scheduler: driver,
        name: "postel",
      });
      const address = ip(POSTEL[family]);
      host.attach(device, {
        addresses: [{ address, prefixLength: PREFIX[family] }],
        duplicateDetection: false,
      });
      driver.add(host);
      const addresses = [`${KERNEL[family]}/${PREFIX[family]}`];
      await configureKernelSide(DEVICE, { addresses, up: true, netns: namespace.name });
      const peer = udpSegmentsPeer(namespace, {
        host: KERNEL[family],
        size: SIZE,
        perCall: PER_CALL,
        calls: CALLS,
      });
      const { port } = await peer.next<ListeningReport>();
      const socket = openUdp(host, { address });
      socket.connect(ip(KERNEL[family]), port);
      await body({ device, socket, peer });
    } finally {
      device.close();
      driver.close();
    }
  });
}

/** Hears the peer's calls, each answered with a datagram so that the next one comes. */
async function hear({ socket, peer }: Stage): Promise<void> {
  const hash = createHash("sha256");
  socket.send(new Uint8Array(1));
  for (let call = 0; call < CALLS; call++) {
    for (let i = 0; i < PER_CALL; i++) {
      const { bytes } = await socket.receive();
      expect(bytes.length).toBe(i === PER_CALL - 1 ? SIZE / 2 : SIZE);
      hash.update(bytes);
    }
    socket.send(new Uint8Array(1));
  }
  expect(await peer.next()).toEqual({ event: "sent", sha256: hash.digest("hex") });
}

interface Received {
  readonly sha256: string;
  readonly pieces: number;
  readonly datagrams: number;
}

async function speak({ socket, peer }: Stage): Promise<Received> {
  const hash = createHash("sha256");
  for (let call = 0; call < CALLS; call++) {
    const bytes = randomBytes(LENGTH);
    hash.update(bytes);
    socket.sendMany(bytes, SIZE);
    await socket.receive();
  }
  const report = await peer.next<Received>();
  expect(report).toMatchObject({ sha256: hash.digest("hex"), datagrams: CALLS * PER_CALL });
  return report;
}

describe.each(KINDS)("datagrams in calls of many over %s", kind => {
  for (const family of FAMILIES) {
    rootTest(`stay joined on the device, IPv${family}`, () =>
      withPeer(family, { kind, offload: true }, async stage => {
        const { counters, offload } = stage.device;
        expect(offload.cutsUdp).toBe(true);
        await hear(stage);
        expect(counters.receivedBytes / counters.receivedFrames).toBeGreaterThan(LENGTH / 2);
        const { transmittedFrames } = counters;
        const { pieces } = await speak(stage);
        expect([counters.transmittedFrames - transmittedFrames, pieces]).toEqual([CALLS, CALLS]);
      }),
    );

    rootTest(`are cut and joined by nobody without offloads, IPv${family}`, () =>
      withPeer(family, { kind, offload: false }, async stage => {
        const { counters } = stage.device;
        await hear(stage);
        expect(counters.receivedFrames).toBeGreaterThanOrEqual(CALLS * PER_CALL);
        const { pieces } = await speak(stage);
        expect(pieces).toBe(CALLS * PER_CALL);
      }),
    );
  }
});
