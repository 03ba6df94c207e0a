/**
 * Judgements on a connection, in a word each: pure functions of a few facts, each with the reason why the
 * fact means so. They judge the last second, not the whole life of a connection.
 */
import type { CongestionState } from "../tcp/loss/recovery.ts";
import type { TcpState } from "../tcp/states.ts";
import type { BlockedBy, Verdict } from "./protocol.ts";

/** What the judgements are made of. Counts and rates are those of the last second. */
export interface Facts {
  readonly state: TcpState;
  readonly error: string | undefined;
  readonly blockedBy: BlockedBy;
  readonly recovery: CongestionState;
  /** Timeouts in a row. */
  readonly backoff: number;
  readonly sendRate: number;
  readonly receiveRate: number;
  readonly retransmissions: number;
  /** Segments that were overtaken: seen by us as receiver, or by the reports of the peer. */
  readonly overtaken: number;
  /** Written and not sent yet; sent and not acknowledged. */
  readonly unsent: number;
  readonly inFlight: number;
  readonly peerWindow: number;
  readonly readable: number;
  readonly receiveCapacity: number;
  /** The writer waits for room. */
  readonly writerWaits: boolean;
}

type Judgement = readonly [Verdict, (facts: Facts) => boolean];

/** In the order in which they are told: what is wrong first. */
const JUDGEMENTS: readonly Judgement[] = [
  ["reset", isReset],
  ["half-open", isHalfOpen],
  ["retrying", isRetrying],
  ["in-recovery", isInRecovery],
  ["losing", isLosing],
  ["reordering", isReordering],
  ["zero-window", isZeroWindow],
  ["peer-window-limited", isPeerWindowLimited],
  ["congestion-limited", isCongestionLimited],
  ["send-buffer-limited", isSendBufferLimited],
  ["reader-slow", isReaderSlow],
  ["application-limited", isApplicationLimited],
  ["idle", isIdle],
];

export function verdictsOf(facts: Facts): Verdict[] {
  return JUDGEMENTS.filter(([, holds]) => holds(facts)).map(([verdict]) => verdict);
}

/** The peer, or somebody in its name, has ended it by RST. */
export function isReset({ error }: Facts): boolean {
  return error === "ECONNRESET" || error === "ECONNREFUSED";
}

/** The peer has not answered our SYN-ACK. */
export function isHalfOpen({ state }: Facts): boolean {
  return state === "SYN-RECEIVED";
}

/** The same segment goes out again and again, each time later. */
export function isRetrying(facts: Facts): boolean {
  return isAlive(facts) && facts.backoff > 0;
}

/** Losses are being repaired, and the congestion window is small because of them. */
export function isInRecovery(facts: Facts): boolean {
  return isAlive(facts) && (facts.recovery === "recovery" || facts.recovery === "loss");
}

export function isLosing(facts: Facts): boolean {
  return isAlive(facts) && facts.retransmissions > 0;
}

/** Overtaken, and nothing had to go out again: they were not lost. */
export function isReordering(facts: Facts): boolean {
  return isAlive(facts) && facts.overtaken > 0 && facts.retransmissions === 0;
}

export function isZeroWindow(facts: Facts): boolean {
  return maySend(facts) && facts.peerWindow === 0 && facts.blockedBy === "peer-window";
}

/** A window that takes less than is there to be sent: the peer reads slowly, or its buffer is small. */
export function isPeerWindowLimited({ peerWindow, blockedBy }: Facts): boolean {
  return peerWindow > 0 && (blockedBy === "peer-window" || blockedBy === "silly-window");
}

export function isCongestionLimited({ blockedBy }: Facts): boolean {
  return blockedBy === "congestion-window" || blockedBy === "pacing";
}

/** All that the buffer holds is in flight, and the writer could give more: it is too small for the path. */
export function isSendBufferLimited(facts: Facts): boolean {
  return maySend(facts) && facts.writerWaits && facts.unsent === 0 && facts.inFlight > 0;
}

/** Half of the receive buffer waits to be read: so much less the peer may send. */
export function isReaderSlow(facts: Facts): boolean {
  return isAlive(facts) && facts.readable > 0 && 2 * facts.readable >= facts.receiveCapacity;
}

/** It sends, and could send more at once: nothing is there to be sent. */
export function isApplicationLimited(facts: Facts): boolean {
  const { sendRate, unsent, writerWaits, blockedBy } = facts;
  return maySend(facts) && sendRate > 0 && unsent === 0 && !writerWaits && blockedBy === "nothing-to-send";
}

export function isIdle(facts: Facts): boolean {
  const { sendRate, receiveRate, unsent, inFlight } = facts;
  return isOpen(facts) && sendRate === 0 && receiveRate === 0 && unsent === 0 && inFlight === 0;
}

function isAlive({ state }: Facts): boolean {
  return state !== "CLOSED" && state !== "TIME-WAIT";
}

function isOpen({ state }: Facts): boolean {
  return state === "ESTABLISHED" || state === "CLOSE-WAIT" || state === "FIN-WAIT-2";
}

function maySend({ state }: Facts): boolean {
  return state === "ESTABLISHED" || state === "CLOSE-WAIT";
}
