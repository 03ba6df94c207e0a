/** What lies side by side in a window, from the left to the right, and the edges that are marked in it. */
import type { SentPiece } from "../../../../src/inspect/protocol.ts";
import type { ReceiveSide, SendSide } from "./sides.ts";

export type SendKind = SentPiece["fate"] | "sendable" | "waiting" | "open" | "closed";
export type ReceiveKind = "readable" | "hole" | "island" | "window" | "full";

export interface Region<Kind> {
  readonly kind: Kind;
  readonly start: number;
  readonly end: number;
}

export type EdgeName = "una" | "next" | "window" | "congestion" | "written" | "received" | "capacity";

export interface EdgeMark {
  readonly edge: EdgeName;
  readonly at: number;
}

export interface Strip<Kind> {
  readonly regions: ReadonlyArray<Region<Kind>>;
  readonly edges: readonly EdgeMark[];
}

/**
 * ```
 *  SND.UNA            SND.NXT        the smaller window     written     the larger window
 *     |  in flight, sacked  | sendable now |    waiting         |             |
 *     |    lost, sent again |              |   or: open, once written | closed |
 * ```
 */
export function sendStrip(side: SendSide): Strip<SendKind> {
  const { next, windowEnd, congestionEnd } = side;
  const known = [windowEnd, congestionEnd].filter(end => end !== undefined);
  const limit = known.length === 0 ? next : Math.max(next, Math.min(...known));
  const written = Math.max(next, side.written ?? next);
  const last = Math.max(limit, written, ...known);
  const regions: Array<Region<SendKind>> = [
    ...filled(side.pieces, next),
    { kind: "sendable", start: next, end: Math.min(limit, written) },
    { kind: "waiting", start: Math.max(next, Math.min(limit, written)), end: written },
    { kind: "open", start: written, end: limit },
    { kind: "closed", start: Math.max(limit, written), end: last },
  ];
  const edges: EdgeMark[] = [{ edge: "una", at: 0 }];
  if (next > 0) edges.push({ edge: "next", at: next });
  if (windowEnd !== undefined) edges.push({ edge: "window", at: windowEnd });
  if (congestionEnd !== undefined) edges.push({ edge: "congestion", at: congestionEnd });
  if (side.written !== undefined && written > next) edges.push({ edge: "written", at: written });
  return { regions: regions.filter(isSome), edges };
}

/** Text of which no fate is told is in flight. */
function filled(pieces: readonly SentPiece[], next: number): Array<Region<SendKind>> {
  const regions: Array<Region<SendKind>> = [];
  let at = 0;
  for (const { start, end, fate } of [...pieces].sort((a, b) => a.start - b.start)) {
    regions.push({ kind: "in-flight", start: at, end: Math.min(start, next) });
    regions.push({ kind: fate, start: Math.max(at, start), end: Math.min(end, next) });
    at = Math.max(at, end);
  }
  regions.push({ kind: "in-flight", start: at, end: next });
  return joined(regions.filter(isSome));
}

function joined<Kind>(regions: ReadonlyArray<Region<Kind>>): Array<Region<Kind>> {
  const result: Array<Region<Kind>> = [];
  for (const region of regions) {
    const last = result.at(-1);
    if (last !== undefined && last.kind === region.kind && last.end === region.start)
      result[result.length - 1] = { ...last, end: region.end };
    else result.push(region);
  }
  return result;
}

/**
 * ```
 *   read |  readable   RCV.NXT  hole, island, hole, ...  |  window  | room that the window does not tell of
 * ```
 */
export function receiveStrip(side: ReceiveSide): Strip<ReceiveKind> {
  const readable = side.readable ?? 0;
  const regions: Array<Region<ReceiveKind>> = [{ kind: "readable", start: -readable, end: 0 }];
  let at = 0;
  for (const [start, end] of side.islands) {
    regions.push({ kind: "hole", start: at, end: start }, { kind: "island", start, end });
    at = end;
  }
  const windowEnd = Math.max(at, side.windowEnd);
  const bufferEnd = side.capacity === undefined ? windowEnd : Math.max(windowEnd, side.capacity - readable);
  regions.push(
    { kind: "window", start: at, end: windowEnd },
    { kind: "full", start: windowEnd, end: bufferEnd },
  );
  const edges: EdgeMark[] = [
    { edge: "received", at: 0 },
    { edge: "window", at: side.windowEnd },
  ];
  if (side.capacity !== undefined) edges.push({ edge: "capacity", at: side.capacity - readable });
  return { regions: regions.filter(isSome), edges };
}

function isSome({ start, end }: Region<unknown>): boolean {
  return end > start;
}

/** How much there is of each kind. */
export function amounts<Kind>(regions: ReadonlyArray<Region<Kind>>): Map<Kind, number> {
  const sums = new Map<Kind, number>();
  for (const { kind, start, end } of regions) sums.set(kind, (sums.get(kind) ?? 0) + end - start);
  return sums;
}
