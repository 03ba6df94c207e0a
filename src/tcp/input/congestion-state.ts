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

function tell(c: TcpConnection, before: CongestionState): void {
  const { state } = c.recovery;
  const { probe } = c.owner.context;
  if (state === before || probe?.recovery === undefined) return;
  if (before !== "open") probe.recovery(c, "left", before);
  if (state !== "open") probe.recovery(c, "entered", state);
}
