/**
 * A section's curves: one panel a chart, in each one line a contestant through all points that the section's
 * rows have for it.
 */
import type { EChartsOption, SeriesOption } from "echarts";
import type { RowResult } from "../results.ts";
import { FAINT, INK, isOurs, LINES, renderPlot } from "./plot.ts";
import { type Chart, type Curve, collectCharts } from "./points.ts";

const WIDTH = 900;
const LEGEND = 40;
const HEADING = 34;
/** Room for the marks and the title of an axis. */
const LEFT = 56;
const FOOT = 50;
const PLOT_HEIGHT = 170;
const GAP = 16;
const MOST_COLUMNS = 4;
/** From this ratio of the largest to the smallest on, an axis counts in powers of ten. */
const WIDE = 100;

/** Undefined when there are no points. */
export function curveChart(title: string, rows: readonly RowResult[]): string | undefined {
  const charts = collectCharts(rows);
  if (charts.length === 0) return undefined;
  const contestants = [...new Set(charts.flatMap(({ curves }) => [...curves.keys()]))];
  const columns = columnsFor(charts.length);
  const width = WIDTH / columns;
  const height = HEADING + PLOT_HEIGHT + FOOT;
  const places = charts.map((chart, index) => ({
    chart,
    index,
    left: (index % columns) * width + LEFT,
    top: LEGEND + Math.floor(index / columns) * height + HEADING,
  }));
  const option: EChartsOption = {
    legend: { data: contestants, top: 8, textStyle: { color: INK } },
    title: places.map(({ chart, left, top }) => heading(chart.name, left, top)),
    grid: places.map(({ left, top }) => ({ left, top, width: width - LEFT - GAP, height: PLOT_HEIGHT })),
    xAxis: places.map(({ chart, index }) => ({ ...axis(chart.xTitle, chart, 0), gridIndex: index })),
    yAxis: places.map(({ chart, index }) => ({ ...axis(chart.unit, chart, 1), gridIndex: index })),
    series: places.flatMap(({ chart, index }) =>
      [...chart.curves.values()].map(curve => line(curve, index, contestants.indexOf(curve.contestant))),
    ),
  };
  return renderPlot(title, WIDTH, LEGEND + Math.ceil(charts.length / columns) * height, option);
}

/** As many as fill their lines, at most four. */
function columnsFor(count: number): number {
  for (let columns = MOST_COLUMNS; columns > 1; columns--) if (count % columns === 0) return columns;
  return Math.min(count, 2);
}

function heading(text: string, left: number, top: number) {
  return { text, left, top: top - 22, padding: 0, textStyle: { fontSize: 12, color: INK } };
}

/** @param dimension 0: along; 1: upwards */
function axis(name: string, chart: Chart, dimension: 0 | 1) {
  const curves = [...chart.curves.values()];
  const values = curves.flatMap(curve => pointsOf(curve).map(point => point[dimension]));
  return {
    type: isWide(values) ? ("log" as const) : ("value" as const),
    name,
    nameLocation: "middle" as const,
    nameGap: dimension === 0 ? 26 : 40,
    nameTextStyle: { color: INK, fontSize: 11 },
    axisLabel: { color: INK, fontSize: 10, hideOverlap: true },
    splitLine: { lineStyle: { color: FAINT } },
  };
}

function pointsOf({ points }: Curve): [number, number][] {
  return [...points].map(([x, { median }]): [number, number] => [x, median]).sort(([a], [b]) => a - b);
}

function line(curve: Curve, panel: number, colour: number): SeriesOption {
  const { contestant } = curve;
  const color = LINES[colour % LINES.length] ?? INK;
  return {
    type: "line",
    name: contestant,
    xAxisIndex: panel,
    yAxisIndex: panel,
    data: pointsOf(curve),
    symbolSize: 6,
    itemStyle: { color },
    lineStyle: {
      color,
      width: isOurs(contestant) ? 2.5 : 1.5,
      type: isOurs(contestant) ? "solid" : "dashed",
    },
  };
}

function isWide(values: readonly number[]): boolean {
  const least = Math.min(...values);
  return least > 0 && Math.max(...values) / least >= WIDE;
}
