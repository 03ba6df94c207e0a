/**
 * Two simulated hosts for tests of TCP over time: who moved between which states, which frame to hit, and
 * users that read and write by plan.
 */
import { type Duration, milliseconds, seconds } from "../../src/base/time.ts";
import type { FrameMatcher } from "../../src/sim/fault-gate.ts";
import { ADDRESS_B, type TwoHosts, twoHosts } from "../../src/sim/sim-host.ts";
import type { LinkOptions } from "../../src/sim/topology.ts";
import { Trace } from "../../src/sim/trace.ts";
import { World } from "../../src/sim/world.ts";
import { CONNECTION_EVENT } from "../../src/tcp/connection-events.ts";
import type { Listener } from "../../src/tcp/handshake/listener.ts";
import { isCauseOf, type TcpState } from "../../src/tcp/states.ts";
import type { TcpConfig } from "../../src/tcp/tcp-config.ts";
import type { TcpConnection } from "../../src/tcp/tcp-connection.ts";
import { causeIn, type RetransmissionCause, type TcpProbe } from "../../src/tcp/tcp-probe.ts";
import { Ipv4Header } from "../../src/wire/ipv4.ts";
import { IP_PROTOCOL } from "../../src/wire/protocol.ts";
import { TCP_FLAG, TcpHeader } from "../../src/wire/tcp.ts";

export const ONE_WAY = milliseconds(10);
export const PORT = 80;

export interface Move {
  readonly from: TcpState;
  readonly to: TcpState;
  readonly localPort: number;
}

/** What one host's TCP did. An edge that the table does not have fails at once. */
export class Record {
  readonly moves: Move[] = [];
  readonly retransmissions: RetransmissionCause[] = [];

  readonly probe: TcpProbe = {
    stateChanged: (tuple, from, to, cause) => {
      if (!isCauseOf(from, to, cause)) throw new Error(`${from} → ${to} is no edge for ${cause}`);
      this.moves.push({ from, to, localPort: tuple.localPort });
    },
    sent: (_tuple, _segment, why) => {
      const cause = causeIn(why);
      if (cause !== undefined) this.retransmissions.push(cause);
    },
  };

  /** The states gone through, from the first move on. */
  get walk(): TcpState[] {
    const [first] = this.moves;
    return first === undefined ? [] : [first.from, ...this.moves.map(move => move.to)];
  }

  /** The states of one connection, without what its listener went through. */
  get edges(): string[] {
    return this.moves.map(move => `${move.from} → ${move.to}`);
  }
}

export interface TcpWorldOptions {
  readonly seed?: number;
  readonly tcp?: Partial<TcpConfig>;
  readonly tcpB?: Partial<TcpConfig>;
  readonly link?: LinkOptions;
}

export class TcpWorld {
  readonly world: World;
  readonly trace: Trace;
  readonly hosts: TwoHosts;
  readonly recordA = new Record();
  readonly recordB = new Record();

  constructor(options: TcpWorldOptions = {}) {
    this.world = new World({ seed: options.seed ?? 1 });
    this.trace = new Trace(this.world, { keep: 200 });
    this.hosts = twoHosts(this.world, {
      medium: "ip",
      aToB: { delay: ONE_WAY },
      bToA: { delay: ONE_WAY },
      trace: this.trace,
      ...options.link,
      hostA: { probe: this.recordA.probe, tcp: options.tcp },
      hostB: { probe: this.recordB.probe, tcp: options.tcpB ?? options.tcp },
    });
  }

  listen(): Listener {
    return this.hosts.b.tcp.listen({ port: PORT });
  }

  connect(localPort = 40_000): TcpConnection {
    return this.hosts.a.tcp.connect({ remote: ADDRESS_B, remotePort: PORT, localPort });
  }

  /** Waits until the listener has a connection. */
  accepted(listener: Listener, limit: Duration = seconds(130)): TcpConnection {
    let connection: TcpConnection | undefined;
    this.world.runUntil(() => {
      connection ??= listener.accept();
      return connection !== undefined;
    }, limit);
    if (connection === undefined) throw new Error("nothing was accepted");
    return connection;
  }

  /** Both ends of a fresh connection, established, with nothing under way. */
  established(localPort = 40_000): { client: TcpConnection; server: TcpConnection; listener: Listener } {
    const listener = this.listen();
    const client = this.connect(localPort);
    const server = this.accepted(listener);
    this.world.runFor(ONE_WAY);
    return { client, server, listener };
  }

  /** Another pair over a listener that is there already. */
  run(duration: Duration): void {
    this.world.runFor(duration);
  }
}

const ipHeader = new Ipv4Header();
const tcpHeader = new TcpHeader();

/** Frames of an IP link that carry a segment of which `wanted` holds. */
export function segment(wanted: (header: TcpHeader, textLength: number) => boolean): FrameMatcher {
  return frame => {
    if (ipHeader.read(frame.bytes, frame.start, frame.end) !== undefined) return false;
    if (ipHeader.protocol !== IP_PROTOCOL.tcp) return false;
    const at = frame.start + ipHeader.headerLength;
    if (tcpHeader.read(frame.bytes, at, frame.end) !== undefined) return false;
    return wanted(tcpHeader, frame.start + ipHeader.totalLength - at - tcpHeader.dataOffset);
  };
}

const has = (flags: number, wanted: number): boolean => (flags & wanted) === wanted;

export const isSyn = segment(h => has(h.flags, TCP_FLAG.syn) && !has(h.flags, TCP_FLAG.ack));
export const isSynAck = segment(h => has(h.flags, TCP_FLAG.syn | TCP_FLAG.ack));
export const isFin = segment(h => has(h.flags, TCP_FLAG.fin));
export const isRst = segment(h => has(h.flags, TCP_FLAG.rst));
export const isText = segment((_h, textLength) => textLength > 0);
export const isBareAck = segment(
  (h, textLength) => textLength === 0 && (h.flags & ~TCP_FLAG.psh) === TCP_FLAG.ack,
);

/** Everything that can be read now. */
export function readAll(connection: TcpConnection): Uint8Array {
  const bytes = new Uint8Array(connection.readable);
  connection.receive(bytes);
  return bytes;
}

/** A user who writes `data`, then closes. */
export function writeThenClose(connection: TcpConnection, data: Uint8Array): void {
  let at = 0;
  const go = (): void => {
    if (connection.isOver) return;
    at += connection.send(data, at);
    if (at === data.length) connection.close();
  };
  connection.observe({
    connectionEvent: (_c, events) => {
      if ((events & (CONNECTION_EVENT.writable | CONNECTION_EVENT.connected)) !== 0 && at < data.length) go();
    },
  });
  go();
}

export const text = (words: string): Uint8Array => new TextEncoder().encode(words);
export const words = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
