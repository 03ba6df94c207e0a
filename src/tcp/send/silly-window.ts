/**
 * The sender's side of avoiding the silly window syndrome: RFC 9293 §3.8.6.2.1 (MUST-38; segments as large
 * as can be, SHLD-27, SHLD-28).
 */

/**
 * How much text may go out now, in bytes; 0 for none.
 *
 * @param unsent text not sent yet
 * @param usable what the peer's window leaves: SND.UNA + SND.WND − SND.NXT
 * @param limit the largest text of a segment
 * @param maxWindow the largest window the peer ever offered
 */
export function sendableNow(unsent: number, usable: number, limit: number, maxWindow: number): number {
  const size = Math.min(unsent, usable, limit);
  if (size <= 0) return 0;
  if (size === limit) return size; // (1) a full segment
  if (size === unsent) return size; // (2), (3) all there is: whether it may go is Nagle's question
  if (size >= maxWindow / 2) return size; // (3) half of what the peer ever had room for
  return 0; // (4) the override timeout is the persist timer's
}
