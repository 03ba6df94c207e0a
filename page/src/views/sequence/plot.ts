/**
 * One panel on the common time axis: uPlot draws axes and lines; bands of recovery, the shapes of sequence
 * numbers and the cursor are drawn by who owns the panel.
 */
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { type Colours, coloursNow, type Token } from "../../drawing/colours.ts";
import styles from "./sequence.module.css";
import type { Line } from "./thin-out.ts";
import type { Stretch } from "./time-range.ts";

export interface PlottedSeries {
  readonly token: Token;
  readonly shape: "line" | "steps" | "points";
  readonly dash?: readonly number[];
}

/** Where things stand on the canvas, in its own pixels. */
export interface Paper {
  readonly context: CanvasRenderingContext2D;
  readonly colours: Colours;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly ratio: number;
  x(time: number): number;
  y(value: number): number;
}

export interface PlotOptions {
  readonly series: readonly PlottedSeries[];
  readonly hasTimes: boolean;
  /** Between two marks of the value axis; decimal ones if not given. */
  readonly increments: readonly number[] | undefined;
  valueText(value: number): string;
  timeText(time: number): string;
  /** Behind the lines, and before them. */
  paintBehind?(paper: Paper): void;
  paint?(paper: Paper): void;
}

export interface PlotContent {
  readonly stretch: Stretch;
  readonly range: readonly [number, number];
  /** One for each series; undefined: it is switched off. */
  readonly lines: ReadonlyArray<Line | undefined>;
}

const TIME_AXIS = 26;
/** Room for numbers beside the plot, on a wide and on a narrow page. */
const VALUE_AXIS = { wide: 72, narrow: 66 };
const NARROW = 560;

export class Plot {
  readonly #plot: uPlot;
  readonly #options: PlotOptions;
  readonly #cursor: HTMLElement;
  #width: number;
  #stretch: Stretch = { from: 0, to: 1 };
  #range: readonly [number, number] = [0, 1];

  constructor(place: HTMLElement, options: PlotOptions) {
    this.#options = options;
    const { clientWidth, clientHeight } = place;
    this.#width = clientWidth;
    this.#plot = new uPlot(
      {
        ...{ width: Math.max(80, clientWidth), height: Math.max(60, clientHeight) },
        ...{
          cursor: { show: false },
          legend: { show: false },
          select: { show: false, left: 0, top: 0, width: 0, height: 0 },
        },
        padding: [6, 10, options.hasTimes ? 0 : 4, 0],
        scales: {
          x: { time: false, range: () => [this.#stretch.from, this.#stretch.to] },
          y: { range: () => [...this.#range] as [number, number] },
        },
        axes: this.#axes(),
        series: [{}, { show: false }, ...options.series.map(seriesOf)],
        hooks: {
          drawClear: [() => options.paintBehind?.(this.#paper())],
          draw: [() => options.paint?.(this.#paper())],
        },
      },
      this.#table([]),
      place,
    );
    this.#cursor = document.createElement("div");
    this.#cursor.className = styles.cursor ?? "";
    this.#cursor.hidden = true;
    this.#plot.over.append(this.#cursor);
  }

  /** Where hands are listened to: the plot without its axes. */
  get over(): HTMLElement {
    return this.#plot.over;
  }

  /** CSS pixels of the plot without its axes. */
  get columns(): number {
    return Math.max(20, Math.round(this.#plot.bbox.width / devicePixelRatio));
  }

  show({ stretch, range, lines }: PlotContent): void {
    this.#stretch = stretch;
    this.#range = range;
    this.#plot.setData(this.#table(lines));
  }

  /** Undefined, or out of sight: no cursor. */
  point(time: number | undefined): void {
    const { from, to } = this.#stretch;
    this.#cursor.hidden = time === undefined || time < from || time > to;
    if (time === undefined) return;
    const x = ((time - from) / (to - from)) * this.columns;
    this.#cursor.style.transform = `translateX(${x.toFixed(1)}px)`;
  }

  timeAt(x: number): number {
    const { from, to } = this.#stretch;
    return from + (x / this.columns) * (to - from);
  }

  resize(width: number, height: number): void {
    if (width === this.#plot.width && height === this.#plot.height) return;
    this.#width = width;
    this.#plot.setSize({ width: Math.max(80, width), height: Math.max(60, height) });
  }

  destroy(): void {
    this.#plot.destroy();
  }

  #axes(): uPlot.Axis[] {
    const grid = { stroke: () => coloursNow().line, width: 1 };
    const look = {
      stroke: () => coloursNow().muted,
      grid,
      ticks: { ...grid, size: 4 },
      font: "11px system-ui",
    };
    const times = (_: uPlot, splits: number[]): string[] => splits.map(time => this.#options.timeText(time));
    const increments = this.#options.increments === undefined ? {} : { incrs: [...this.#options.increments] };
    const values = (_: uPlot, splits: number[]): string[] =>
      splits.map(value => this.#options.valueText(value));
    return [
      {
        ...look,
        size: this.#options.hasTimes ? TIME_AXIS : 4,
        space: 80,
        values: this.#options.hasTimes ? times : none,
      },
      { ...look, size: () => valueAxis(this.#width), space: 26, values, ...increments },
    ];
  }

  /** Series that are switched off have no points; the first one keeps the axis where it is. */
  #table(lines: PlotContent["lines"]): uPlot.AlignedData {
    const { from, to } = this.#stretch;
    const empty: Line = { times: [], values: [] };
    const all = this.#options.series.map((_, index) => lines[index] ?? empty);
    const tables = all.map(({ times, values }): uPlot.AlignedData => [times, values]);
    return uPlot.join([
      [
        [from, to],
        [null, null],
      ],
      ...tables,
    ]);
  }

  #paper(): Paper {
    const { ctx: context, bbox } = this.#plot;
    const { left, top, width, height } = bbox;
    const { from, to } = this.#stretch;
    const [low, high] = this.#range;
    return {
      ...{ context, colours: coloursNow(), left, top, width, height, ratio: devicePixelRatio },
      x: time => left + ((time - from) / (to - from)) * width,
      y: value => top + height - ((value - low) / (high - low)) * height,
    };
  }
}

function none(_: uPlot, splits: number[]): string[] {
  return splits.map(() => "");
}

function valueAxis(width: number): number {
  return width < NARROW ? VALUE_AXIS.narrow : VALUE_AXIS.wide;
}

function seriesOf({ token, shape, dash }: PlottedSeries): uPlot.Series {
  const colour = (): string => coloursNow()[token];
  const steps = uPlot.paths.stepped?.({ align: 1 });
  if (shape === "points") {
    return { fill: colour, paths: dots, points: { show: false } };
  }
  return {
    ...{ stroke: colour, width: 1.5, spanGaps: true, points: { show: false }, dash: [...(dash ?? [])] },
    ...(shape === "steps" && steps !== undefined ? { paths: steps } : {}),
  };
}

/** CSS pixels. */
const DOT = 3;

/** Squares: thousands of them are painted in a fraction of the time that circles take. */
function dots(plot: uPlot, series: number, first: number, last: number): uPlot.Series.Paths {
  const fill = new Path2D();
  const [times, values] = [plot.data[0], plot.data[series] ?? []];
  const size = DOT * devicePixelRatio;
  for (let i = first; i <= last; i++) {
    const [time, value] = [times[i], values[i]];
    if (time === undefined || value === undefined || value === null) continue;
    const x = plot.valToPos(time, "x", true);
    const y = plot.valToPos(value, "y", true);
    fill.rect(x - size / 2, y - size / 2, size, size);
  }
  return { stroke: null, fill, flags: 1 };
}
