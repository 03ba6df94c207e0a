/**
 * A bench in each state of RFC 9293 §3.3.2. The peer's SYN is 100, ours is 0; the peer offers nothing but an
 * MSS of 1460, unless the test says otherwise, so that a full segment has 1460 bytes. What the way there sent
 * is looked at.
 */

import { expect } from "vitest";
import { type Instant, milliseconds, seconds } from "../../src/base/time.ts";
import type { TcpState } from "../../src/tcp/states.ts";
import { ADDRESSES, Bench, type BenchOptions } from "./bench.ts";
import { HOST_PORT, PEER_PORT } from "./peer.ts";
import { ack, fin, type SegmentFields, syn, synAck } from "./segments.ts";

export interface FixtureOptions extends BenchOptions {
  /** The fields of the peer's SYN or SYN-ACK. */
  readonly offer?: SegmentFields;
  readonly backlog?: number;
  /** Our initial sequence number. */
  readonly iss?: number;
  /** How long the handshake takes, in ms: the first round-trip sample. */
  readonly rtt?: number;
}

export const FULL = 1_460;
const PLAIN: SegmentFields = { mss: FULL };

/** Everything that a modern peer offers. */
export const MODERN: SegmentFields = {
  mss: 1_460,
  sackPermitted: true,
  timestamps: [1_000_000, 0],
  windowScale: 7,
};

/** Only SACK, so that a full segment keeps its 1460 bytes and numbers stay round. */
export const SACK: SegmentFields = { mss: 1_460, sackPermitted: true };

export function closed(options: FixtureOptions = {}): Bench {
  return new Bench(options);
}

export function listening(options: FixtureOptions = {}): Bench {
  const { iss } = options;
  const bench = new Bench(iss === undefined ? options : { ...options, startAt: startFor(iss, scoutPassive) });
  bench.listener = bench.tcp.listen({
    port: HOST_PORT,
    ...(options.backlog === undefined ? {} : { backlog: options.backlog }),
  });
  return bench;
}

export function synSent(options: FixtureOptions = {}): Bench {
  const { iss } = options;
  const bench = new Bench(iss === undefined ? options : { ...options, startAt: startFor(iss, scoutActive) });
  connects(bench);
  bench.peer.expects(syn({ seq: 0 }));
  return at(bench, "SYN-SENT");
}

/** After a passive open: the half-open entry of a listener. */
export function synReceived(options: FixtureOptions = {}): Bench {
  const bench = listening(options);
  bench.peer.sends(syn({ seq: 100, ...(options.offer ?? PLAIN) }));
  bench.peer.expects(synAck({ seq: 0, ack: 101 }));
  return at(bench, "SYN-RECEIVED");
}

/** After a simultaneous open: RFC 9293 figure 7. */
export function simultaneouslyOpened(options: FixtureOptions = {}): Bench {
  const bench = synSent(options);
  bench.peer.sends(syn({ seq: 100, ...(options.offer ?? PLAIN) }));
  bench.peer.expects(synAck({ seq: 0, ack: 101 }));
  return at(bench, "SYN-RECEIVED");
}

/** After an active open. */
export function established(options: FixtureOptions = {}): Bench {
  const bench = synSent(options);
  bench.advance(milliseconds(options.rtt ?? 0));
  bench.peer.sends(synAck({ seq: 100, ack: 1, ...(options.offer ?? PLAIN) }));
  bench.peer.expects(ack({ seq: 1, ack: 101 }));
  bench.user.heard();
  return at(bench, "ESTABLISHED");
}

/** After a passive open. */
export function accepted(options: FixtureOptions = {}): Bench {
  const bench = synReceived(options);
  bench.advance(milliseconds(options.rtt ?? 0));
  bench.peer.sends(ack({ seq: 101, ack: 1 }));
  accepts(bench);
  bench.peer.expectsNothing();
  bench.user.heard();
  return at(bench, "ESTABLISHED");
}

export function finWait1(options: FixtureOptions = {}): Bench {
  const bench = established(options);
  bench.user.closes();
  bench.peer.expects(fin({ seq: 1, ack: 101 }));
  return at(bench, "FIN-WAIT-1");
}

