/** The points of a section's curves: of each chart, one curve a contestant through all that its rows have. */
import type { RowResult } from "../results.ts";
import type { Summary } from "../statistics.ts";

export interface Curve {
  readonly contestant: string;
  /** By x. */
  readonly points: Map<number, Summary>;
}

export interface Chart {
  readonly name: string;
  readonly unit: string;
  readonly xTitle: string;
  readonly curves: Map<string, Curve>;
}

/** In the order of their names, numbers in them by size. */
export function collectCharts(rows: readonly RowResult[]): Chart[] {
  const charts = new Map<string, Chart>();
  for (const row of rows) {
    for (const { name, unit, point } of row.quantities) {
      if (point === undefined) continue;
      const chart = charts.get(point.chart) ?? emptyChart(point.chart, unit, point.xTitle);
      for (const { contestant, summaries } of row.contestants) {
        const summary = summaries[name];
        if (summary === undefined) continue;
        const curve = chart.curves.get(contestant) ?? { contestant, points: new Map() };
        curve.points.set(point.x, summary);
        chart.curves.set(contestant, curve);
        charts.set(point.chart, chart);
      }
    }
  }
  return [...charts.values()].sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
}

/** All that any of the charts has, in order. */
export function positionsOf(charts: readonly Chart[]): number[] {
  const positions = charts.flatMap(({ curves }) =>
    [...curves.values()].flatMap(each => [...each.points.keys()]),
  );
  return [...new Set(positions)].sort((a, b) => a - b);
}

function emptyChart(name: string, unit: string, xTitle: string): Chart {
  return { name, unit, xTitle, curves: new Map() };
}
