/**
 * What is done with a ladder: scrolled, followed, zoomed, and its segments picked. The scroller is as high as
 * the layout; the canvas stands still in it, and is drawn from where it is scrolled to.
 */
import { signal } from "@preact/signals";
import { createRef } from "preact";
import type { PairedSegment } from "../../../../src/inspect/paired-segment.ts";
import type { Knowledge } from "../../../../src/inspect/story-pair.ts";
import type { GestureListener } from "../../drawing/gestures.ts";
import type { Drawing } from "../../drawing/use-canvas.ts";
import type { Session } from "../../state/session.ts";
import type { LadderModel } from "./ladder-model.ts";
import { drawLadder, type LadderTexts } from "./ladder-picture.ts";
import { arrowNear, type LadderSight, ladderColumns } from "./ladder-sight.ts";

/** Milliseconds between two looks of the table at what is in sight. */
const TABLE_PACE = 500;
const MOST_ROWS = 60;

/** Pixels within which the end counts as reached. */
const NEAR_END = 4;
const ZOOM_STEP = 1.4;

export class LadderHand {
  readonly canvas = createRef<HTMLCanvasElement>();
  readonly scroller = createRef<HTMLElement>();
  readonly spacer = createRef<HTMLDivElement>();
  readonly picked = signal<PairedSegment | undefined>(undefined);
  readonly hovered = signal<PairedSegment | undefined>(undefined);
  readonly inSight = signal<readonly PairedSegment[]>([]);
  readonly knowledge = signal<Knowledge>("one");
  readonly isFollowing;
  readonly #session: Session;
  readonly #model: LadderModel;
  /** The cursor that this view has set: others' are scrolled to. */
  #ownCursor: number | undefined;
  /** Where the scroller stood last: one that goes back leaves the end, however little. */
  #lastTop = 0;
  #tableDue: ReturnType<typeof setTimeout> | undefined;
  /** Asks for a new drawing. */
  redraw: () => void = () => {};

  constructor(session: Session, model: LadderModel) {
    this.#session = session;
    this.#model = model;
    // A file is read from its beginning; what happens now is followed.
    this.isFollowing = signal(!this.isRead);
  }

  /** Nothing more comes. */
  get isRead(): boolean {
    return this.#session.hello.peek()?.kind === "file";
  }

  draw(drawing: Drawing, texts: LadderTexts): void {
    const gone = this.#model.layout.forgottenHeight;
    this.#model.update();
    this.knowledge.value = this.#model.pair.knowledge;
    this.#fitSpacer(this.#model.layout.forgottenHeight - gone);
    drawLadder(drawing, this.#sight(), texts);
    this.#tellTable();
    if (this.#model.isBehind) this.redraw();
  }

  #sight(): LadderSight {
    const { layout, pair, origin } = this.#model;
    const picked = this.hovered.peek() ?? this.picked.peek();
    return { layout, pair, origin, picked, top: this.#top, cursor: this.#session.cursor.peek() };
  }

  get #top(): number {
    return this.scroller.current?.scrollTop ?? 0;
  }

  get #height(): number {
    return this.scroller.current?.clientHeight ?? 0;
  }

