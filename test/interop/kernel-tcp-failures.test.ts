/**
 * TCP with the Linux kernel at the other end when something does not go on: the peer is gone, or does not
 * read.
 */
import { describe, expect } from "vitest";
import { milliseconds } from "../../src/base/time.ts";
import type { IpFamily } from "../../src/wire/address.ts";
import {
  connect,
  exchange,
  expectSame,
  failing,
  kernelCounter,
  kernelSockets,
  OPENERS,
  open,
} from "./kernel-connection.ts";
import { type DeviceKind, POSTEL, sleep, withKernelHost } from "./kernel-host.ts";
import { tcpPeer } from "./peer.ts";
import { rootTest } from "./root-test.ts";
import { receiveAll, sendSeeded } from "./stream-users.ts";

const LINKS: Array<readonly [DeviceKind, IpFamily]> = [
  ["tun", 4],
  ["tap", 6],
];

/** Longer than the three seconds that a neighbor is asked for. */
const SYN_RETRIES = { tun: 1, tap: 2 };

describe.each(LINKS)("the peer vanishes, over %s, IPv%i", (kind, family) => {
  rootTest("what we send is not acknowledged any more: ETIMEDOUT after the last retransmission", () =>
    withKernelHost({ kind, tcp: { retries2: 2 } }, async kernelHost => {
      const { stream } = await open(kernelHost, "postel", family, { ending: "hold" });
      await sendSeeded(stream, 100_000, 1, false);
      kernelHost.cutCable();
      const ends = [failing(stream.closed, "ETIMEDOUT"), failing(receiveAll(stream), "ETIMEDOUT")];
      await failing(sendSeeded(stream, 3_000_000, 2, false), "ETIMEDOUT");
      await Promise.all(ends);
      expect(stream.info().retransmissions.timeout).toBeGreaterThanOrEqual(2);
    }),
  );

  rootTest("what the kernel sends is not acknowledged any more: its ETIMEDOUT", () =>
    withKernelHost({ kind, sysctl: { "net.ipv4.tcp_retries2": 3 } }, async kernelHost => {
      const { stream, peer } = await open(kernelHost, "kernel", family, { send: 50_000_000 });
      await kernelHost.until(() => stream.info().bytesReceived > 50_000, "the transfer is under way");
      kernelHost.cutCable();
      expect(await peer.reports(1)).toMatchObject([{ ended: "ETIMEDOUT" }]);
      stream.abort();
    }),
  );

  rootTest("an idle connection ends by unanswered keepalives, and an answered one stays", () =>
    withKernelHost(
      { kind, tcp: { keepaliveInterval: milliseconds(50), keepaliveProbes: 3 } },
      async kernelHost => {
        const { stream } = await open(kernelHost, "postel", family, { ending: "hold" });
        stream.setKeepAlive(true, milliseconds(100));
        await kernelHost.until(
          () => kernelHost.host.tcpCounters.keepaliveProbes >= 4,
          "probes were answered",
        );
        expect(stream.info().state).toBe("ESTABLISHED");
        kernelHost.cutCable();
        await failing(stream.closed, "ETIMEDOUT");
      },
    ),
  );

  // On Ethernet the neighbor is asked for first: who does not answer that is unreachable.
  const code = kind === "tun" ? "ETIMEDOUT" : "EHOSTUNREACH";
  rootTest(`our SYN is not answered: ${code}`, () =>
    withKernelHost({ kind, tcp: { synRetries: SYN_RETRIES[kind] } }, async kernelHost => {
      kernelHost.cutCable();
      await failing(connect(kernelHost, family, 80).opened, code);
    }),
  );

  rootTest(`the kernel's SYN is not answered: ${code}`, () =>
    withKernelHost({ kind, sysctl: { "net.ipv4.tcp_syn_retries": SYN_RETRIES[kind] } }, async kernelHost => {
      kernelHost.cutCable();
      const peer = tcpPeer(kernelHost.namespace, { role: "connect", host: POSTEL[family], port: 80 });
      expect(await peer.reports(1)).toMatchObject([{ ended: code }]);
    }),
  );

  rootTest("the cable is mended in time: the transfer goes on, both ways", () =>
    withKernelHost({ kind }, async kernelHost => {
      const connection = await open(kernelHost, "kernel", family, { send: 20_000_000 });
      const exchanged = exchange(connection, 20_000_000);
      await kernelHost.until(() => connection.stream.info().bytesReceived > 100_000, "it is under way");
      kernelHost.cutCable();
      await sleep(1_000);
      kernelHost.mendCable();
      await exchanged;
      expect(connection.stream.info().retransmissions.timeout).toBeGreaterThan(0);
    }),
  );
});

