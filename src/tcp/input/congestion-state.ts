/**
 * The changes of the congestion state (loss/recovery), each of them told to who looks on: a conductor between
 * the state and the probe.
 */
import type { CongestionState } from "../loss/recovery.ts";
import type { TcpConnection } from "../tcp-connection.ts";

export function enterState(c: TcpConnection, state: CongestionState): void {
  const before = c.recovery.state;
  c.recovery.entered(state, c.tcb.snd.nxt);
  tell(c, before);
}

/** What was to be repaired is. */
export function openState(c: TcpConnection): void {
  const before = c.recovery.state;
  c.recovery.opened();
  tell(c, before);
}

/** While the window is being reduced for another reason. */
export function lossFound(c: TcpConnection): void {
  const before = c.recovery.state;
  c.recovery.lossFound();
  tell(c, before);
}

export function undone(c: TcpConnection): void {
  c.owner.context.probe?.recovery?.(c, "undone", c.recovery.state);
}

/** Nothing is missing, or out of order: what is not open is in disorder. */
export function keepOpen(c: TcpConnection): void {
  const { queue, recovery } = c;
  const isOrdered =
    queue.sackedBytes + queue.lostBytes + c.duplicateAcks.count === 0 && !anyRetransmission(c);
  const state = isOrdered ? "open" : "disorder";
  if (recovery.state !== state) enterState(c, state);
}

/** Something that is in flight was sent again. */
export function anyRetransmission(c: TcpConnection): boolean {
  const first = c.queue.first;
  return c.queue.retransmittedBytes > 0 || (first !== undefined && first.transmissions > 1);
}

function tell(c: TcpConnection, before: CongestionState): void {
  const { state } = c.recovery;
  const { probe } = c.owner.context;
  if (state === before || probe?.recovery === undefined) return;
  if (before !== "open") probe.recovery(c, "left", before);
  if (state !== "open") probe.recovery(c, "entered", state);
}
