/**
 * TCP with the Linux kernel at the other end: openings, endings, failures, windows, and peers that lack
 * options.
 */
import { describe, expect } from "vitest";
import { milliseconds } from "../../src/base/time.ts";
import { listenTcp } from "../../src/socket/tcp-listener.ts";
import type { TcpState } from "../../src/tcp/states.ts";
import type { IpFamily } from "../../src/wire/address.ts";
import {
  connect,
  exchange,
  expectSame,
  failing,
  kernelSockets,
  OPENERS,
  open,
  openMany,
} from "./kernel-connection.ts";
import { type DeviceKind, KERNEL, type KernelHost, POSTEL, sleep, withKernelHost } from "./kernel-host.ts";
import { type ListeningReport, tcpPeer } from "./peer.ts";
import { rootTest } from "./root-test.ts";
import { receiveAll, sendSeeded } from "./stream-users.ts";

/** Both devices and both families, without all four of them everywhere. */
const LINKS: Array<readonly [DeviceKind, IpFamily]> = [
  ["tun", 4],
  ["tap", 6],
];

/** The states that our connections go through, listeners left out. */
function recorder() {
  const walk: TcpState[] = [];
  const probe = {
    stateChanged: (_tuple: unknown, from: TcpState, to: TcpState) => {
      if (from !== "LISTEN" && to !== "LISTEN") walk.push(to);
    },
  };
  return { walk, probe };
}

async function settled(kernelHost: KernelHost, walk: readonly TcpState[], last: TcpState): Promise<void> {
  await kernelHost.until(() => walk.at(-1) === last, `the states end in ${last}`);
}

describe.each([
  ["tun", 4],
  ["tun", 6],
  ["tap", 4],
  ["tap", 6],
] as const)("200 connections at once over %s, IPv%i", (kind, family) => {
  for (const opener of OPENERS) {
    rootTest(`opened by ${opener}: 100 kB each way, every hash right`, () =>
      withKernelHost({ kind }, async kernelHost => {
        const user = { send: 100_000, seed: 1_000 };
        const connections = await openMany(kernelHost, opener, family, 200, user);
        const peer = connections[0]?.peer;
        const ours = await Promise.all(
          connections.map(async ({ stream }, i) =>
            Promise.all([sendSeeded(stream, 100_000, i), receiveAll(stream), stream.closed]),
          ),
        );
        const reports = (await peer?.reports(200)) ?? [];
        expect(reports.every(report => report.ended === "fin")).toBe(true);
        const sorted = (hashes: string[]) => hashes.sort();
        expect(sorted(ours.map(([sent]) => sent.sha256))).toEqual(
          sorted(reports.map(report => report.receivedSha256)),
        );
        expect(sorted(ours.map(([, received]) => received.sha256))).toEqual(
          sorted(reports.map(report => report.sentSha256)),
        );
        expect(new Set(reports.map(report => report.sentSha256)).size).toBe(200);
      }),
    );
  }
});