export function finWait2(options: FixtureOptions = {}): Bench {
  const bench = finWait1(options);
  bench.peer.sends(ack({ ack: 2 }));
  bench.peer.expectsNothing();
  return at(bench, "FIN-WAIT-2");
}

export function closing(options: FixtureOptions = {}): Bench {
  const bench = finWait1(options);
  bench.peer.sends(fin({ ack: 1 }));
  bench.peer.expects(ack({ seq: 2, ack: 102 }));
  bench.user.heard();
  return at(bench, "CLOSING");
}

export function timeWait(options: FixtureOptions = {}): Bench {
  const bench = finWait2(options);
  bench.peer.sends(fin({ ack: 2 }));
  bench.peer.expects(ack({ seq: 2, ack: 102 }));
  bench.user.heard();
  return at(bench, "TIME-WAIT");
}

export function closeWait(options: FixtureOptions = {}): Bench {
  const bench = established(options);
  bench.peer.sends(fin({ ack: 1 }));
  bench.peer.expects(ack({ seq: 1, ack: 102 }));
  bench.user.heard();
  return at(bench, "CLOSE-WAIT");
}

export function lastAck(options: FixtureOptions = {}): Bench {
  const bench = closeWait(options);
  bench.user.closes();
  bench.peer.expects(fin({ seq: 1, ack: 102 }));
  return at(bench, "LAST-ACK");
}

/** RCV.NXT and SND.NXT of each fixture beside it: what segments there have to fit. */
export const SYNCHRONIZED = [
  { state: "SYN-RECEIVED", fixture: simultaneouslyOpened, rcvNxt: 101, sndNxt: 1 },
  { state: "ESTABLISHED", fixture: established, rcvNxt: 101, sndNxt: 1 },
  { state: "FIN-WAIT-1", fixture: finWait1, rcvNxt: 101, sndNxt: 2 },
  { state: "FIN-WAIT-2", fixture: finWait2, rcvNxt: 101, sndNxt: 2 },
  { state: "CLOSE-WAIT", fixture: closeWait, rcvNxt: 102, sndNxt: 1 },
  { state: "CLOSING", fixture: closing, rcvNxt: 102, sndNxt: 2 },
  { state: "LAST-ACK", fixture: lastAck, rcvNxt: 102, sndNxt: 2 },
] as const;

/** Opens a connection to the peer. */
export function connects(bench: Bench): void {
  const remote = ADDRESSES[bench.family].peer;
  bench.connection = bench.tcp.connect({ remote, remotePort: PEER_PORT });
  bench.user.observes(bench.connection);
  bench.settleIfWoken();
}

/** Takes the connection that waits longest from the listener. */
export function accepts(bench: Bench): void {
  const connection = bench.listener?.accept();
  if (connection === undefined) throw new Error("no connection waits to be accepted");
  bench.connection = connection;
  bench.user.observes(connection);
  bench.settleIfWoken();
}

function at(bench: Bench, state: TcpState): Bench {
  expect(bench.state, "the fixture's state").toBe(state);
  return bench;
}

/** The ISN is a hash plus the time in ticks of 4 µs: the time at which it will be the one wanted. */
function startFor(iss: number, scout: (options: BenchOptions) => number): number {
  return ((iss - scout({})) >>> 0) * 4;
}

function scoutActive(options: BenchOptions): number {
  const bench = new Bench(options);
  connects(bench);
  return bench.connection.tcb.iss;
}

function scoutPassive(options: BenchOptions): number {
  const bench = new Bench(options);
  bench.tcp.listen({ port: HOST_PORT });
  bench.peer.sends(syn({ seq: 100 }));
  const [entry] = [...bench.tcp.halfOpen()];
  if (entry === undefined) throw new Error("the scout found no half-open connection");
  return entry.iss;
}

/** Long enough for whatever was going to happen at once. */
export const A_WHILE = seconds(1);
export const instant = (microseconds: number): Instant => microseconds as Instant;
