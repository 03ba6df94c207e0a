/** Two simulated hosts with BSD sockets, and the short forms that their tests are written in. */
import type { Duration } from "../../src/base/time.ts";
import { milliseconds, seconds } from "../../src/base/time.ts";
import type { Host } from "../../src/host/host.ts";
import { ADDRESS_A, ADDRESS_B, type TwoHosts, twoHosts } from "../../src/sim/sim-host.ts";
import { World } from "../../src/sim/world.ts";
import { type Domain, sockaddr } from "../../src/socket/posix/addresses.ts";
import * as C from "../../src/socket/posix/constants.ts";
import { int32 } from "../../src/socket/posix/control-messages.ts";
import { ERRNO } from "../../src/socket/posix/errno.ts";
import * as O from "../../src/socket/posix/option-names.ts";
import { PosixSockets } from "../../src/socket/posix/posix-sockets.ts";
import { isPending, type SysOutcome, type SysResult } from "../../src/socket/posix/sys-result.ts";
import type { TcpConfig } from "../../src/tcp/tcp-config.ts";
import { type IpAddress, ip } from "../../src/wire/address.ts";

/** What a call gave: its value, or the error's name. */
export type Shown = number | string;

export function show(outcome: SysOutcome): Shown {
  if (isPending(outcome)) return "waits";
  return outcome.value < 0 ? (outcome.errno ?? "?") : outcome.value;
}

/** An IPv4 address and port as the calls take it. */
export function inet(address: IpAddress | string, port: number): Uint8Array {
  return sockaddr(C.AF_INET, { address: typeof address === "string" ? ip(address) : address, port });
}

export function inet6(address: IpAddress | string, port: number): Uint8Array {
  return sockaddr(C.AF_INET6, { address: typeof address === "string" ? ip(address) : address, port });
}

const NAMES: ReadonlyArray<readonly [number, string]> = [
  [C.POLLIN, "IN"],
  [C.POLLPRI, "PRI"],
  [C.POLLOUT, "OUT"],
  [C.POLLERR, "ERR"],
  [C.POLLHUP, "HUP"],
  [C.POLLNVAL, "NVAL"],
  [C.POLLRDHUP, "RDHUP"],
];

/** A readiness mask without the NORM and BAND bits, which follow IN and OUT. */
export function maskText(mask: number): string {
  return NAMES.filter(([bit]) => (mask & bit) !== 0)
    .map(([, name]) => name)
    .join(" ");
}

/** One process's sockets, with calls that show what they give. */
export class Process {
  readonly sys: PosixSockets;
  readonly host: Host;

  constructor(host: Host, world: World) {
    this.host = host;
    this.sys = new PosixSockets(host, world);
  }

  tcp(flags = 0, domain: Domain = C.AF_INET): number {
    return this.sys.socket(domain, C.SOCK_STREAM | flags, 0).value;
  }

  udp(flags = 0, domain: Domain = C.AF_INET): number {
    return this.sys.socket(domain, C.SOCK_DGRAM | flags, 0).value;
  }

  /** A listening socket on a port of every IPv4 address. */
  listener(port = 80, flags = C.SOCK_NONBLOCK, backlog = 16): number {
    const fd = this.tcp(flags);
    this.sys.bind(fd, inet("0.0.0.0", port));
    this.sys.listen(fd, backlog);
    return fd;
  }

  mask(fd: number): string {
    const descriptor = { fd, events: 0xffff, revents: 0 };
    this.sys.poll([descriptor], 0);
    return maskText(descriptor.revents);
  }

  recv(fd: number, count = 100, flags = 0): Shown {
    return show(this.sys.recv(fd, new Uint8Array(count), count, flags));
  }

  /** What recv gave, as text. */
  text(fd: number, count = 100, flags = 0): string {
    const buffer = new Uint8Array(count);
    const got = show(this.sys.recv(fd, buffer, count, flags));
    return typeof got === "number" ? new TextDecoder().decode(buffer.subarray(0, got)) : got;
  }

  send(fd: number, what: number | string = 10, flags = 0): Shown {
    const bytes = typeof what === "number" ? new Uint8Array(what) : new TextEncoder().encode(what);
    return show(this.sys.send(fd, bytes, bytes.length, flags));
  }

  connect(fd: number, address: Uint8Array): Shown {
    return show(this.sys.connect(fd, address));
  }

  /** connect to AF_UNSPEC. */
  disconnect(fd: number): Shown {
    return show(this.sys.connect(fd, new Uint8Array(16)));
  }

  /** SO_ERROR, by name; 0 when there is none. */
  error(fd: number): Shown {
    const number = this.option(fd, C.SOL_SOCKET, O.SO_ERROR);
    return Object.entries(ERRNO).find(([, value]) => value === number)?.[0] ?? number;
  }

  option(fd: number, level: number, name: number): Shown {
    const value = new Uint8Array(4);
    const result = this.sys.getsockopt(fd, level, name, value, { value: 4 });
    return result.value < 0 ? (result.errno ?? "?") : new DataView(value.buffer).getInt32(0, true);
  }

  setOption(fd: number, level: number, name: number, value: number): Shown {
    return show(this.sys.setsockopt(fd, level, name, int32(value)));
  }

  ioctl(fd: number, request: number): Shown {
    const argument = { value: -7 };
    const result = this.sys.ioctl(fd, request, argument);
    return result.value < 0 ? (result.errno ?? "?") : argument.value;
  }

  linger(fd: number, time: number): void {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setInt32(0, 1, true);
    new DataView(bytes.buffer).setInt32(4, time, true);
    this.sys.setsockopt(fd, C.SOL_SOCKET, O.SO_LINGER, bytes);
  }

  /** The port that a socket is bound to. */
  port(fd: number): number {
    const bytes = new Uint8Array(28);
    this.sys.getsockname(fd, { bytes, length: 28 });
    return ((bytes[2] as number) << 8) | (bytes[3] as number);
  }
}

export class PosixWorld {
  readonly world = new World({ seed: 1, drain: () => new Promise(resolve => setImmediate(resolve)) });
  readonly hosts: TwoHosts;
  readonly a: Process;
  readonly b: Process;

  constructor(tcp: Partial<TcpConfig> = {}) {
    const delay = milliseconds(5);
    const options = {
      medium: "ip",
      aToB: { delay },
      bToA: { delay },
      hostA: { tcp },
      hostB: { tcp },
    } as const;
    this.hosts = twoHosts(this.world, options);
    this.a = new Process(this.hosts.a, this.world);
    this.b = new Process(this.hosts.b, this.world);
  }

  /** Lets time pass, in seconds. */
  pass(time = 0.1): void {
    this.world.runFor(seconds(time));
  }

  /** The result of a call that waits, and when it came. */
  async until(outcome: SysOutcome, limit: Duration = seconds(600)): Promise<Shown> {
    return show(await this.world.runUntilSettled<SysResult>(Promise.resolve(outcome), limit));
  }

  /** Virtual seconds since the beginning. */
  get time(): number {
    return this.world.now() / 1_000_000;
  }

  /** A connection from `a` to a listener of `b`, both ends non-blocking. */
  pair(port = 80): { client: number; server: number; listener: number } {
    const listener = this.b.listener(port);
    const client = this.a.tcp(C.SOCK_NONBLOCK);
    this.a.sys.connect(client, inet(ADDRESS_B, port));
    this.pass();
    this.a.sys.connect(client, inet(ADDRESS_B, port));
    const server = this.b.sys.accept4(listener, null, C.SOCK_NONBLOCK) as SysResult;
    return { client, server: server.value, listener };
  }
}

export { ADDRESS_A, ADDRESS_B, C, O };
