/**
 * The connections at work, in the order in which they are to be looked at: whoever has been silent for a
 * while and has nothing under way is put to rest. Resting ones are not looked at, and cost no time.
 *
 * Where many take turns, few parts are better than many: those of a connection that has just gone to rest are
 * in the processor's cache for the next one. So beyond a few connections each that comes makes others rest,
 * however short a time they have been silent.
 */
import { Fifo } from "../base/fifo.ts";
import type { Duration, Instant } from "../base/time.ts";
import type { TcpConnection } from "./tcp-connection.ts";

/** So many connections keep their parts for a while that have nothing under way. */
const FEW = 16;
/** So many are looked at for each that comes: one makes room for it, the other makes a crowd smaller. */
const LOOKS = 2;

export class AtWork {
  /** Looks that those who came last are good for. */
  #looks = 0;
  readonly #connections = new Fifo<TcpConnection>();
  /** When each came, or was last looked at. */
  readonly #since = new Fifo<Instant>();

  get count(): number {
    return this.#connections.length;
  }

  add(c: TcpConnection): void {
    if (c.isAtWork) return;
    c.isAtWork = true;
    this.#looks += LOOKS;
    this.#append(c, c.now);
  }

  /**
   * Puts those to rest that have been silent for `silence`, each of which is looked at once in that time; and
   * the oldest, where there are many.
   */
  rest(now: Instant, silence: Duration): void {
    for (let left = this.count; left > 0; left--) {
      const isDue = now - (this.#since.peek() as Instant) >= silence;
      if (!isDue && (this.#looks === 0 || left <= FEW)) break;
      if (!isDue) this.#looks--;
      this.#since.shift();
      const c = this.#connections.shift() as TcpConnection;
      const isSilent = !isDue || (now - c.lastHeardAt >= silence && now - c.lastSentAt >= silence);
      c.isAtWork = !(c.isResting || c.isOver || (isSilent && isQuiet(c)));
      if (c.isAtWork) this.#append(c, now);
      else if (!c.isOver || isDone(c)) c.rest();
    }
    this.#looks = 0;
  }

  #append(c: TcpConnection, since: Instant): void {
    this.#connections.push(c);
    this.#since.push(since);
  }
}

/** Nothing is under way in either direction, nothing waits, and nothing is owed. */
export function isQuiet(c: TcpConnection): boolean {
  if (c.state !== "ESTABLISHED" && c.state !== "CLOSE-WAIT") return false;
  return !c.isDirty && isSendingDone(c) && isReceivingDone(c) && !c.timers.isAnyArmedButKeepalive;
}

/** It is over, and there is nothing in its parts but what is told of it: nothing waits to be read. */
export function isDone(c: TcpConnection): boolean {
  if (!c.isOver || c.isResting) return false;
  return c.recovery.state === "open" && c.busyTime.isIdle && isReceivingDone(c);
}

function isSendingDone(c: TcpConnection): boolean {
  const isAllSent = c.tcb.outstanding === 0 && c.sendBuffer.end === c.tcb.snd.nxt && !c.sendClosed;
  return isAllSent && c.sendBuffer.length === 0 && c.recovery.state === "open" && c.busyTime.isIdle;
}

function isReceivingDone({ receiveBuffer, sackReports, delayedAck }: TcpConnection): boolean {
  const isEmpty = receiveBuffer.readable === 0 && receiveBuffer.outOfOrder.count === 0;
  if (!isEmpty || receiveBuffer.isLent) return false;
  return sackReports.isEmpty && delayedAck.urgency === "none" && !delayedAck.isOwed;
}