describe.each(LINKS)("closing over %s, IPv%i", (kind, family) => {
  for (const opener of OPENERS) {
    rootTest(`opened by ${opener}: our half-close; the kernel answers after our FIN`, () => {
      const { walk, probe } = recorder();
      return withKernelHost({ kind, probe }, async kernelHost => {
        const user = { send: 70_000, afterEof: true, ending: "after-eof" } as const;
        const report = await exchange(await open(kernelHost, opener, family, user), 50_000);
        expect(report).toMatchObject({ received: 50_000, sent: 70_000 });
        expect(walk.slice(-4)).toEqual(["ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT"]);
        expect([...kernelHost.host.tcp.timeWaits()]).toHaveLength(1);
        await kernelHost.until(async () => (await kernelSockets(kernelHost)) === "", "the kernel has none");
      });
    });

    rootTest(`opened by ${opener}: the kernel's half-close; we answer after its FIN`, () => {
      const { walk, probe } = recorder();
      return withKernelHost({ kind, probe }, async kernelHost => {
        const { stream, peer } = await open(kernelHost, opener, family, { send: 50_000, ending: "shutdown" });
        const received = await receiveAll(stream);
        expect(stream.info().state).toBe("CLOSE-WAIT");
        const sent = await sendSeeded(stream, 70_000, 2);
        const [report] = await peer.reports(1);
        expectSame(report, sent, received);
        await stream.closed;
        await settled(kernelHost, walk, "CLOSED");
        expect(walk.slice(-4)).toEqual(["ESTABLISHED", "CLOSE-WAIT", "LAST-ACK", "CLOSED"]);
      });
    });

    rootTest(`opened by ${opener}: the kernel closes the socket first`, () =>
      withKernelHost({ kind }, async kernelHost => {
        const user = { send: 1_000, receive: 2_000, ending: "close" } as const;
        const { stream, peer } = await open(kernelHost, opener, family, user);
        const sent = await sendSeeded(stream, 2_000, 2, false);
        const received = await receiveAll(stream);
        const [report] = await peer.reports(1);
        await stream.writable.close();
        await stream.closed;
        expectSame(report, sent, received);
        expect([...kernelHost.host.tcp.timeWaits()]).toHaveLength(0);
      }),
    );

    rootTest(`opened by ${opener}: we close first, both directions`, () =>
      withKernelHost({ kind }, async kernelHost => {
        const { stream, peer } = await open(kernelHost, opener, family, { ending: "after-eof" });
        const { sha256 } = await sendSeeded(stream, 2_000, 2, false);
        await stream.close();
        expect(await peer.reports(1)).toMatchObject([
          { ended: "fin", received: 2_000, receivedSha256: sha256 },
        ]);
        expect([...kernelHost.host.tcp.timeWaits()]).toHaveLength(1);
      }),
    );
  }

  rootTest("both close at once: FINs cross, CLOSING on our side", () => {
    const { walk, probe } = recorder();
    const impairment = { delay: milliseconds(300) };
    return withKernelHost({ kind, probe, impairment }, async kernelHost => {
      const { stream, peer } = await open(kernelHost, "postel", family, { ending: "shutdown" });
      // Our handshake's ACK makes the kernel send its FIN. Ours must leave before that comes, and after that
      // left.
      await sleep(150);
      await Promise.all([receiveAll(stream), stream.writable.close(), stream.closed]);
      expect(walk).toEqual(["SYN-SENT", "ESTABLISHED", "FIN-WAIT-1", "CLOSING", "TIME-WAIT"]);
      expect(await peer.reports(1)).toMatchObject([{ ended: "fin" }]);
    });
  });
});

describe.each(LINKS)("resets over %s, IPv%i", (kind, family) => {
  rootTest("the kernel's SO_LINGER 0 is our ECONNRESET", () =>
    withKernelHost({ kind }, async kernelHost => {
      const { stream, peer } = await open(kernelHost, "kernel", family, { ending: "reset", receive: 10 });
      const reading = receiveAll(stream);
      const ends = [failing(reading, "ECONNRESET"), failing(stream.closed, "ECONNRESET")];
      await sendSeeded(stream, 10, 1, false);
      await Promise.all(ends);
      await failing(stream.writable.getWriter().write(new Uint8Array(1)), "ECONNRESET");
      await peer.reports(1);
    }),
  );

  rootTest("our abort is the kernel's ECONNRESET", () =>
    withKernelHost({ kind }, async kernelHost => {
      const { stream, peer } = await open(kernelHost, "postel", family, { ending: "hold" });
      await sendSeeded(stream, 1_000, 1, false);
      await kernelHost.until(() => stream.info().bytesAcked === 1_000, "all is acknowledged");
      const closed = failing(stream.closed, "ECONNABORTED");
      stream.abort();
      await closed;
      expect(await peer.reports(1)).toMatchObject([{ ended: "ECONNRESET", received: 1_000 }]);
    }),
  );

  rootTest("what the kernel sends to a stream that we have closed is answered with RST", () =>
    withKernelHost({ kind }, async kernelHost => {
      const { stream, peer } = await open(kernelHost, "kernel", family, { send: 10_000_000 });
      await kernelHost.until(() => stream.info().receiveQueue > 0, "something to read is there");
      await stream.close();
      const [report] = await peer.reports(1);
      expect(report?.ended).toMatch(/^(ECONNRESET|EPIPE)$/);
    }),
  );

  rootTest("a port where we do not listen is the kernel's ECONNREFUSED", () =>
    withKernelHost({ kind }, async ({ namespace }) => {
      const peer = tcpPeer(namespace, { role: "connect", host: POSTEL[family], port: 9 });
      expect(await peer.reports(1)).toMatchObject([{ ended: "ECONNREFUSED" }]);
    }),
  );

  rootTest("a port where the kernel does not listen is our ECONNREFUSED, by the first RST", () =>
    withKernelHost({ kind }, async kernelHost => {
      const stream = connect(kernelHost, family, 9);
      await failing(stream.opened, "ECONNREFUSED");
      expect(stream.info().retransmissions.syn).toBe(0);
    }),
  );
});

