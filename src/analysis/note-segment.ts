/** Which findings one segment gives rise to, as soon as it has its verdict. */
import { TCP_FLAG } from "../wire/tcp.ts";
import type { CapturedSegment } from "./captured-segment.ts";
import type { CapturedConnection } from "./connection.ts";
import type { FindingCode, FindingValues } from "./findings.ts";
import { MARK, type Verdict } from "./marks.ts";

/** Marks that are findings as they are. */
const MARKED: ReadonlyArray<readonly [number, FindingCode]> = [
  [MARK.outOfOrder, "out-of-order"],
  [MARK.copy, "copies"],
  [MARK.duplicateSack, "duplicate-sack"],
  [MARK.windowFull, "window-full"],
  [MARK.zeroWindowProbe, "window-probe"],
  [MARK.keepalive, "keepalive"],
  [MARK.gapBefore, "gap"],
  [MARK.acknowledgesUnseen, "acknowledged-unseen"],
];

const CAUSES: Readonly<Record<string, FindingCode>> = {
  timeout: "timeout",
  fast: "fast-retransmission",
  rack: "early-retransmission",
  tlp: "tail-loss-probe",
};

export function noteSegment(
  connection: CapturedConnection,
  segment: CapturedSegment,
  verdict: Verdict,
): void {
  const { marks, side, cause } = verdict;
  if ((segment.flags & TCP_FLAG.rst) !== 0) {
    noteReset(connection, segment, verdict);
    return;
  }
  if (marks === 0) return;
  const say = (code: FindingCode, values: FindingValues = {}): void =>
    connection.found(code, side, segment, values);
  for (const [mark, code] of MARKED) {
    if ((marks & mark) !== 0) say(code);
  }
  if ((marks & MARK.zeroWindow) !== 0 && connection.ends[side].zeroWindowSince === segment.time) {
    say("zero-window");
  }
  if ((marks & MARK.retransmission) === 0) return;
  if (cause === "syn") say((segment.flags & TCP_FLAG.ack) === 0 ? "syn-again" : "syn-ack-again");
  const code = CAUSES[cause ?? ""];
  if (code !== undefined) say(code);
}

/** An end of hop counts that differ so much is not one machine. */
function noteReset(connection: CapturedConnection, segment: CapturedSegment, { side }: Verdict): void {
  const { lifetime, ends } = connection;
  if (lifetime.resetAt !== segment.time || lifetime.resetBy !== side) return;
  if (lifetime.outcome === "refused") {
    connection.found("refused", side, segment);
    return;
  }
  const me = ends[side];
  const peer = ends[side === 0 ? 1 : 0];
  if (me.hopLimit >= 0 && me.hopLimit !== segment.hopLimit && me.counts.packets > 2) {
    connection.found("foreign-reset", side, segment, { usual: me.hopLimit, hops: segment.hopLimit });
  }
  const unread = peer.sent.inFlight + me.sent.inFlight;
  connection.found(unread > 0 ? "reset-with-text" : "reset", side, segment, { bytes: unread });
}
