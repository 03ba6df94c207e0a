/**
 * Where a ladder's lines begin and end: time runs down, but not evenly. Every departure, arrival, change of
 * state and timer is a point; between two points lies as much room as the time between them asks for, but
 * no less than their labels need, and no more than `longestGap`: what is much longer is drawn as a break.
 *
 * The layout grows with its pair, so many segments at a time: what lies before the first news stays where it
 * is, and what the pair forgets goes from the front, so a look at a ladder of 100,000 segments costs what its
 * end costs.
 */
import type { End } from "../../../../src/inspect/paired-segment.ts";
import type { Story } from "../../../../src/inspect/story.ts";
import { other, type StoryPair } from "../../../../src/inspect/story-pair.ts";
import { firstIndex } from "../../drawing/search.ts";
import {
  type Arrow,
  type Gap,
  type LadderScale,
  type Mark,
  type Pen,
  type Point,
  roomBetween,
  UNKNOWN_SLANT,
} from "./ladder-points.ts";

/** A gap is worth a word when it is this much longer than what is drawn of it. */
const WORTH_A_BREAK = 1.5;
/** Pixels of a break. */
const BREAK = 44;

/** Segments of a long past that are taken in before a picture; the rest comes with the next ones. */
export const AT_ONCE = 4_000;

/** Above the first point. */
const TOP = 28;

/** So many points back stands, if at all, the one of the same end that the next must keep away from. */
const NEIGHBORS = 64;

interface Seen {
  readonly events: number;
  /** Of the last event. */
  readonly time: number;
}

const UNSEEN: Seen = { events: -1, time: Number.NEGATIVE_INFINITY };

export class LadderLayout {
  /** What its estimated times go by, those of all its lines. */
  readonly basis: string;
  readonly #pair: StoryPair;
  #scale: LadderScale;
  readonly #points: Point[] = [];
  /** By their time, as the pair's segments are. */
  readonly #arrows: Arrow[] = [];
  readonly #marks: Mark[] = [];
  readonly #gaps: Gap[] = [];
  #forgotten = 0;
  #forgottenHeight = 0;
  /** How far the stories went at the last look. */
  #seen: Record<End, Seen> = { near: UNSEEN, far: UNSEEN };

  constructor(pair: StoryPair, scale: LadderScale) {
    this.#pair = pair;
    this.#scale = scale;
    this.basis = pair.basis;
  }

  get arrows(): readonly Arrow[] {
    return this.#arrows;
  }

  /** The pair has more than is laid out. */
  get isBehind(): boolean {
    return this.#end < this.#pair.forgotten + this.#pair.segments.length;
  }

  /** To the lowest point. */
  get height(): number {
    return (this.#points[this.#points.length - 1]?.y ?? 0) + TOP;
  }

  /** So many pixels have gone from the front. */
  get forgottenHeight(): number {
    return this.#forgottenHeight;
  }

  /** The place of the first segment that is not laid out. */
  get #end(): number {
    return this.#forgotten + this.#arrows.length;
  }

  rescale(scale: LadderScale): void {
    this.#scale = scale;
    this.#place(0);
  }

