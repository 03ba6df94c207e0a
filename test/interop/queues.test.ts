/**
 * A TUN device with two queues, and a worker with a whole stack on each: the kernel's connections are divided
 * between them, what comes to the wrong one finds its way, and nothing is left behind at the end.
 */
import { describe, expect } from "vitest";
import { configureKernelSide } from "../../src/node/kernel-side.ts";
import type { QueueGroup } from "../../src/node/queue-group.ts";
import { type Namespace, withNamespace } from "./namespace.ts";
import { type ListeningReport, queuePeer, tcpPeer } from "./peer.ts";
import { rootTest } from "./root-test.ts";

const KERNEL = "10.77.0.1";
const POSTEL = "10.77.0.2";
const QUEUES = 2;
const DEVICE = "postel0";
const MODULE = new URL("peers/queue-services.js", import.meta.url);

/** Workers run what was built: a thread of Node takes no TypeScript. */
const { serveOnQueues } = (await import(
  new URL("../../dist/node/node.js", import.meta.url).href
)) as typeof import("../../src/node/node.ts");

interface Group {
  readonly group: QueueGroup;
  /** Of each worker: served, strays, heard. */
  counts(): number[][];
}

async function open(namespace: Namespace, data: object = {}): Promise<Group> {
  const counts = new Int32Array(new SharedArrayBuffer(4 * 3 * QUEUES));
  // An address needs the device, and a worker that connects at once needs the address.
  await namespace.ip("tuntap", "add", DEVICE, "mode", "tun", "multi_queue");
  await configureKernelSide(DEVICE, { addresses: [`${KERNEL}/24`], up: true, netns: namespace.name });
  const group = await serveOnQueues({
    queues: QUEUES,
    module: MODULE,
    data: { counts, ...data },
    name: DEVICE,
    netns: namespace.name,
    addresses: [`${POSTEL}/24`],
  });
  return { group, counts: () => [counts.slice(0, 3), counts.slice(3)].map(own => [...own]) };
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise(resolve => setTimeout(resolve, 10));
}

function sum(counts: number[][], which: number): number {
  return counts.reduce((total, own) => total + (own[which] ?? 0), 0);
}

describe("two workers on two queues", () => {
  rootTest("16 connections, 4 MB there and back on each, are divided between them", () =>
    withNamespace(async namespace => {
      const { group, counts } = await open(namespace);
      const peer = tcpPeer(namespace, {
        role: "connect",
        host: POSTEL,
        port: 7,
        connections: 16,
        send: 4_000_000,
        seed: 5,
      });
      for (const { received, receivedSha256, sentSha256, ended } of await peer.reports(16)) {
        expect([received, receivedSha256, ended]).toEqual([4_000_000, sentSha256, "fin"]);
      }
      expect(sum(counts(), 0)).toBe(16);
      for (const [served] of counts()) expect(served).toBeGreaterThan(0);
      await group.close();
    }),
  );

  rootTest("a connection that one of them has opened is heard after the kernel has forgotten its queue", () =>
    withNamespace(async namespace => {
      const opens = 8;
      const peer = queuePeer(namespace, ["late", "0.0.0.0", String(QUEUES * opens), "4"]);
      const { port: remotePort } = await peer.next<ListeningReport>();
      const { group, counts } = await open(namespace, { opens, remote: KERNEL, remotePort });
      await until(() => sum(counts(), 2) === QUEUES * opens);
      expect(counts().map(([, , heard]) => heard)).toEqual([opens, opens]);
      await until(() => sum(counts(), 1) > 0);
      await group.close();
    }),
  );

  rootTest("what one of them alone serves is found by all, fragments too, and the unknown is refused", () =>
    withNamespace(async namespace => {
      const { group, counts } = await open(namespace);
      const peer = queuePeer(namespace, ["ask", POSTEL, "8"]);
      const eight = (answer: unknown) => Array.from({ length: 8 }, () => answer);
      expect(await peer.next()).toEqual({
        tcp: eight("question"),
        udp: eight(100),
        fragments: eight(5_000),
        closedTcp: eight("ECONNREFUSED"),
        closedUdp: eight("ECONNREFUSED").slice(0, 3),
      });
      await until(() => counts().every(([, strays]) => (strays ?? 0) > 0));
      await group.close();
    }),
  );

  rootTest("a worker that crashes ends the group, which says why", () =>
    withNamespace(async namespace => {
      await expect(open(namespace, { crash: "at once" })).rejects.toThrow("a bug at once");
    }),
  );

  rootTest("one that crashes while it serves too, and the device is free again", () =>
    withNamespace(async namespace => {
      const { group, counts } = await open(namespace, { crash: "when asked" });
      expect(sum(counts(), 0)).toBe(0);
      const peer = tcpPeer(namespace, { role: "connect", host: POSTEL, port: 7, send: 1, seed: 1 });
      await expect(group.ended).rejects.toThrow("a bug when asked");
      peer.kill();
      await namespace.ip("link", "del", DEVICE);
      const again = await open(namespace);
      await again.group.close();
    }),
  );
});
