/**
 * A section's bars: one line of panels a row, one panel for each of its first two quantities; in each a bar
 * a contestant, with the spread of its rounds as a whisker, and the strictest target as a dashed line.
 * Points of curves are not shown here (page/curves).
 */
import type { EChartsOption, SeriesOption } from "echarts";
import { figure } from "../figure.ts";
import type { RowResult } from "../results.ts";
import type { Quantity } from "../row.ts";
import { FAINT, INK, isOurs, OURS, renderPlot, THEIRS } from "./plot.ts";

const WIDTH = 900;
const LABELS = 190;
const GAP = 50;
const COLUMNS = 2;
const BAR = 20;
const HEADING = 44;
const FOOT = 26;
/** Room at the right of a bar for its number. */
const ROOM = 1.18;

interface Panel {
  readonly row: RowResult;
  readonly quantity: Quantity;
  readonly index: number;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly isFirst: boolean;
}

/** Undefined when there is nothing but curves. */
export function panelChart(title: string, rows: readonly RowResult[]): string | undefined {
  const { panels, height } = layOut(rows.filter(row => barsOf(row).length > 0));
  if (panels.length === 0) return undefined;
  const option: EChartsOption = {
    title: panels.flatMap(titles),
    grid: panels.map(({ left, top, width, height }) => ({ left, top, width, height })),
    xAxis: panels.map(panel => ({
      type: "value" as const,
      gridIndex: panel.index,
      max: extent(panel) * ROOM,
      splitNumber: 3,
      axisLabel: { show: false },
      splitLine: { show: false },
    })),
    yAxis: panels.map(({ row, index, isFirst }) => ({
      type: "category" as const,
      gridIndex: index,
      inverse: true,
      data: shown(row),
      axisTick: { show: false },
      axisLine: { lineStyle: { color: FAINT } },
      axisLabel: { show: isFirst, color: INK },
    })),
    series: panels.flatMap(seriesOf),
  };
  return renderPlot(title, WIDTH, height, option);
}

function layOut(rows: readonly RowResult[]): { panels: Panel[]; height: number } {
  const width = (WIDTH - LABELS - GAP * (COLUMNS - 1) - 20) / COLUMNS;
  const panels: Panel[] = [];
  let top = 0;
  for (const row of rows) {
    const height = shown(row).length * BAR;
    for (const [column, quantity] of barsOf(row).entries()) {
      const left = LABELS + column * (width + GAP);
      const place = { left, top: top + HEADING, width, height, isFirst: column === 0 };
      panels.push({ row, quantity, index: panels.length, ...place });
    }
    top += HEADING + height + FOOT;
  }
  return { panels, height: top };
}

function titles({ row, quantity, left, top, isFirst }: Panel) {
  const unit = {
    text: `${quantity.name}, ${quantity.unit}`,
    left,
    top: top - 20,
    padding: 0,
    textStyle: { fontSize: 12, fontWeight: "normal" as const, color: INK },
  };
  const heading = {
    text: row.title,
    left: 12,
    top: top - 38,
    padding: 0,
    textStyle: { fontSize: 14, color: INK },
  };
  return isFirst ? [heading, unit] : [unit];
}

function barsOf(row: RowResult): Quantity[] {
  return row.quantities.filter(({ point }) => point === undefined).slice(0, COLUMNS);
}

/** Those that took part. */
function shown(row: RowResult): string[] {
  return row.contestants.filter(each => each.rounds.length > 0).map(each => each.contestant);
}

function summaryOf({ row, quantity }: Panel, contestant: string) {
  return row.contestants.find(each => each.contestant === contestant)?.summaries[quantity.name];
}

/** How far the axis must reach. */
function extent(panel: Panel): number {
  const most = shown(panel.row).map(name => summaryOf(panel, name)?.most ?? 0);
  return Math.max(...most, goalOf(panel) ?? 0);
}

function seriesOf(panel: Panel): SeriesOption[] {
  const names = shown(panel.row);
  const goal = goalOf(panel);
  const bars = names.map(name => ({
    value: summaryOf(panel, name)?.median ?? 0,
    itemStyle: { color: isOurs(name) ? OURS : THEIRS },
  }));
  const spreads = names.map((name, index) => {
    const { least = 0, most = 0 } = summaryOf(panel, name) ?? {};
    return [least, most, index];
  });
  const axes = { xAxisIndex: panel.index, yAxisIndex: panel.index };
  return [
    {
      type: "bar",
      ...axes,
      data: bars,
      barWidth: BAR - 7,
      ...(goal === undefined ? {} : { markLine: targetLine(goal) }),
    },
    {
      type: "custom",
      z: 3,
      ...axes,
      data: spreads,
      renderItem: (_params, api) => whisker(api, panel, names),
    },
  ];
}

type WhiskerApi = Parameters<NonNullable<Extract<SeriesOption, { type?: "custom" }>["renderItem"]>>[1];

/** A thin line from the least to the most, and the median's number behind it. */
function whisker(api: WhiskerApi, panel: Panel, names: readonly string[]) {
  const index = Number(api.value(2));
  const [from = 0, y = 0] = api.coord([api.value(0), index]);
  const [to = 0] = api.coord([api.value(1), index]);
  const text = figure(summaryOf(panel, names[index] ?? "")?.median ?? Number.NaN);
  return {
    type: "group" as const,
    children: [
      {
        type: "line" as const,
        shape: { x1: from, y1: y, x2: to, y2: y },
        style: { stroke: INK, lineWidth: 1.5 },
      },
      {
        type: "text" as const,
        x: to + 6,
        y,
        style: { text, fill: INK, fontSize: 11, verticalAlign: "middle" as const },
      },
    ],
  };
}

function targetLine(goal: number) {
  return {
    silent: true,
    symbol: "none",
    lineStyle: { color: INK, type: "dashed" as const, width: 1 },
    label: { show: true, formatter: "target", position: "end" as const, color: INK, fontSize: 10 },
    data: [{ xAxis: goal }],
  };
}

/** Where the strictest of the panel's targets lies on its axis. */
function goalOf(panel: Panel): number | undefined {
  const goals = panel.row.targets
    .filter(target => target.quantity === panel.quantity.name)
    .map(({ against, bound }) => {
      const peer = against === undefined ? 1 : summaryOf(panel, against)?.median;
      const factor = "atLeast" in bound ? bound.atLeast : bound.atMost;
      return peer === undefined ? undefined : peer * factor;
    })
    .filter(goal => goal !== undefined);
  if (goals.length === 0) return undefined;
  return panel.quantity.better === "more" ? Math.max(...goals) : Math.min(...goals);
}
