/**
 * The page's tables: one a row, a line for each contestant; and one for all curves of a section that go over
 * the same, a column for each point.
 */
import { markdownTable } from "markdown-table";
import { figure } from "../figure.ts";
import type { ContestantResult, RowResult } from "../results.ts";
import type { Quantity } from "../row.ts";
import type { Summary } from "../statistics.ts";
import { type Chart, collectCharts, positionsOf } from "./points.ts";

/** Of what is no point of a curve; undefined when there is nothing else. */
export function rowTable(row: RowResult): string | undefined {
  const quantities = row.quantities.filter(({ point }) => point === undefined);
  if (quantities.length === 0) return undefined;
  const head = ["", ...quantities.map(({ name, unit }) => `${name}, ${unit}`)];
  const lines = row.contestants.map(each => [each.contestant, ...cells(each, quantities)]);
  const table = markdownTable([head, ...lines], { align: ["l", ...quantities.map(() => "r")] });
  return `**${row.title}** (\`${row.name}\`)\n\n${table}`;
}

/** One for each of what curves go over. */
export function curveTables(rows: readonly RowResult[]): string[] {
  const charts = collectCharts(rows);
  const titles = [...new Set(charts.map(({ xTitle }) => xTitle))];
  const absent = rows.flatMap(absences);
  const tables = titles.map(title => curveTable(charts.filter(({ xTitle }) => xTitle === title)));
  return absent.length === 0 ? tables : [...tables, [...new Set(absent)].join("\n")];
}

function curveTable(charts: readonly Chart[]): string {
  const positions = positionsOf(charts);
  const lines = charts.flatMap(({ name, unit, curves }) =>
    [...curves.values()].map(({ contestant, points }, index) => [
      index === 0 ? `${name}, ${unit}` : "",
      contestant,
      ...positions.map(x => spread(points.get(x))),
    ]),
  );
  const head = ["", charts[0]?.xTitle ?? "", ...positions.map(position)];
  return markdownTable([head, ...lines], { align: ["l", "l", ...positions.map(() => "r")] });
}

/** Those who have no point where others have. */
function absences({ name, contestants, quantities }: RowResult): string[] {
  if (quantities.every(({ point }) => point === undefined)) return [];
  return contestants.flatMap(each => {
    const why = whyAbsent(each);
    return why === undefined ? [] : [`- \`${name}\`, ${each.contestant}: ${why}`];
  });
}

function whyAbsent({ skipped, failures, rounds }: ContestantResult): string | undefined {
  return skipped ?? (rounds.length === 0 ? failures[0] : undefined);
}

function cells(result: ContestantResult, quantities: readonly Quantity[]): string[] {
  const why = whyAbsent(result);
  if (why !== undefined) return [why, ...quantities.slice(1).map(() => "")];
  return quantities.map(({ name }) => spread(result.summaries[name]));
}

function spread(summary: Summary | undefined): string {
  if (summary === undefined) return "–";
  const { median, least, most } = summary;
  return least === most ? figure(median) : `${figure(median)} (${figure(least)}–${figure(most)})`;
}

/** As it was chosen: exact. */
function position(x: number): string {
  return x.toLocaleString("en-US").replaceAll(",", " ");
}
