/**
 * The windows at an instant of which only the story is left: what was sent and acknowledged until then says
 * how they stood. What the users had written or read, it does not say.
 */
import type { SentPiece } from "../../../../src/inspect/protocol.ts";
import type { Story, StorySegment } from "../../../../src/inspect/story.ts";
import type { ReceiveSide, SendSide, Sides } from "./sides.ts";

/** So many segments back it is looked: more are under way on no path that one draws. */
const LOOK_BACK = 20_000;

/** Undefined: no segment had been seen by then. */
export function sidesOfStory(story: Story, instant: number): Sides | undefined {
  const end = countUntil(story.segments, instant, timeOf);
  if (end === 0) return undefined;
  const segments = story.segments.slice(Math.max(0, end - LOOK_BACK), end);
  const time = timeOf(segments.at(-1)) ?? instant;
  return { time, send: sendSide(story, segments, instant), receive: receiveSide(segments) };
}

/** When it passed this end. */
function timeOf(segment: StorySegment | undefined): number | undefined {
  return segment?.direction === "sent" ? segment.sentAt : segment?.receivedAt;
}

function sendSide(story: Story, segments: readonly StorySegment[], instant: number): SendSide {
  let acknowledged = 0;
  let next = 0;
  let windowEnd: number | undefined;
  for (const segment of segments) {
    if (segment.direction === "sent") next = Math.max(next, segment.sequence + roomOf(segment));
    else if (isAcknowledging(segment)) {
      acknowledged = Math.max(acknowledged, segment.acknowledgment);
      windowEnd = Math.max(windowEnd ?? 0, segment.acknowledgment + segment.window);
    }
  }
  const metrics = story.metrics[countUntil(story.metrics, instant, ({ time }) => time) - 1];
  const pieces = piecesOf(story, segments, acknowledged, next, instant);
  return {
    acknowledged,
    next: Math.max(0, next - acknowledged),
    pieces,
    windowEnd: windowEnd === undefined ? undefined : windowEnd - acknowledged,
    congestionEnd: metrics === undefined ? undefined : metrics.cwnd + notInThePipe(pieces),
    written: undefined,
    capacity: undefined,
    blockedBy: undefined,
  };
}

/** What is selectively acknowledged or lost is not in flight: the congestion window reaches as much further. */
function notInThePipe(pieces: readonly SentPiece[]): number {
  return pieces
    .filter(({ fate }) => fate === "sacked" || fate === "lost")
    .reduce((sum, { start, end }) => sum + end - start, 0);
}

function piecesOf(
  story: Story,
  segments: readonly StorySegment[],
  acknowledged: number,
  next: number,
  instant: number,
): SentPiece[] {
  const painting = new Painting(next - acknowledged);
  const losses = story.losses.slice(
    0,
    countUntil(story.losses, instant, ({ time }) => time),
  );
  const marks = [
    ...losses
      .slice(-LOOK_BACK)
      .map(({ time, sequence, length }) => ({ time, sequence, length, fate: "lost" as const })),
    ...segments
      .filter(({ direction, cause }) => direction === "sent" && cause !== undefined)
      .map(sent => ({
        time: timeOf(sent) ?? 0,
        sequence: sent.sequence,
        length: roomOf(sent),
        fate: "sent-again" as const,
      })),
  ].sort((a, b) => a.time - b.time);
  for (const { sequence, length, fate } of marks)
    painting.paint(sequence - acknowledged, sequence + length - acknowledged, fate);
  for (const { direction, sack, duplicate } of segments) {
    if (direction === "sent") continue;
    for (const [start, end] of duplicate ? sack.slice(1) : sack)
      painting.paint(start - acknowledged, end - acknowledged, "sacked");
  }
  return painting.pieces;
}

function receiveSide(segments: readonly StorySegment[]): ReceiveSide {
  let received = 0;
  let windowEnd = 0;
  for (const segment of segments) {
    if (segment.direction === "received" || !isAcknowledging(segment)) continue;
    received = Math.max(received, segment.acknowledgment);
    windowEnd = Math.max(windowEnd, segment.acknowledgment + segment.window);
  }
  const arrived = segments
    .filter(
      ({ direction, sequence, length }) => direction === "received" && length > 0 && sequence > received,
    )
    .map(({ sequence, length }) => [sequence - received, sequence + length - received] as const);
  return {
    received,
    readable: undefined,
    windowEnd: windowEnd - received,
    capacity: undefined,
    islands: joined(arrived),
  };
}

function joined(ranges: ReadonlyArray<readonly [number, number]>): Array<readonly [number, number]> {
  const islands: Array<readonly [number, number]> = [];
  for (const [start, end] of [...ranges].sort(([a], [b]) => a - b)) {
    const last = islands.at(-1);
    if (last === undefined || start > last[1]) islands.push([start, end]);
    else islands[islands.length - 1] = [last[0], Math.max(last[1], end)];
  }
  return islands;
}

/** SYN and FIN take a number each. */
function roomOf({ length, flags }: StorySegment): number {
  return length + (flags.includes("SYN") ? 1 : 0) + (flags.includes("FIN") ? 1 : 0);
}

function isAcknowledging({ flags }: StorySegment): boolean {
  return flags.includes("ACK") && !flags.includes("RST");
}

/** How many of a list, which is in the order of time, had been by an instant. */
function countUntil<Item>(
  items: readonly Item[],
  instant: number,
  when: (item: Item) => number | undefined,
): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = items[middle];
    if (item !== undefined && (when(item) ?? 0) <= instant) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Text in flight, on which fates are painted, one upon another. */
class Painting {
  readonly #length: number;
  #pieces: SentPiece[];

  constructor(length: number) {
    this.#length = length;
    this.#pieces = length > 0 ? [{ start: 0, end: length, fate: "in-flight" }] : [];
  }

  paint(from: number, to: number, fate: SentPiece["fate"]): void {
    const start = Math.max(0, from);
    const end = Math.min(this.#length, to);
    if (start >= end) return;
    this.#pieces = this.#pieces.flatMap(piece => {
      if (piece.end <= start || piece.start >= end) return [piece];
      const rest: SentPiece[] = [];
      if (piece.start < start) rest.push({ ...piece, end: start });
      if (piece.start <= start) rest.push({ start, end, fate });
      if (piece.end > end) rest.push({ ...piece, start: end });
      return rest;
    });
  }

  /** Neighbours with one fate are one. */
  get pieces(): SentPiece[] {
    const pieces: SentPiece[] = [];
    for (const piece of this.#pieces) {
      const last = pieces.at(-1);
      if (last?.fate === piece.fate) pieces[pieces.length - 1] = { ...last, end: piece.end };
      else pieces.push(piece);
    }
    return pieces;
  }
}
