/**
 * A bench for one host's TCP: a `Tcp` on a context of its own, with a clock that only `advance` moves, and a
 * peer that is the test. Every segment that the host sends is checked (checksum, options, room in the MTU)
 * and kept until the test expects it; every change of state is checked against the table; the TCB check is
 * on.
 *
 * Numbers are relative: what the host sends counts from its ISS (its SYN is 0, its first byte 1), what the
 * peer sends from `peerBase` (0 unless the test is about wrapping), so the peer's SYN is by convention 100
 * and its first byte 101.
 */
import { expect } from "vitest";
import type { DropReason } from "../../src/base/drop-reason.ts";
import type { ErrorCode } from "../../src/base/errors.ts";
import { PacketBuffer } from "../../src/base/packet-buffer.ts";
import { SeededRandom } from "../../src/base/random.ts";
import { type Duration, type Instant, START_OF_TIME } from "../../src/base/time.ts";
import type { Listener } from "../../src/tcp/handshake/listener.ts";
import { isCauseOf, type StateCause, type TcpState } from "../../src/tcp/states.ts";
import { Tcp } from "../../src/tcp/tcp.ts";
import { type TcpConfig, tcpConfig } from "../../src/tcp/tcp-config.ts";
import type { TcpConnection } from "../../src/tcp/tcp-connection.ts";
import type { NetPath, TcpContext } from "../../src/tcp/tcp-context.ts";
import { TcpCounters } from "../../src/tcp/tcp-counters.ts";
import { causeIn, type FourTuple, type RetransmissionCause, type TcpProbe } from "../../src/tcp/tcp-probe.ts";
import { type IpAddress, ip } from "../../src/wire/address.ts";
import { IP_PROTOCOL } from "../../src/wire/protocol.ts";
import { transportChecksum } from "../../src/wire/pseudo-header.ts";
import { Peer } from "./peer.ts";
import { User } from "./user.ts";

export const ADDRESSES = {
  4: { host: ip("10.0.0.1"), second: ip("10.0.0.9"), peer: ip("10.0.0.2") },
  6: { host: ip("fd00::1"), second: ip("fd00::9"), peer: ip("fd00::2") },
} as const;

export interface BenchOptions {
  readonly config?: Partial<TcpConfig>;
  readonly family?: 4 | 6;
  readonly mtu?: number;
  /** What the peer's relative numbers count from. */
  readonly peerBase?: number;
  readonly startAt?: number;
}

/** A path whose far end is the bench. */
export class BenchPath implements NetPath {
  readonly local: IpAddress;
  readonly remote: IpAddress;
  readonly linkMtu: number;
  readonly headerSize: number;
  readonly isLoopback = false;
  offload = { checksum: false, maxSuperSegment: 0, gathers: false };
  advertisedMss: number | undefined = undefined;
  initialWindow: number | undefined = undefined;
  dontFragment = true;
  needsProof = false;
  mtu: number;
  hopLimit = 64;
  trafficClass = 0;
  /** What `send` fails with. */
  error: ErrorCode | undefined = undefined;
  confirmations = 0;
  readonly #sink: (path: BenchPath, packet: PacketBuffer) => void;

  constructor(
    local: IpAddress,
    remote: IpAddress,
    mtu: number,
    sink: (path: BenchPath, packet: PacketBuffer) => void,
  ) {
    this.local = local;
    this.remote = remote;
    this.mtu = mtu;
    this.linkMtu = mtu;
    this.headerSize = local.family === 4 ? 20 : 40;
    this.#sink = sink;
  }

  send(packet: PacketBuffer, protocol: number): ErrorCode | undefined {
    expect(protocol).toBe(IP_PROTOCOL.tcp);
    if (this.error !== undefined) return this.error;
    this.#sink(this, packet);
    return undefined;
  }

  lowerMtu(mtu: number): boolean {
    if (mtu === 0 || mtu >= this.mtu) return false;
    this.mtu = mtu;
    return true;
  }

  confirmReachable(): void {
    this.confirmations++;
  }
}

class BenchContext implements TcpContext {
  now: Instant = START_OF_TIME;
  readonly random = new SeededRandom(1);
  readonly config: TcpConfig;
  readonly counters = new TcpCounters();
  probe: TcpProbe | undefined = undefined;
  readonly drops: DropReason[] = [];
  /** No way to anywhere, and why. */
  unreachable: ErrorCode | undefined = undefined;
  /** There is work: what a host waits for after a call of its user's. */
  isWoken = false;
  readonly #packet = new PacketBuffer(70_000);
  readonly #paths = new Map<string, BenchPath>();
  readonly #options: BenchOptions;
  readonly #sink: (path: BenchPath, packet: PacketBuffer) => void;

  constructor(options: BenchOptions, sink: (path: BenchPath, packet: PacketBuffer) => void) {
    this.#options = options;
    this.#sink = sink;
    this.now = (options.startAt ?? 0) as Instant;
    this.config = tcpConfig({ selfCheck: true, congestionControl: "reno", quickAcks: 0, ...options.config });
  }

  packet(): PacketBuffer {
    this.#packet.reset();
    return this.#packet;
  }

  pathTo(remote: IpAddress, local?: IpAddress): BenchPath | ErrorCode {
    if (this.unreachable !== undefined) return this.unreachable;
    const from = local ?? ADDRESSES[remote.family].host;
    const key = `${from} ${remote}`;
    const path = this.#paths.get(key) ?? new BenchPath(from, remote, this.#options.mtu ?? 1_500, this.#sink);
    this.#paths.set(key, path);
    return path;
  }