  /** `gone`: pixels that went from the front; what is in sight stays there. */
  #fitSpacer(gone = 0): void {
    const { current: place } = this.scroller;
    if (place === null || this.spacer.current === null) return;
    if (gone > 0 && !this.isFollowing.peek()) this.#lastTop = place.scrollTop -= gone;
    const height = Math.max(0, Math.ceil(this.#model.layout.height) - this.#height);
    this.spacer.current.style.height = `${height}px`;
    if (!this.isFollowing.peek()) return;
    place.scrollTop = place.scrollHeight;
    this.#lastTop = place.scrollTop;
  }

  /** A table need not keep the pace of pictures. */
  #tellTable(): void {
    this.#tableDue ??= setTimeout(() => {
      this.#tableDue = undefined;
      const arrows = this.#model.layout.arrowsIn(this.#top, this.#top + this.#height);
      this.inSight.value = arrows.slice(0, MOST_ROWS).map(({ paired }) => paired);
    }, TABLE_PACE);
  }

  leave(): void {
    clearTimeout(this.#tableDue);
  }

  pick(paired: PairedSegment | undefined): void {
    this.picked.value = paired;
    this.#point(paired);
  }

  #hover(paired: PairedSegment | undefined): void {
    if (paired === this.hovered.peek()) return;
    this.hovered.value = paired;
    this.#point(paired ?? this.picked.peek());
  }

  /** The cursor of all views goes to where it left. */
  #point(paired: PairedSegment | undefined): void {
    this.#ownCursor = paired === undefined ? undefined : this.#model.pair.leftAt(paired);
    this.#session.cursor.value = this.#ownCursor;
    this.redraw();
  }

  cursorMoved(cursor: number | undefined): void {
    if (cursor !== undefined && cursor !== this.#ownCursor)
      this.#bringIntoSight(this.#model.layout.yAt(cursor));
    this.redraw();
  }

  #bringIntoSight(y: number): void {
    const { current: place } = this.scroller;
    if (place === null || (y >= this.#top + 30 && y <= this.#top + this.#height - 30)) return;
    this.isFollowing.value = false;
    place.scrollTop = y - this.#height / 2;
  }

  step(by: 1 | -1): void {
    const next = this.#model.step(this.picked.peek(), by, this.#top);
    this.pick(next);
    const arrow = next === undefined ? undefined : this.#model.arrowOf(next);
    if (arrow !== undefined) this.#bringIntoSight(arrow.leaveY);
  }

  /** What stands at `y` of the canvas stays there. */
  zoomTo(zoom: number, y = this.#height / 2): void {
    const time = this.#model.layout.timeAt(this.#top + y);
    this.#model.zoomTo(zoom);
    this.#fitSpacer();
    const { current: place } = this.scroller;
    if (place !== null && !this.isFollowing.peek()) place.scrollTop = this.#model.layout.yAt(time) - y;
    this.redraw();
  }

  zoomIn(): void {
    this.zoomTo(this.#model.zoom * ZOOM_STEP);
  }

  zoomOut(): void {
    this.zoomTo(this.#model.zoom / ZOOM_STEP);
  }

  follow(on: boolean): void {
    this.isFollowing.value = on;
    this.redraw();
  }

  /** Whoever scrolls to the end wants to see what comes; whoever scrolls away does not. */
  scrolled(): void {
    const { current: place } = this.scroller;
    if (place === null) return;
    const isAtEnd = this.#top + this.#height >= place.scrollHeight - NEAR_END;
    if (this.#top < this.#lastTop) this.isFollowing.value = false;
    else if (isAtEnd) this.isFollowing.value = !this.isRead;
    this.#lastTop = this.#top;
    this.redraw();
  }

  keyPressed(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const actions: Readonly<Record<string, () => void>> = {
      ArrowDown: () => this.step(1),
      ArrowUp: () => this.step(-1),
      "+": () => this.zoomIn(),
      "=": () => this.zoomIn(),
      "-": () => this.zoomOut(),
      "0": () => this.zoomTo(1),
      Escape: () => this.pick(undefined),
    };
    const action = actions[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  }

  readonly gestures: GestureListener = {
    wheelZooms: false,
    touchScrolls: true,
    zoom: (factor, _, y) => this.zoomTo(this.#model.zoom * factor, y),
    pan: (_, dy) => this.scroller.current?.scrollBy(0, -dy),
    tap: (x, y) => this.pick(this.#at(x, y)),
    hover: (x, y) => this.#hover(x === undefined ? undefined : this.#at(x, y)),
  };

  #at(x: number, y: number): PairedSegment | undefined {
    const columns = ladderColumns(this.scroller.current?.clientWidth ?? 0);
    return arrowNear(x, y, this.#sight(), columns)?.paired;
  }
}
