/**
 * How fast a connection sends, and whether it waits for that: a conductor of the pump's. Connections are
 * paced if their congestion control asks for it, as BBR does, if their user does (SO_MAX_PACING_RATE), or if
 * the host says so for all (Linux: the fq queue in front of the device).
 */
import { seqDiff } from "../base/seq.ts";
import { bytesInFlight } from "./flight.ts";
import { Pacer, windowRate } from "./send/pacing.ts";
import { deferredFor } from "./send/tso-deferral.ts";
import type { TcpConnection } from "./tcp-connection.ts";

/** Bytes a second; infinite as long as nothing is known of the path. */
export function pacingRate(c: TcpConnection): number {
  const { congestion, rtt, queue, config } = c;
  const out = queue.segments * c.tcb.snd.mss;
  const rate =
    congestion.pacingRate > 0 ? congestion.pacingRate : windowRate(congestion, out, rtt.srtt, config);
  return Math.min(rate, c.maxPacingRate);
}

export function isPaced(c: TcpConnection): boolean {
  return c.config.pacing || c.congestion.pacingRate > 0 || Number.isFinite(c.maxPacingRate);
}

/** True: the next unit waits for the pacing timer. */
export function waitsForPace(c: TcpConnection): boolean {
  if (!isPaced(c)) return false;
  c.pacer ??= new Pacer();
  if (c.pacer.next <= c.now) return false;
  c.timers.pacing = c.pacer.next;
  return true;
}

/**
 * A unit of several segments waits for a larger one. `usable` is the peer's window, `unit` the size of a
 * full one; `closes`: FIN goes with it.
 */
export function waitsForMore(c: TcpConnection, usable: number, unit: number, closes: boolean): boolean {
  const { congestion, queue, writeQueue, rtt, now, tcb } = c;
  const { first } = queue;
  const end = writeQueue.nextEnd;
  if (first === undefined || end === undefined || !c.recovery.isOpen) return false;
  const waiting = seqDiff(end, tcb.snd.nxt);
  if (waiting <= tcb.snd.mss) return false;
  const why = deferredFor({
    sendWindow: usable,
    cwndRoom: congestion.cwnd - bytesInFlight(c),
    windows: Math.min(tcb.snd.wnd, congestion.cwnd),
    waiting,
    mayGrow: writeQueue.nextMayGrow && !closes,
    unit,
    mss: tcb.snd.mss,
    sinceSent: now - c.lastSentAt,
    untilAck: first.sentAt + rtt.srtt - now,
    srtt: rtt.srtt,
    divisor: c.config.tsoWindowDivisor,
  });
  if (why === "cwnd") c.cwndLimited = true;
  if (why === "window") c.windowLimited = true;
  return why !== undefined;
}

/** A unit of text has left. */
export function hasLeft(c: TcpConnection, bytes: number, segments: number): void {
  if (isPaced(c)) c.pacer?.sent(bytes, segments, pacingRate(c), c.now);
}