describe.each(LINKS)("opening over %s, IPv%i", (kind, family) => {
  rootTest("a stream that is written to and ended before it is open is delivered whole", () =>
    withKernelHost({ kind }, async kernelHost => {
      const user = { role: "listen", host: KERNEL[family], port: 0, ending: "after-eof" } as const;
      for (const bytes of [0, 5_000]) {
        const peer = tcpPeer(kernelHost.namespace, { ...user, send: 1_000 });
        const { port } = await peer.next<ListeningReport>();
        const stream = connect(kernelHost, family, port);
        expect(stream.info().state).toBe("SYN-SENT");
        await exchange({ stream, peer }, bytes);
      }
    }),
  );

  rootTest("both connect at once: SYNs cross, one connection", () => {
    const { walk, probe } = recorder();
    return withKernelHost({ kind, probe }, async kernelHost => {
      // The kernel's SYN is under way when ours leaves.
      kernelHost.wire.receiveImpairment = { delay: milliseconds(400) };
      const to = { host: POSTEL[family], port: 5_000, localPort: 4_000 };
      const peer = tcpPeer(kernelHost.namespace, { role: "connect", ...to, send: 10_000 });
      await kernelHost.until(
        async () => (await kernelSockets(kernelHost)).includes("SYN-SENT"),
        "the kernel has sent its SYN",
      );
      const stream = connect(kernelHost, family, 4_000, { localPort: 5_000 });
      await exchange({ stream, peer }, 20_000);
      expect(walk.slice(0, 3)).toEqual(["SYN-SENT", "SYN-RECEIVED", "ESTABLISHED"]);
    });
  });

  for (const timestamps of [0, 1]) {
    const sysctl = { "net.ipv4.tcp_timestamps": timestamps };
    const title = timestamps === 1 ? "by its newer timestamp" : "by its later sequence number";

    rootTest(`a new connection of the kernel takes the place of our TIME-WAIT, ${title} (RFC 6191)`, () =>
      withKernelHost({ kind, sysctl }, async ({ host, namespace }) => {
        const listener = listenTcp(host, { port: 80 });
        for (const seed of [1, 2, 3]) {
          const to = { host: POSTEL[family], port: 80, localPort: 4_001 };
          const peer = tcpPeer(namespace, { role: "connect", ...to, send: 5_000, seed, ending: "after-eof" });
          await exchange({ stream: await listener.accept(), peer }, 5_000, seed);
          expect([...host.tcp.timeWaits()]).toHaveLength(1);
        }
        expect(host.tcpCounters.passiveOpens).toBe(3);
      }),
    );

    rootTest(`the kernel gives up its TIME-WAIT for a new connection of ours, ${title}`, () =>
      withKernelHost({ kind, sysctl }, async kernelHost => {
        const listening = { role: "listen", host: KERNEL[family], port: 0, ending: "close" } as const;
        const peer = tcpPeer(kernelHost.namespace, { ...listening, connections: 3, receive: 5_000 });
        const { port } = await peer.next<ListeningReport>();
        for (const seed of [1, 2, 3]) {
          const stream = connect(kernelHost, family, port, { localPort: 5_001 });
          const { sha256 } = await sendSeeded(stream, 5_000, seed, false);
          await receiveAll(stream);
          await stream.close();
          expect(await peer.reports(1)).toMatchObject([{ ended: "fin", receivedSha256: sha256 }]);
          expect(stream.info().retransmissions.syn).toBe(0);
          // RFC 6528 §3: an initial sequence number is later by one each 4 µs, and 5,000 were used up.
          await sleep(50);
        }
      }),
    );
  }
});
