/**
 * Why a segment was probably sent again, judged from outside by what its sender may have known: SACK and
 * duplicate ACKs (RFC 6675, RFC 5681), time (RFC 8985, RFC 6298), and what it did before.
 */
import type { LossCause } from "../trace/event.ts";

export interface Evidence {
  readonly isSyn: boolean;
  /** ICMP has said that it did not fit, or text that was in flight with it. */
  readonly isTooBig: boolean;
  /** It is the oldest text in flight; the newest. */
  readonly isHead: boolean;
  readonly isTail: boolean;
  /** How often it was seen before. */
  readonly copies: number;
  /** Since it was sent last; since the sender has sent or learned anything. */
  readonly age: number;
  readonly silence: number;
  readonly duplicateAcks: number;
  /** Bytes beyond it that the receiver has told of. */
  readonly sackedBeyond: number;
  readonly mss: number;
  /** The round trip of the whole path, smoothed; 0: not known. */
  readonly srtt: number;
  readonly rttvar: number;
  /** What the sender was seen to do, for text sent before it began to. */
  readonly episode: "none" | "fast" | "timeout";
  readonly maySack: boolean;
}

/** RFC 5681 §3.2, and what RFC 6675 makes of it in bytes. */
const DUPLICATE_THRESHOLD = 3;
/** Linux's lower bound of the timeout, less a tick; RFC 6298's is 1 s. */
const SHORTEST_TIMEOUT = 180_000;
/** RFC 8985 §7.2: a probe leaves after two round trips. */
const PROBE_ROUND_TRIPS = 1.5;
/** Linux's 200 ms, with what its timers are late. */
const LONGEST_DELAYED_ACK = 250_000;

export function likelyCause(evidence: Evidence): LossCause {
  const { episode, silence, sackedBeyond, duplicateAcks, copies } = evidence;
  if (evidence.isSyn) return "syn";
  if (evidence.isTooBig) return "size";
  const timedOut = silence >= shortestTimeout(evidence);
  if (isProbe(evidence, timedOut)) return "tlp";
  if (timedOut) return "timeout";
  if (episode === "timeout") return "timeout";
  const isTold = sackedBeyond > 0 || duplicateAcks > 0;
  if (!isTold && episode === "none") return evidence.isTail ? "tlp" : "timeout";
  if (copies > 1 && sackedBeyond > 0) return "rack";
  const isThreshold =
    sackedBeyond >= DUPLICATE_THRESHOLD * evidence.mss || duplicateAcks >= DUPLICATE_THRESHOLD;
  return isThreshold || episode === "fast" ? "fast" : "rack";
}

/** RFC 6298 §2: SRTT + 4·RTTVAR, of which the capture knows half at best. */
export function shortestTimeout({ srtt, rttvar }: Pick<Evidence, "srtt" | "rttvar">): number {
  return Math.max(SHORTEST_TIMEOUT, srtt + 4 * rttvar);
}

/**
 * A probe repeats the tail, once; a timeout would begin with the head. Where the tail is all there is, the
 * probe waits for a delayed acknowledgment too (RFC 8985 §7.2), or as long as a timeout if that is shorter:
 * senders with SACK mostly probe first.
 */
function isProbe(evidence: Evidence, timedOut: boolean): boolean {
  const { isTail, isHead, copies, maySack, sackedBeyond, episode, age, srtt } = evidence;
  if (!isTail || !maySack || copies > 1 || sackedBeyond > 0 || episode !== "none") return false;
  if (age < PROBE_ROUND_TRIPS * srtt) return false;
  return isHead ? age < 2 * srtt + LONGEST_DELAYED_ACK : !timedOut || age < 3 * srtt;
}
