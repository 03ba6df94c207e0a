/** The table that a run prints: each contestant's medians and spreads, and below them the row's targets. */
import Table from "cli-table3";
import { figure } from "./figure.ts";
import type { ContestantResult, RowResult, TargetResult } from "./results.ts";
import type { Quantity } from "./row.ts";
import type { Summary } from "./statistics.ts";

export function renderTable(rows: readonly RowResult[]): string {
  return rows.map(row => `\n${row.section}: ${row.title}\n${renderRow(row)}\n`).join("");
}

function renderRow(row: RowResult): string {
  const table = new Table({
    head: [row.name, ...row.quantities.map(title)],
    style: { head: [], border: [], compact: true },
    colAligns: ["left", ...row.quantities.map(() => "right" as const)],
  });
  for (const contestant of row.contestants) table.push(cellsOf(contestant, row.quantities));
  const targets = row.targets.map(target => `  ${targetSentence(target)}\n`).join("");
  return `${table.toString()}\n${targets}`;
}

function title({ name, unit }: Quantity): string {
  return `${name}, ${unit}`;
}

function cellsOf(result: ContestantResult, quantities: readonly Quantity[]) {
  const why = result.skipped ?? (result.rounds.length === 0 ? result.failures[0] : undefined);
  if (why !== undefined) return [result.contestant, { content: why, colSpan: quantities.length }];
  return [result.contestant, ...quantities.map(({ name }) => cell(result.summaries[name]))];
}

function cell(summary: Summary | undefined): string {
  if (summary === undefined) return "–";
  const { median, least, most } = summary;
  return least === most ? figure(median) : `${figure(median)} (${figure(least)}–${figure(most)})`;
}

/** "met: throughput of Postel, TUN is 0.92 × kernel, veth; at least 0.8". */
export function targetSentence({ quantity, of, against, bound, value, isMet }: TargetResult): string {
  const wanted = "atLeast" in bound ? `at least ${bound.atLeast}` : `at most ${bound.atMost}`;
  const whose = `${quantity} of ${of}`;
  if (value === undefined)
    return `unknown: ${whose}, ${wanted}${against === undefined ? "" : ` × ${against}`}`;
  const found = against === undefined ? figure(value) : `${value.toFixed(2)} × ${against}`;
  return `${isMet === true ? "met" : "NOT MET"}: ${whose} is ${found}; ${wanted}`;
}