describe.each(LINKS)("a window of zero, over %s, IPv%i", (kind, family) => {
  for (const opener of OPENERS) {
    rootTest(`opened by ${opener}: a reader of the kernel that sleeps is probed, and nothing is lost`, () =>
      withKernelHost({ kind }, async kernelHost => {
        const user = { readDelay: 1.5, receiveBuffer: 8_192 };
        const connection = await open(kernelHost, opener, family, user);
        await exchange(connection, 300_000);
        const info = connection.stream.info();
        expect(info.windowProbes).toBeGreaterThanOrEqual(2);
        // What the kernel's window did not allow was not sent.
        expect(info.bytesRetransmitted).toBeLessThan(10_000);
      }),
    );

    rootTest(`opened by ${opener}: our reader that sleeps is probed by the kernel, and nothing is lost`, () =>
      withKernelHost({ kind, tcp: { receiveBuffer: 50_000 } }, async kernelHost => {
        const { stream, peer } = await open(kernelHost, opener, family, { send: 1_000_000, seed: 9 });
        await kernelHost.until(
          async () => (await kernelSockets(kernelHost)).includes("timer:(persist"),
          "the kernel waits for our window",
        );
        await kernelHost.until(
          async () => (await kernelCounter(kernelHost, "TcpExtTCPWinProbe")) >= 2,
          "the kernel has probed twice",
        );
        const { receiveQueue, receiveWindow } = stream.info();
        // A scaled window is rounded up, and what was told once is not taken back: less than a segment.
        expect(receiveQueue).toBeLessThan(50_000 + 1_448);
        expect(receiveWindow).toBeLessThan(1_500);
        const [received, sent] = await Promise.all([receiveAll(stream), sendSeeded(stream, 0, 1)]);
        expectSame((await peer.reports(1))[0], sent, received);
      }),
    );
  }

  rootTest("our window update is lost: the kernel's probe finds the window open", () =>
    withKernelHost({ kind, tcp: { receiveBuffer: 50_000 } }, async kernelHost => {
      const { stream, peer } = await open(kernelHost, "kernel", family, { send: 1_000_000, seed: 9 });
      await kernelHost.until(
        async () => (await kernelSockets(kernelHost)).includes("timer:(persist"),
        "the kernel waits for our window",
      );
      kernelHost.cutCable();
      const receiving = receiveAll(stream);
      await kernelHost.until(() => stream.info().receiveQueue === 0, "all is read");
      await sleep(50);
      expect(kernelHost.wire.transmitFates.lost).toBeGreaterThan(0);
      kernelHost.mendCable();
      const [received, sent] = await Promise.all([receiving, sendSeeded(stream, 0, 1)]);
      expectSame((await peer.reports(1))[0], sent, received);
    }),
  );

  rootTest("the kernel's window update is lost: our probe finds the window open", () =>
    withKernelHost({ kind }, async kernelHost => {
      const user = { readDelay: 1.5, receiveBuffer: 8_192 };
      const connection = await open(kernelHost, "postel", family, user);
      const exchanged = exchange(connection, 300_000);
      await kernelHost.until(() => connection.stream.info().windowProbes > 0, "the window is closed");
      kernelHost.cutCable();
      await sleep(2_000);
      expect(kernelHost.wire.receiveFates.lost).toBeGreaterThan(0);
      kernelHost.mendCable();
      await exchanged;
    }),
  );
});