  pathBack(remote: IpAddress, local: IpAddress): BenchPath | ErrorCode {
    return this.pathTo(remote, local);
  }

  isLocal(address: IpAddress): boolean {
    const { host, second } = ADDRESSES[address.family];
    return host.equals(address) || second.equals(address);
  }

  dropped(reason: DropReason): void {
    this.drops.push(reason);
  }

  wake(): void {
    this.isWoken = true;
  }
}

/** A driver that is called so often at one instant has met a timer that does not move. */
const MOST_ROUNDS_AT_ONCE = 50;

export class Bench {
  readonly context: BenchContext;
  readonly tcp: Tcp;
  readonly family: 4 | 6;
  readonly peer: Peer;
  readonly user: User;
  listener: Listener | undefined = undefined;
  #connection: TcpConnection | undefined = undefined;
  /** The states of the connections by their two ports, as the probe told them. */
  readonly #states = new Map<string, TcpState[]>();
  readonly listenerStates: TcpState[] = [];
  readonly retransmissions: RetransmissionCause[] = [];
  ended = 0;

  constructor(options: BenchOptions = {}) {
    this.family = options.family ?? 4;
    const { host, peer } = ADDRESSES[this.family];
    this.peer = new Peer(this, host, peer, options.peerBase ?? 0);
    this.user = new User(this);
    this.context = new BenchContext(options, (path, packet) => this.#emitted(path, packet));
    this.context.probe = {
      stateChanged: (tuple, from, to, cause) => this.#stateChanged(tuple, from, to, cause),
      sent: (_tuple, _segment, why) => {
        const cause = causeIn(why);
        if (cause !== undefined) this.retransmissions.push(cause);
      },
      ended: () => this.ended++,
    };
    this.tcp = new Tcp(this.context);
  }

  get connection(): TcpConnection {
    if (this.#connection === undefined) throw new Error("the bench has no connection yet");
    return this.#connection;
  }

  set connection(connection: TcpConnection) {
    this.#connection = connection;
  }

  get now(): Instant {
    return this.context.now;
  }

  /** The states of the connection with the peer's port, the first one first. */
  get states(): TcpState[] {
    return this.#statesOf(this.peer.hostPort, this.peer.port);
  }

  /** The state of the connection with the peer, whichever record holds it. */
  get state(): TcpState {
    return this.states.at(-1) ?? "CLOSED";
  }

  get path(): BenchPath {
    return this.context.pathTo(ADDRESSES[this.family].peer) as BenchPath;
  }

  /** What a host does after each event: due timers, then users, then the pump. */
  settle(): void {
    const { tcp, context } = this;
    if (tcp.deadline <= context.now) tcp.expire();
    let rounds = 0;
    do {
      if (++rounds > MOST_ROUNDS_AT_ONCE) throw new Error("users and the pump keep each other busy");
      tcp.deliver();
      tcp.pump();
    } while (tcp.hasNews);
    context.isWoken = false;
  }

  /** What a host does after a call of its user's: nothing, unless it was woken. */
  settleIfWoken(): void {
    if (this.context.isWoken) this.settle();
  }

  /** Time passes; the timers that come due run at their own time. */
  advance(duration: Duration): void {
    const { tcp, context } = this;
    const end = context.now + duration;
    let rounds = 0;
    while (tcp.deadline <= end) {
      if (tcp.deadline > context.now) {
        context.now = tcp.deadline;
        rounds = 0;
      }
      if (++rounds > MOST_ROUNDS_AT_ONCE) throw new Error("a timer is due again and again at one instant");
      this.settle();
    }
    context.now = end as Instant;
  }

  #emitted(path: BenchPath, packet: PacketBuffer): void {
    const { bytes, start, end, transport } = packet;
    expect(transport, "the transport header begins the packet").toBe(start);
    // RFC 9293 §3.7.1: text and options together keep to the path's MTU.
    const largest = packet.segmentSize > 0 ? path.offload.maxSuperSegment : Math.max(path.mtu, 128);
    expect(end - start + path.headerSize, "the size of a packet").toBeLessThanOrEqual(largest);
    if (!path.offload.checksum) {
      const sum = transportChecksum(path.local, path.remote, IP_PROTOCOL.tcp, bytes, start, end);
      expect(sum, "the checksum of an emitted segment (MUST-2)").toBe(0);
    }
    this.peer.receives(bytes.slice(start, end), path.trafficClass);
  }

  #stateChanged(tuple: FourTuple, from: TcpState, to: TcpState, cause: StateCause): void {
    expect(isCauseOf(from, to, cause), `${cause} leads from ${from} to ${to}`).toBe(true);
    if (tuple.remotePort === 0) {
      this.listenerStates.push(to);
      return;
    }
    const states = this.#statesOf(tuple.localPort, tuple.remotePort);
    const last = states.at(-1) ?? "CLOSED";
    if (last !== "CLOSED" && last !== "LISTEN") expect(from, "a state follows the one before").toBe(last);
    states.push(to);
  }

  #statesOf(localPort: number, remotePort: number): TcpState[] {
    const key = `${localPort} ${remotePort}`;
    const states = this.#states.get(key) ?? [];
    this.#states.set(key, states);
    return states;
  }
}
