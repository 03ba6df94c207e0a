/** Findings that only the end of a capture shows: what never came, how much was lost, who offered what. */
import type { CapturedEnd } from "./captured-end.ts";
import type { CapturedConnection } from "./connection.ts";
import type { FindingCode, FindingValues } from "./findings.ts";
import type { Side } from "./lifetime.ts";
import { MARK } from "./marks.ts";

/** Losses that are worth a word, as shares of the segments with text. */
const MANY = 0.05;
/** Without window scaling the most that can be under way: RFC 7323 §1.1. */
const LARGEST_PLAIN_WINDOW = 65_535;
/** Repetitions without any answer. */
const SILENT = 3;
/** A bare MSS more may be options that were not counted. */
const SUPER = 1.5;

export function concludeConnection(connection: CapturedConnection, endTime: number): void {
  const { lifetime, ends } = connection;
  const at = { packet: connection.firstPacket, time: connection.firstTime };
  const say = (code: FindingCode, side: Side | undefined, values: FindingValues = {}): void =>
    connection.found(code, side, at, values);
  const waited = connection.lastTime - connection.firstTime;
  if (lifetime.outcome === "unanswered") say("unanswered", 0, { attempts: lifetime.syns, waited });
  if (lifetime.outcome === "half-open") say("half-open", 0, { attempts: lifetime.synAcks });
  if (!connection.isFromStart) say("late-start", undefined);
  const hasBoth = ends[0].counts.packets > 0 && ends[1].counts.packets > 0;
  if (!hasBoth && lifetime.outcome !== "unanswered") say("one-way", ends[0].counts.packets > 0 ? 0 : 1);
  for (const side of [0, 1] as const) {
    const me = ends[side];
    const peer = ends[side === 0 ? 1 : 0];
    if (me.zeroWindowSince !== undefined) me.zeroWindowTime += connection.lastTime - me.zeroWindowSince;
    concludeLosses(me, (code, values) => say(code, side, values));
    concludeSilence(connection, me, peer, endTime, (code, values) => say(code, side, values));
    concludeOffers(me, peer, (code, values) => say(code, side, values));
  }
}

type Say = (code: FindingCode, values?: FindingValues) => void;

function concludeLosses(me: CapturedEnd, say: Say): void {
  const { counts } = me;
  const segments = counts.textSegments;
  if (counts.lostBefore > 0) say("loss-before", { lost: counts.lostBefore, segments });
  const behind = counts.lostBehind - Math.min(counts.spurious, counts.lostBehind);
  if (behind > 0 && segments > 0) say("loss-behind", { lost: behind, segments });
  const share = (counts.retransmissions - counts.spurious) / Math.max(1, segments);
  if (segments >= 20 && share >= MANY) say("many-losses", { percent: Math.round(1000 * share) / 10 });
  if (counts.spurious > 0) say("spurious", { needless: counts.spurious, all: counts.retransmissions });
}

/** The last that an end said was said again and again, and nobody answered. */
function concludeSilence(
  connection: CapturedConnection,
  me: CapturedEnd,
  peer: CapturedEnd,
  endTime: number,
  say: Say,
): void {
  const { lifetime } = connection;
  if (lifetime.isOver || lifetime.synAt === undefined || lifetime.outcome === "unanswered") return;
  const last = me.lastMarks & (MARK.retransmission | MARK.keepalive | MARK.zeroWindowProbe);
  if (last === 0 || peer.counts.packets === 0 || peer.lastTime >= me.lastTime) return;
  const silence = endTime - peer.lastTime;
  if ((last & MARK.keepalive) !== 0) say("keepalive-unanswered", { silence });
  else if ((me.sent.head?.copies ?? 0) > SILENT) say("silent-peer", { silence });
}

function concludeOffers(me: CapturedEnd, peer: CapturedEnd, say: Say): void {
  const { counts } = me;
  if (me.hasSyn && peer.hasSyn) {
    const isLimited = me.largestFlight > LARGEST_PLAIN_WINDOW / 2;
    if (peer.windowScale < 0 && isLimited) say("no-window-scale", { largest: LARGEST_PLAIN_WINDOW });
    if (!me.sackPermitted && counts.textSegments + peer.counts.textSegments > 20) say("no-sack");
  }
  if (me.largestText > SUPER * me.sendMss(peer)) say("super-segments", { bytes: me.largestText });
  if (counts.badChecksums === 0) return;
  const isCard = counts.badChecksums > 2 * counts.goodChecksums;
  say(isCard ? "checksums-left-to-card" : "bad-checksums", { wrong: counts.badChecksums });
}
