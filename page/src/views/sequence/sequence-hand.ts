/**
 * What is done with the graphs: looked at from nearer, moved, pointed at, switched. All panels have one
 * stretch of time and one cursor. Drawing takes no more than a third of the time, however much there is.
 */
import { type Signal, signal } from "@preact/signals";
import type { Story } from "../../../../src/inspect/story.ts";
import { type GestureListener, listenForGestures } from "../../drawing/gestures.ts";
import { firstIndex } from "../../drawing/search.ts";
import type { Session } from "../../state/session.ts";
import { language } from "../../text/language.ts";
import { durationText } from "../../text/quantities.ts";
import { boundsOf, type Flow } from "./flow.ts";
import { type PanelSpec, rangeOf, sequenceText, valueAt } from "./panels.ts";
import { Plot, type PlotOptions } from "./plot.ts";
import { paintRecoveries, paintSequence } from "./sequence-paint.ts";
import { SequenceColumns, type SequenceShapes, type Step, sequenceRange } from "./sequence-shapes.ts";
import type { Line } from "./thin-out.ts";
import { Work } from "./time-columns.ts";
import { ALL, following, type Look, panned, type Stretch, stretchOf, zoomed } from "./time-range.ts";
import type { PanelName } from "./words.ts";

/** What is shown. */
export interface Graphs {
  /** Undefined: connections are compared. */
  readonly flow: Flow | undefined;
  readonly panels: readonly PanelSpec[];
  /** Whose time is shown. */
  readonly stories: readonly Story[];
  /** µs to be taken off each one's times: they begin together. */
  readonly shifts: readonly number[];
}

/** What the user has chosen, whatever is shown. */
export interface Choices {
  readonly look: Signal<Look>;
  readonly hidden: Signal<ReadonlySet<string>>;
}

interface Mounted {
  readonly plot: Plot;
  readonly spec: PanelSpec | undefined;
  lines: ReadonlyArray<Line | undefined>;
}

const ZOOM_STEP = 1.5;
/** Of all time, before its beginning and after its end. */
const MARGIN = 0.02;
/** Of the stretch, with a key. */
const MOVE_STEP = 0.15;
const CURSOR_STEP = 0.01;
/** Milliseconds that a drawing may take without the next one being put off. */
const LIGHT_WORK = 8;
/** Milliseconds between two drawings of what has come: the browser's part of them is not in our hands. */
const PACE = 150;

export class SequenceHand {
  /** Values at the cursor, or else at the end, by panel and series. */
  readonly readings = signal<ReadonlyMap<string, string>>(new Map());
  /** Colours that there are strokes of. */
  readonly strokes = signal<ReadonlySet<string>>(new Set());
  readonly #session: Session;
  readonly #graphs: Graphs;
  readonly #choices: Choices;
  readonly #mounted = new Map<PanelName, Mounted>();
  readonly #columns: SequenceColumns | undefined;
  #shapes: SequenceShapes | undefined;
  #origin: number | undefined;
  #pinned: number | undefined;
  #cost = 0;
  #putOff: ReturnType<typeof setTimeout> | undefined;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #growing: ReturnType<typeof setTimeout> | undefined;
  /** Asks for a new drawing before the next picture. */
  ask: () => void = () => {};

  constructor(session: Session, graphs: Graphs, choices: Choices) {
    this.#session = session;
    this.#graphs = graphs;
    this.#choices = choices;
    this.#columns = graphs.flow === undefined ? undefined : new SequenceColumns(graphs.flow);
  }

