/**
 * A TCP connection between the kernel and Postel, opened by either: what the interop tests of TCP begin with.
 */
import { expect } from "vitest";
import type { ErrorCode } from "../../src/base/errors.ts";
import { listenTcp } from "../../src/socket/tcp-listener.ts";
import { connectTcp, type TcpStream, type TcpStreamOptions } from "../../src/socket/tcp-stream.ts";
import { type IpFamily, ip } from "../../src/wire/address.ts";
import { KERNEL, type KernelHost, POSTEL } from "./kernel-host.ts";
import { type ListeningReport, type Peer, type TcpPeerOptions, type TcpReport, tcpPeer } from "./peer.ts";
import { receiveAll, sendSeeded, type Transferred } from "./stream-users.ts";

export type Opener = "kernel" | "postel";
export const OPENERS: readonly Opener[] = ["kernel", "postel"];

/** What the kernel's side does: see `peers/tcp.py`. */
export type KernelUser = Omit<TcpPeerOptions, "role" | "host" | "port" | "connections">;

export interface Connection {
  readonly stream: TcpStream;
  readonly peer: Peer;
}

export async function open(
  kernelHost: KernelHost,
  opener: Opener,
  family: IpFamily,
  user: KernelUser = {},
): Promise<Connection> {
  const [connection] = await openMany(kernelHost, opener, family, 1, user);
  return connection as Connection;
}

/** Several at once; one peer for all of them. */
export async function openMany(
  kernelHost: KernelHost,
  opener: Opener,
  family: IpFamily,
  connections: number,
  user: KernelUser = {},
): Promise<Connection[]> {
  const { host, namespace } = kernelHost;
  if (opener === "kernel") {
    const listener = listenTcp(host, { port: 0 });
    const to = { host: POSTEL[family], port: listener.localPort };
    const peer = tcpPeer(namespace, { role: "connect", ...to, connections, ...user });
    const streams: TcpStream[] = [];
    for await (const stream of listener) {
      streams.push(stream);
      if (streams.length === connections) break;
    }
    listener.close();
    return streams.map(stream => ({ stream, peer }));
  }
  const peer = tcpPeer(namespace, { role: "listen", host: KERNEL[family], port: 0, connections, ...user });
  const { port } = await peer.next<ListeningReport>();
  const streams = Array.from({ length: connections }, () => connect(kernelHost, family, port));
  await Promise.all(streams.map(stream => stream.opened));
  return streams.map(stream => ({ stream, peer }));
}

export function connect(
  kernelHost: KernelHost,
  family: IpFamily,
  remotePort: number,
  options: Partial<TcpStreamOptions> = {},
): TcpStream {
  return connectTcp(kernelHost.host, { remote: ip(KERNEL[family]), remotePort, ...options });
}

/**
 * Our side sends so many bytes of a seed and reads to the end; both ends must agree on what went either way.
 */
export async function exchange(connection: Connection, bytes: number, seed = 1): Promise<TcpReport> {
  const { stream, peer } = connection;
  const [sent, received, [report]] = await Promise.all([
    sendSeeded(stream, bytes, seed),
    receiveAll(stream),
    peer.reports(1),
  ]);
  expectSame(report, sent, received);
  await stream.closed;
  return report as TcpReport;
}

export function expectSame(report: TcpReport | undefined, sent: Transferred, received: Transferred): void {
  expect(report).toMatchObject({
    ended: "fin",
    received: sent.bytes,
    receivedSha256: sent.sha256,
    sent: received.bytes,
    sentSha256: received.sha256,
  });
}

/** What `ss` tells of the kernel's TCP sockets that have been connected. */
export async function kernelSockets({ namespace }: KernelHost): Promise<string> {
  return (await namespace.exec("ss", ["-Htino", "state", "connected"])).stdout;
}

/** A counter of the kernel, by its name in `nstat`. */
export async function kernelCounter({ namespace }: KernelHost, name: string): Promise<number> {
  const { stdout } = await namespace.exec("nstat", ["-asz", name]);
  return Number(new RegExp(`${name}\\s+(\\d+)`).exec(stdout)?.[1]);
}

export function failing(promise: Promise<unknown>, code: ErrorCode): Promise<void> {
  return expect(promise).rejects.toMatchObject({ name: "NetError", code });
}
