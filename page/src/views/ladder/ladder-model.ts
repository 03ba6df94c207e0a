/** What a ladder shows, and how large: its pair, its layout, its zoom. */
import type { PairedSegment } from "../../../../src/inspect/paired-segment.ts";
import type { Story } from "../../../../src/inspect/story.ts";
import { StoryPair } from "../../../../src/inspect/story-pair.ts";
import { firstIndex } from "../../drawing/search.ts";
import { AT_ONCE, LadderLayout } from "./ladder-layout.ts";
import type { LadderScale } from "./ladder-points.ts";

/** Pixels that a segment falls on its way, at the usual size. */
const USUAL_FALL = 54;
/** µs, as long as nothing is known of the path. */
const USUAL_DELAY = 10_000;

const ROW = 15;
const LONGEST_GAP = 84;
/** One that is smaller would leave no room for its words. */
const SHORTEST_GAP = 26;

/** Browsers scroll no higher element. */
const HIGHEST = 8_000_000;

const ZOOMS = { least: 1 / 16, most: 16 };

export class LadderModel {
  readonly pair: StoryPair;
  #layout: LadderLayout;
  /** It takes the layout's place as soon as it has caught up: times are estimated by something else now. */
  #next: LadderLayout | undefined;
  #zoom = 1;
  /** What the scale goes by: the first delay that was known. */
  #delay: number | undefined;
  #origin: number | undefined;

  constructor(near: Story, far: Story | undefined) {
    this.pair = new StoryPair(near, far);
    this.#layout = new LadderLayout(this.pair, scaleOf(1, USUAL_DELAY));
  }

  get layout(): LadderLayout {
    return this.#layout;
  }

  get zoom(): number {
    return this.#zoom;
  }

  /** Times are counted from the first that was seen. */
  get origin(): number {
    return this.#origin ?? 0;
  }

  update(): void {
    const changed = this.pair.update(AT_ONCE);
    this.#layout.update(changed);
    this.#renew(changed);
    const [first] = this.pair.segments;
    this.#origin ??= first === undefined ? undefined : this.pair.leftAt(first);
    const { shortestDelay } = this.pair;
    if (this.#delay !== undefined || shortestDelay === undefined || shortestDelay <= 0) return;
    this.#delay = shortestDelay;
    this.#rescale();
  }

  /** The next picture shows more. */
  get isBehind(): boolean {
    return this.pair.isBehind || this.#layout.isBehind || this.#next !== undefined;
  }

  /** Better estimates move all lines: they are laid out anew, so many a picture, while the old ones stand. */
  #renew(changed: number): void {
    if (this.#next === undefined) {
      if (this.pair.basis === this.#layout.basis) return;
      this.#next = new LadderLayout(this.pair, this.#scale);
    }
    this.#next.update(changed);
    if (this.#next.isBehind) return;
    this.#layout = this.#next;
    this.#next = undefined;
  }

  zoomTo(zoom: number): void {
    this.#zoom = Math.max(ZOOMS.least, Math.min(ZOOMS.most, zoom));
    this.#rescale();
    if (this.#layout.height <= HIGHEST) return;
    this.#zoom *= HIGHEST / this.#layout.height;
    this.#rescale();
  }

  /** The next one of this, in order; the first one in sight if there is none. */
  step(from: PairedSegment | undefined, by: 1 | -1, top: number): PairedSegment | undefined {
    const { segments, forgotten } = this.pair;
    if (from !== undefined) return segments[from.place - forgotten + by] ?? from;
    const time = this.#layout.timeAt(top);
    return segments[firstIndex(segments, ({ time: at }) => at >= time)];
  }

  arrowOf(paired: PairedSegment) {
    return this.#layout.arrows[paired.place - this.pair.forgotten];
  }

  #rescale(): void {
    this.#layout.rescale(this.#scale);
    this.#next?.rescale(this.#scale);
  }

  get #scale(): LadderScale {
    return scaleOf(this.#zoom, this.#delay ?? USUAL_DELAY);
  }
}

function scaleOf(zoom: number, delay: number): LadderScale {
  return {
    perMicro: (USUAL_FALL * zoom) / delay,
    row: ROW * Math.min(zoom, 2),
    longestGap: Math.max(SHORTEST_GAP, LONGEST_GAP * zoom),
  };
}