  /** Takes in what the pair has got since: from this place on it has changed. */
  update(changed: number): void {
    this.#forget();
    const { segments, forgotten, near, far, knowledge } = this.#pair;
    const first = Math.max(0, Math.min(changed, this.#end) - forgotten);
    const end = Math.min(segments.length, this.#arrows.length + AT_ONCE);
    const from = this.#timeOfNews(first, end);
    this.#seen = { near: seenOf(near), far: seenOf(far) };
    if (from !== Number.POSITIVE_INFINITY) this.#replace(from, end, knowledge === "one");
  }

  /** What the pair has forgotten goes from the front, and the rest moves up. */
  #forget(): void {
    const { segments, forgotten } = this.#pair;
    const gone = forgotten - this.#forgotten;
    if (gone === 0) return;
    this.#forgotten = forgotten;
    this.#arrows.splice(0, gone);
    const first = segments[0]?.time ?? Number.POSITIVE_INFINITY;
    this.#points.splice(
      0,
      firstIndex(this.#points, ({ time }) => time >= first),
    );
    this.#marks.splice(
      0,
      firstIndex(this.#marks, ({ time }) => time >= first),
    );
    const by = (this.#points[0]?.y ?? TOP) - TOP;
    this.#gaps.splice(
      0,
      firstIndex(this.#gaps, ({ fromY }) => fromY >= by),
    );
    this.#forgottenHeight += by;
    for (const point of this.#points) point.y -= by;
    for (const mark of this.#marks) mark.y -= by;
    for (const arrow of this.#arrows) {
      arrow.leaveY -= by;
      if (arrow.arriveY !== undefined) arrow.arriveY -= by;
    }
    for (const gap of this.#gaps) {
      gap.fromY -= by;
      gap.toY -= by;
    }
  }

  /** Points from here on may be others than they were. A segment that came may have left before others did. */
  #timeOfNews(first: number, end: number): number {
    const { segments, near, far, longestDelay } = this.#pair;
    let from = Math.min(firstNewMark(near, this.#seen.near), firstNewMark(far, this.#seen.far));
    for (let i = first; i < end; i++) {
      const paired = segments[i];
      if (paired === undefined || paired.time - longestDelay > from) break;
      from = Math.min(from, this.#pair.leftAt(paired) ?? paired.time);
    }
    return from;
  }

  #replace(from: number, end: number, isOne: boolean): void {
    const kept = firstIndex(this.#points, point => point.time >= from);
    this.#points.length = kept;
    this.#marks.length = firstIndex(this.#marks, mark => mark.time >= from);
    const { segments, longestDelay } = this.#pair;
    const first = firstIndex(segments, paired => paired.time >= from - longestDelay);
    const tail: Point[] = [];
    for (let i = first; i < end; i++) this.#addArrow(i, from, tail);
    const until = segments[end]?.time ?? Number.POSITIVE_INFINITY;
    this.#addMarks("near", this.#pair.near, { from, until }, tail);
    if (!isOne && this.#pair.far !== undefined) this.#addMarks("far", this.#pair.far, { from, until }, tail);
    tail.sort((a, b) => a.time - b.time);
    this.#marks.sort((a, b) => a.time - b.time);
    for (const point of tail) this.#points.push(point);
    this.#place(kept);
  }

  /** An arrow that is there already stays, with what is news of it. */
  #addArrow(index: number, from: number, tail: Point[]): void {
    const paired = this.#pair.segments[index];
    if (paired === undefined) return;
    const leftAt = this.#pair.leftAt(paired) ?? paired.time;
    const arrivedAt = this.#pair.arrivedAt(paired);
    const arrow = this.#arrows[index] ?? { paired, leftAt, arrivedAt, leaveY: 0, arriveY: undefined };
    this.#arrows[index] = arrow;
    arrow.arrivedAt = arrivedAt;
    const { sender } = paired;
    if (leftAt >= from) tail.push({ time: leftAt, end: sender, kind: "leave", arrow, mark: undefined, y: 0 });
    if (arrivedAt === undefined || arrivedAt < from) return;
    const isTold = paired.receivedAt !== undefined || this.#pair.knowledge !== "both";
    const kind = isTold ? "arrive" : "expected";
    tail.push({ time: arrivedAt, end: other(sender), kind, arrow, mark: undefined, y: 0 });
  }

  /** `until`: what is laid out ends here, and the rest comes with it. */
  #addMarks(
    end: End,
    { states, timers }: Story,
    { from, until }: { readonly from: number; readonly until: number },
    tail: Point[],
  ): void {
    const add = (time: number, what: Mark["what"]): void => {
      const mark: Mark = { end, time, what, y: 0 };
      this.#marks.push(mark);
      tail.push({ time, end, kind: "mark", arrow: undefined, mark, y: 0 });
    };
    for (let i = firstIndex(states, ({ time }) => time >= from); i < states.length; i++) {
      const state = states[i];
      if (state === undefined || state.time >= until) break;
      add(state.time, { state });
    }
    for (let i = firstIndex(timers, ({ time }) => time >= from); i < timers.length; i++) {
      const timer = timers[i];
      if (timer === undefined || timer.time >= until) break;
      if (timer.change === "fired") add(timer.time, { timer });
    }
  }

  /** Gives the points from this one on their places. */
  #place(from: number): void {
    const pen = this.#penBefore(from);
    this.#gaps.length = firstIndex(this.#gaps, gap => gap.fromY >= pen.y);
    for (let i = from; i < this.#points.length; i++) {
      const point = this.#points[i];
      if (point !== undefined) this.#put(point, pen);
    }
  }

  #penBefore(index: number): Pen {
    const last: Pen["last"] = { near: undefined, far: undefined };
    const before = this.#points[index - 1];
    for (let i = index - 1; i >= Math.max(0, index - NEIGHBORS); i--) {
      const point = this.#points[i];
      if (point !== undefined && point.kind !== "mark") last[point.end] ??= point;
    }
    return {
      y: before?.y ?? TOP,
      time: before?.time ?? this.#points[index]?.time ?? 0,
      last,
      first: { ...last },
    };
  }

  #put(point: Point, pen: Pen): void {
    const { perMicro, longestGap, row } = this.#scale;
    const duration = point.time - pen.time;
    const asked = duration * perMicro;
    const last = pen.last[point.end];
    const room = last === undefined ? 0 : roomBetween(last.kind, point.kind) * row;
    const isGap = asked > WORTH_A_BREAK * longestGap;
    const step = isGap ? Math.min(longestGap, BREAK) : Math.min(asked, longestGap);
    point.y = Math.max(pen.y + step, last === undefined ? 0 : last.y + room);
    if (isGap) this.#gaps.push({ fromY: pen.y, toY: point.y, duration });
    pen.y = point.y;
    pen.time = point.time;
    if (point.kind !== "mark") {
      pen.last[point.end] = point;
      if (pen.first[point.end]?.time !== point.time) pen.first[point.end] = point;
    }
    const first = pen.first[point.end];
    if (point.mark !== undefined) point.mark.y = first?.time === point.time ? first.y : point.y;
    if (point.arrow === undefined) return;
    if (point.kind === "leave") point.arrow.leaveY = point.y;
    else point.arrow.arriveY = point.y;
  }

  /** Lines that may cross this stretch. */
  arrowsIn(fromY: number, toY: number): readonly Arrow[] {
    const { longestDelay } = this.#pair;
    const from = this.timeAt(fromY) - longestDelay;
    const to = this.timeAt(toY) + longestDelay;
    const first = firstIndex(this.#arrows, ({ paired }) => paired.time >= from);
    const end = firstIndex(this.#arrows, ({ paired }) => paired.time > to);
    return this.#arrows
      .slice(first, end)
      .filter(
        ({ leaveY, arriveY }) =>
          leaveY <= toY && Math.max(leaveY, arriveY ?? leaveY + UNKNOWN_SLANT) >= fromY,
      );
  }

  marksIn(fromY: number, toY: number): readonly Mark[] {
    const from = this.timeAt(fromY - this.#scale.longestGap);
    const to = this.timeAt(toY + this.#scale.longestGap);
    return this.#marks
      .slice(
        firstIndex(this.#marks, ({ time }) => time >= from),
        firstIndex(this.#marks, ({ time }) => time > to),
      )
      .filter(({ y }) => y >= fromY && y <= toY);
  }

  gapsIn(fromY: number, toY: number): readonly Gap[] {
    return this.#gaps.slice(
      firstIndex(this.#gaps, gap => gap.toY >= fromY),
      firstIndex(this.#gaps, gap => gap.fromY > toY),
    );
  }

  /** Instants with their places, each once, no two of them nearer than `apart`. */
  instantsIn(fromY: number, toY: number, apart: number): ReadonlyArray<{ time: number; y: number }> {
    const instants: { time: number; y: number }[] = [];
    let next = fromY;
    let last: number | undefined;
    for (let i = firstIndex(this.#points, ({ y }) => y >= fromY); i < this.#points.length; i++) {
      const point = this.#points[i];
      if (point === undefined || point.y > toY) break;
      if (point.y < next || point.kind === "expected" || point.time === last) continue;
      last = point.time;
      instants.push({ time: point.time, y: point.y });
      next = point.y + apart;
    }
    return instants;
  }

  timeAt(y: number): number {
    const index = firstIndex(this.#points, point => point.y > y);
    const before = this.#points[index - 1];
    const after = this.#points[index];
    if (before === undefined || after === undefined) return (before ?? after)?.time ?? 0;
    return before.time + ((y - before.y) / (after.y - before.y)) * (after.time - before.time);
  }

  yAt(time: number): number {
    const index = firstIndex(this.#points, point => point.time >= time);
    const before = this.#points[index - 1];
    const after = this.#points[index];
    if (after === undefined || before === undefined || after.time === time)
      return (after ?? before)?.y ?? TOP;
    return before.y + ((time - before.time) / (after.time - before.time)) * (after.y - before.y);
  }
}

/** When the first mark is that the story has got since: most timers are set and called off, and leave none. */
function firstNewMark(story: Story | undefined, seen: Seen): number {
  if (story === undefined || isKnown(story, seen)) return Number.POSITIVE_INFINITY;
  const { states, timers } = story;
  const state = states[firstIndex(states, ({ time }) => time >= seen.time)];
  let next = firstIndex(timers, ({ time }) => time >= seen.time);
  while (next < timers.length && timers[next]?.change !== "fired") next++;
  return Math.min(state?.time ?? Number.POSITIVE_INFINITY, timers[next]?.time ?? Number.POSITIVE_INFINITY);
}

function isKnown(story: Story | undefined, { events }: Seen): boolean {
  return story === undefined || story.events === events;
}

function seenOf(story: Story | undefined): Seen {
  return story === undefined ? UNSEEN : { events: story.events, time: story.lastTime };
}
