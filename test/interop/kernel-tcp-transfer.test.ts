/** 64 MB between the kernel and Postel, hashes compared: over TUN and TAP, both families, each way of opening. */
import { expect } from "vitest";
import type { Impairment } from "../../src/link/impair.ts";
import { connectTcp, type TcpStream } from "../../src/socket/tcp-stream.ts";
import { listenTcp } from "../../src/socket/tcp-listener.ts";
import { ip } from "../../src/wire/address.ts";
import { FAMILIES, KERNEL, KINDS, type KernelHost, POSTEL, withKernelHost } from "./kernel-host.ts";
import { type ListeningReport, type TcpReport, tcpPeer } from "./peer.ts";
import { rootTest } from "./root-test.ts";
import { receiveAll, sendSeeded } from "./stream-users.ts";

const SIZE = Number(process.env["SIZE"] ?? 64_000_000);
const IMP: Impairment = { loss: 0.05, reorder: 0.02, duplicate: 0.01 };

async function one(kh: KernelHost, family: 4 | 6, opener: string, dir: string) {
  const send = dir === "out" ? 0 : SIZE;
  let stream: TcpStream;
  let report: Promise<TcpReport[]>;
  if (opener === "kernel") {
    const l = listenTcp(kh.host, { port: 80 });
    const peer = tcpPeer(kh.namespace, { role: "connect", host: POSTEL[family], port: 80, send, seed: 3 });
    report = peer.reports(1);
    stream = await l.accept();
  } else {
    const peer = tcpPeer(kh.namespace, { role: "listen", host: KERNEL[family], port: 80, send, seed: 3 });
    await peer.next<ListeningReport>();
    report = peer.reports(1);
    stream = connectTcp(kh.host, { remote: ip(KERNEL[family]), remotePort: 80 });
  }
  const start = performance.now();
  const [sent, received, [r]] = await Promise.all([
    sendSeeded(stream, dir === "in" ? 0 : SIZE, 7), receiveAll(stream), report]);
  const ms = performance.now() - start;
  const i = stream.info();
  console.log(opener, dir, family, Math.round(ms), "ms", JSON.stringify(i.retransmissions), "srtt", i.srtt, "minrtt", i.minRtt, "cwnd", i.cwnd, "ooo", i.outOfOrderSegments, JSON.stringify(kh.host.drops.entries()));
  expect(r).toMatchObject({ received: sent.bytes, sent: received.bytes, ended: "fin" });
  expect(r?.receivedSha256).toBe(sent.sha256);
  expect(r?.sentSha256).toBe(received.sha256);
}

for (const impairment of [{}, IMP]) for (const kind of KINDS) for (const family of FAMILIES) for (const opener of ["kernel", "postel"]) for (const dir of ["in", "out"])
  rootTest(`${JSON.stringify(impairment)} ${kind} ${family} ${opener} ${dir}`, () => withKernelHost({ kind, impairment }, kh => one(kh, family, opener, dir)), 120_000);
