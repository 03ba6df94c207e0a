/**
 * How long a half-open connection is kept, and whether its SYN-ACK goes out again when the timer runs out:
 * RFC 9293 §3.8.3 (R2 of a SYN, as a number of retransmissions), with Linux's two refinements. A queue that
 * fills up keeps room for young entries by giving up old ones earlier; and TCP_DEFER_ACCEPT keeps an entry
 * whose ACK has come until its text comes.
 */

/** An entry's part in the decision. */
export interface SynAckHistory {
  /** How often the timer has run out before. */
  readonly timeouts: number;
  readonly isAcknowledged: boolean;
}

export interface QueueLoad {
  readonly backlog: number;
  readonly halfOpen: number;
  readonly young: number;
}

/** Below so many entries nobody is in a hurry, whatever the backlog. */
const SMALL_QUEUE = 8;
/** The fewest retransmissions that a full queue leaves an entry. */
const LEAST_RETRIES = 2;

/** The retransmissions that an entry may have: fewer when old entries fill half of the queue. */
export function retriesUnderLoad(retries: number, { backlog, halfOpen, young }: QueueLoad): number {
  if (2 * halfOpen <= Math.max(SMALL_QUEUE, backlog)) return retries;
  let allowed = retries;
  for (let share = 2 * young; allowed > LEAST_RETRIES && halfOpen >= share; share *= 2) allowed--;
  return allowed;
}

/** What to do when the timer of an entry runs out. */
export function afterTimeout(
  entry: SynAckHistory,
  retries: number,
  deferAccept: number,
): "give up" | "send again" | "wait" {
  const { timeouts, isAcknowledged } = entry;
  const isOld = timeouts >= retries;
  if (deferAccept === 0) return isOld ? "give up" : "send again";
  // Whoever has acknowledged stays for the time of deferral, in silence until its last timeout.
  if (isOld && (!isAcknowledged || timeouts >= deferAccept)) return "give up";
  return !isAcknowledged || timeouts >= deferAccept - 1 ? "send again" : "wait";
}
