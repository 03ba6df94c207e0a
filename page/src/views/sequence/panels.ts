/** The panels under the sequence numbers: which lines each has, where they come from, what they count. */
import type { Story, StoryMetrics } from "../../../../src/inspect/story.ts";
import type { Token } from "../../drawing/colours.ts";
import type { Language } from "../../text/language.ts";
import { bytesText, countText, durationText, rateText, shortCountText } from "../../text/quantities.ts";
import { type Line, ThinnedLine, Throughput } from "./thin-out.ts";
import type { Work } from "./time-columns.ts";
import type { Stretch } from "./time-range.ts";
import type { PanelName } from "./words.ts";

export interface SeriesSpec {
  /** Of `SeriesName`, or of a compared connection. */
  readonly name: string;
  readonly token: Token;
  readonly shape: "line" | "steps" | "points";
  readonly dash?: readonly number[];
  /** It may be far above the others, and is not what the axis goes by. */
  readonly isOuter?: boolean;
  line(stretch: Stretch, columns: number, work: Work): Line;
}

export interface PanelSpec {
  readonly name: PanelName;
  readonly series: readonly SeriesSpec[];
  /** Between two marks of its axis; decimal ones if not given. */
  readonly increments?: readonly number[];
  format(value: number, language: Language): string;
}

/** Parts of the stretch that throughput is counted in, or nearly as many. */
const THROUGHPUT_PARTS = 120;

const POWERS_OF_TWO = Array.from({ length: 50 }, (_, power) => 2 ** power);

/** They are no amounts: the axis counts them by round decimal numbers, so they are told as such. */
export const sequenceText = (value: number, language: Language): string =>
  Math.abs(value) < 1e7 ? countText(value, language) : shortCountText(value, language);

/** Those of one sender. */
export function metricPanels(story: Story): readonly PanelSpec[] {
  const rtts = new ThinnedLine(story.acknowledgments, ({ rtt }) => rtt);
  const samples: SeriesSpec = {
    ...{ name: "rtt", token: "muted", shape: "points" },
    line: (stretch, columns, work) => rtts.over(stretch, columns / 2, work),
  };
  return [
    {
      name: "rtt",
      format: durationText,
      series: [
        samples,
        metric(story, "srtt", "accent", ({ srtt }) => srtt || undefined),
        {
          ...metric(story, "rto", "cause-timeout", ({ rto }) => rto || undefined),
          dash: [5, 3],
          isOuter: true,
        },
      ],
    },
    {
      name: "windows",
      format: bytesText,
      increments: POWERS_OF_TWO,
      series: [
        metric(story, "inFlight", "muted", ({ inFlight }) => inFlight),
        metric(story, "cwnd", "accent", ({ cwnd }) => cwnd),
        {
          ...metric(story, "ssthresh", "cause-fast", ({ ssthresh }) => ssthresh),
          dash: [6, 4],
          isOuter: true,
        },
        { ...metric(story, "sendWindow", "window", ({ sendWindow }) => sendWindow), isOuter: true },
      ],
    },
    {
      name: "rates",
      format: rateText,
      series: [
        throughput(story, "throughput", "acknowledged"),
        { ...metric(story, "pacing", "cause-rack", ({ pacingRate }) => pacingRate), isOuter: true },
      ],
    },
  ];
}

/** Colours and dashes of connections that are compared, the selected one first. */
export const COMPARED: ReadonlyArray<{ readonly token: Token; readonly dash: readonly number[] }> = [
  { token: "accent", dash: [] },
  { token: "cause-fast", dash: [7, 3] },
  { token: "cause-rack", dash: [2, 3] },
  { token: "acknowledged", dash: [9, 3, 2, 3] },
];

export interface Compared {
  readonly name: string;
  readonly story: Story;
  /** µs to be taken off its times. */
  readonly shift: number;
}

export function comparedPanels(compared: readonly Compared[]): readonly PanelSpec[] {
  const series = (make: (story: Story, name: string, token: Token) => SeriesSpec): SeriesSpec[] =>
    compared.map(({ story, name, shift }, index) => {
      const { token, dash } = COMPARED[index % COMPARED.length] ?? { token: "accent" as const, dash: [] };
      return shifted({ ...make(story, name, token), dash }, shift);
    });
  return [
    {
      name: "compare-cwnd",
      format: bytesText,
      increments: POWERS_OF_TWO,
      series: series((story, name, token) => metric(story, name, token, ({ cwnd }) => cwnd)),
    },
    { name: "compare-rate", format: rateText, series: series(throughput) },
  ];
}

function metric(
  { metrics }: Story,
  name: string,
  token: Token,
  measure: (metrics: StoryMetrics) => number | undefined,
): SeriesSpec {
  const thinned = new ThinnedLine(metrics, measure);
  const line: SeriesSpec["line"] = (stretch, columns, work) => thinned.over(stretch, columns, work);
  return { name, token, shape: "steps", line };
}

function throughput({ acknowledgments }: Story, name: string, token: Token): SeriesSpec {
  const rate = new Throughput(acknowledgments);
  const line: SeriesSpec["line"] = (stretch, _, work) => rate.over(stretch, THROUGHPUT_PARTS, work);
  return { name, token, shape: "line", line };
}

function shifted(series: SeriesSpec, shift: number): SeriesSpec {
  if (shift === 0) return series;
  const line: SeriesSpec["line"] = ({ from, to }, columns, work) => {
    const { times, values } = series.line({ from: from + shift, to: to + shift }, columns, work);
    return { times: times.map(time => time - shift), values };
  };
  return { ...series, line };
}

/** From zero to the highest of these lines; an outer one counts as far as it is not far above the rest. */
export function rangeOf(
  lines: ReadonlyArray<{ readonly line: Line; readonly isOuter: boolean }>,
): [number, number] {
  let top = 0;
  const inner = lines.filter(({ isOuter }) => !isOuter);
  for (const { line } of inner.length > 0 ? inner : lines)
    for (const value of line.values) top = Math.max(top, value);
  const furthest = top * 2.5;
  for (const { line } of lines)
    for (const value of line.values) if (value <= furthest) top = Math.max(top, value);
  return [0, top === 0 ? 1 : top * 1.06];
}

/** The value that a line has at an instant: that of the last point before it. */
export function valueAt({ times, values }: Line, time: number): number | undefined {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? 0) <= time) low = middle + 1;
    else high = middle;
  }
  return values[low - 1];
}