  redraw(): void {
    if (this.#putOff !== undefined) return;
    if (this.#cost < LIGHT_WORK) this.ask();
    else {
      this.#putOff = setTimeout(() => {
        this.#putOff = undefined;
        this.ask();
      }, 2 * this.#cost);
    }
  }

  /** More has come. */
  grew(): void {
    this.#growing ??= setTimeout(
      () => {
        this.#growing = undefined;
        this.redraw();
      },
      Math.max(0, PACE - (performance.now() - this.#drawnAt)),
    );
  }

  leave(): void {
    clearTimeout(this.#putOff);
    clearTimeout(this.#growing);
  }

  /** Puts a panel into its place. Answers how to take it out again. */
  mount(name: PanelName, place: HTMLElement, hasTimes: boolean): () => void {
    const spec = this.#graphs.panels.find(panel => panel.name === name);
    const plot = new Plot(place, this.#plotOptions(spec, hasTimes));
    this.#mounted.set(name, { plot, spec, lines: [] });
    const endGestures = listenForGestures(plot.over, this.#gestures(plot));
    const observer = new ResizeObserver(() => {
      plot.resize(place.clientWidth, place.clientHeight);
      this.redraw();
    });
    observer.observe(place);
    return () => {
      observer.disconnect();
      endGestures();
      this.#mounted.delete(name);
      plot.destroy();
    };
  }

  #plotOptions(spec: PanelSpec | undefined, hasTimes: boolean): PlotOptions {
    const format = spec?.format ?? sequenceText;
    const { flow } = this.#graphs;
    return {
      series: spec?.series ?? [],
      hasTimes,
      increments: spec?.increments,
      valueText: value => format(value, language.peek()),
      timeText: time => durationText(time, language.peek()),
      paintBehind: paper => {
        if (flow?.isSender !== true) return;
        paintRecoveries(paper, flow.story.recoveries, this.#relative(this.stretch), this.#origin ?? 0);
      },
      paint: paper => {
        if (spec !== undefined || this.#shapes === undefined) return;
        const isShown = (name: string): boolean => !this.#choices.hidden.peek().has(name);
        paintSequence(paper, this.#shapes, this.#origin ?? 0, isShown);
      },
    };
  }

  get bounds(): Stretch {
    const { stories, shifts } = this.#graphs;
    const all = stories.map((story, index) => {
      const { from, to } = boundsOf([story]);
      const shift = shifts[index] ?? 0;
      return { from: from - shift, to: to - shift };
    });
    const from = Math.min(...all.map(bounds => bounds.from));
    const to = Math.max(from, ...all.map(bounds => bounds.to));
    const margin = MARGIN * (to - from);
    return { from: from - margin, to: to + margin };
  }

  get stretch(): Stretch {
    return stretchOf(this.#choices.look.peek(), this.bounds);
  }

  draw(): void {
    const began = performance.now();
    const { stretch } = this;
    if (this.#graphs.stories.every(({ events }) => events === 0)) return;
    this.#origin ??= boundsOf(this.#graphs.stories).from;
    const work = new Work();
    for (const [name, mounted] of this.#mounted) {
      if (name === "sequence") this.#showSequence(mounted.plot, stretch, work);
      else this.#showLines(mounted, stretch, work);
    }
    this.pointed();
    this.#drawnAt = performance.now();
    this.#cost = this.#drawnAt - began;
    if (work.isBehind) this.ask();
  }

  #showSequence(plot: Plot, stretch: Stretch, work: Work): void {
    const shapes = this.#columns?.over(stretch, plot.columns, work);
    if (shapes === undefined) return;
    this.#shapes = shapes;
    const range = sequenceRange(shapes, !this.#choices.hidden.peek().has("window"));
    plot.show({ stretch: this.#relative(stretch), range, lines: [] });
    const strokes = [...shapes.text.keys()];
    const known = this.strokes.peek();
    if (strokes.some(token => !known.has(token))) this.strokes.value = new Set([...known, ...strokes]);
  }

  #showLines(mounted: Mounted, stretch: Stretch, work: Work): void {
    const { plot, spec } = mounted;
    if (spec === undefined) return;
    const hidden = this.#choices.hidden.peek();
    const origin = this.#origin ?? 0;
    mounted.lines = spec.series.map(series => {
      if (hidden.has(series.name)) return undefined;
      const { times, values } = series.line(stretch, plot.columns, work);
      return { times: times.map(time => time - origin), values };
    });
    const shown = mounted.lines.flatMap((line, index) =>
      line === undefined ? [] : [{ line, isOuter: spec.series[index]?.isOuter === true }],
    );
    plot.show({ stretch: this.#relative(stretch), range: rangeOf(shown), lines: mounted.lines });
  }

  #relative({ from, to }: Stretch): Stretch {
    const origin = this.#origin ?? 0;
    return { from: from - origin, to: to - origin };
  }

  /** The cursor of all views is shown, and what the lines are there. */
  pointed(): void {
    const cursor = this.#session.cursor.peek();
    const at = (cursor ?? this.stretch.to) - (this.#origin ?? 0);
    const readings = new Map<string, string>();
    for (const [panel, { plot, spec, lines }] of this.#mounted) {
      plot.point(cursor === undefined ? undefined : at);
      for (const [index, series] of (spec?.series ?? []).entries()) {
        const line = lines[index];
        const value = line === undefined ? undefined : valueAt(line, at);
        const text = value === undefined ? undefined : spec?.format(value, language.peek());
        if (text !== undefined) readings.set(readingOf(panel, series.name), text);
      }
    }
    for (const name of ["acknowledged", "window"] as const) {
      const value = stepAt(this.#shapes?.[name] ?? [], at + (this.#origin ?? 0));
      if (value === undefined) continue;
      readings.set(readingOf("sequence", name), sequenceText(value, language.peek()));
    }
    this.readings.value = readings;
  }

  #gestures(plot: Plot): GestureListener {
    const timeAt = (x: number): number => plot.timeAt(x) + (this.#origin ?? 0);
    return {
      wheelZooms: true,
      touchScrolls: false,
      zoom: (factor, x) => this.#zoom(factor, timeAt(x)),
      pan: dx => this.#pan(timeAt(0) - timeAt(dx)),
      tap: x => this.#pin(timeAt(x)),
      hover: x => this.#point(x === undefined ? this.#pinned : timeAt(x)),
    };
  }

  #zoom(factor: number, at: number): void {
    this.#choices.look.value = zoomed(this.#choices.look.peek(), this.bounds, factor, at);
  }

  #pan(by: number): void {
    this.#choices.look.value = panned(this.#choices.look.peek(), this.bounds, by);
  }

  #point(time: number | undefined): void {
    this.#session.cursor.value = time;
  }

  /** A second press at the same place takes the pin away. */
  #pin(time: number): void {
    const { from, to } = this.stretch;
    const isSame = this.#pinned !== undefined && Math.abs(this.#pinned - time) < CURSOR_STEP * (to - from);
    this.#pinned = isSame ? undefined : time;
    this.#point(this.#pinned);
  }

  zoomIn(): void {
    this.#zoomBy(ZOOM_STEP);
  }

  zoomOut(): void {
    this.#zoomBy(1 / ZOOM_STEP);
  }

  /** Around the cursor, if there is one in sight; at the end, if that is followed; else around the middle. */
  #zoomBy(factor: number): void {
    const { from, to } = this.stretch;
    const cursor = this.#session.cursor.peek();
    const isInSight = cursor !== undefined && cursor >= from && cursor <= to;
    const otherwise = this.#choices.look.peek().kind === "last" ? to : (from + to) / 2;
    this.#zoom(factor, isInSight ? cursor : otherwise);
  }

  all(): void {
    this.#choices.look.value = ALL;
  }

  follow(on: boolean): void {
    this.#choices.look.value = following(this.#choices.look.peek(), this.bounds, on);
  }

  keyPressed(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { from, to } = this.stretch;
    const move = (sign: 1 | -1): void => {
      if (event.shiftKey) this.#moveCursor(sign * CURSOR_STEP * (to - from));
      else this.#pan(sign * MOVE_STEP * (to - from));
    };
    const actions: Readonly<Record<string, () => void>> = {
      "+": () => this.zoomIn(),
      "=": () => this.zoomIn(),
      "-": () => this.zoomOut(),
      "0": () => this.all(),
      Home: () => this.all(),
      End: () => this.follow(true),
      ArrowLeft: () => move(-1),
      ArrowRight: () => move(1),
      Escape: () => this.#moveCursor(undefined),
    };
    const action = actions[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action();
  }

  #moveCursor(by: number | undefined): void {
    const { from, to } = this.stretch;
    const start = this.#session.cursor.peek() ?? (from + to) / 2;
    this.#pinned = by === undefined ? undefined : Math.max(from, Math.min(to, start + by));
    this.#point(this.#pinned);
  }
}

/** Panels of a comparison have a line of each connection, by the same name. */
export function readingOf(panel: PanelName, series: string): string {
  return `${panel} ${series}`;
}

/** What the last step before an instant led to. */
function stepAt(steps: readonly Step[], at: number): number | undefined {
  return steps[firstIndex(steps, ({ time }) => time > at) - 1]?.value;
}
