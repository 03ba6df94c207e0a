/**
 * docs/performance.md and its plots, of the results that a run kept. The page's text is written by hand;
 * every number and plot comes from here, between marks (page/markers):
 *
 *     machine           what it was measured on
 *     verdicts          all targets, and whether they are met
 *     section TITLE     a section's plots, a table of its curves, and one of each of its rows
 */

import { markdownTable } from "markdown-table";
import { figure } from "../figure.ts";
import type { Results, RowResult, TargetResult } from "../results.ts";
import { curveChart } from "./curves.ts";
import { fillPlaces } from "./markers.ts";
import { panelChart } from "./panels.ts";
import { curveTables, rowTable } from "./tables.ts";

export interface RenderedPage {
  readonly text: string;
  /** SVGs by the names that the page gives them. */
  readonly plots: ReadonlyMap<string, string>;
}

const NOTHING_YET = "Not measured yet.";

/** Beside the page. */
export const PLOT_FOLDER = "performance";

/** @throws when a section of the results has no place in the page */
export function renderPage(page: string, results: Results): RenderedPage {
  const plots = new Map<string, string>();
  const placed = new Set<string>();
  const plot = (title: string, svg: string): string => {
    const name = `${title.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}.svg`;
    plots.set(name, svg);
    return `![${title}](${PLOT_FOLDER}/${name})`;
  };
  const text = fillPlaces(page, (kind, subject) => {
    if (kind === "machine") return machineText(results);
    if (kind === "verdicts") return verdictTable(results.rows);
    if (kind !== "section") throw new Error(`The page wants a ${kind}, which is nothing that can be shown.`);
    placed.add(subject);
    const rows = results.rows.filter(row => row.section === subject);
    if (rows.length === 0) return NOTHING_YET;
    return sectionText(rows, plot);
  });
  const homeless = results.rows.find(row => !placed.has(row.section));
  if (homeless !== undefined) throw new Error(`"${homeless.section}" has no place in the page.`);
  return { text, plots };
}

function sectionText(rows: readonly RowResult[], plot: (title: string, svg: string) => string): string {
  const section = rows[0]?.section ?? "";
  const bars = panelChart(section, rows);
  const curves = curveChart(`${section}: curves`, rows);
  return [
    ...(bars === undefined ? [] : [plot(section, bars)]),
    ...(curves === undefined ? [] : [plot(`${section}: curves`, curves)]),
    ...curveTables(rows),
    ...rows.map(rowTable).filter(table => table !== undefined),
  ].join("\n\n");
}

function machineText({ machine, rows }: Results): string {
  const days = rows.map(row => row.measuredAt.slice(0, 10)).sort();
  const [first = "", last = first] = [days[0], days.at(-1)];
  const when = first === last ? first : `${first} to ${last}`;
  const gigabytes = Math.round(machine.memoryBytes / 2 ** 30);
  const loads = rows.map(row => row.loadBefore);
  return [
    `${machine.cpu}, ${machine.cores} cores, ${gigabytes} GiB, Linux ${machine.kernel} under`,
    `${machine.virtualization}, Node ${machine.node}; ${when}. The load average before the rows lay between`,
    `${figure(Math.min(...loads))} and ${figure(Math.max(...loads))}.`,
  ].join("\n");
}

function verdictTable(rows: readonly RowResult[]): string {
  const verdicts = rows.flatMap(row => row.targets.map(target => verdict(row, target)));
  return markdownTable([["row", "what", "wanted", "found", "met"], ...verdicts], {
    align: ["l", "l", "r", "r", "c"],
  });
}

function verdict(row: RowResult, { quantity, of, against, bound, value, isMet }: TargetResult): string[] {
  const wanted = "atLeast" in bound ? `≥ ${bound.atLeast}` : `≤ ${bound.atMost}`;
  const unit = row.quantities.find(each => each.name === quantity)?.unit ?? "";
  const what = against === undefined ? `${quantity}, ${unit}: ${of}` : `${quantity}: ${of} : ${against}`;
  const met = isMet === undefined ? "–" : isMet ? "yes" : "**no**";
  return [`\`${row.name}\``, what, wanted, value === undefined ? "–" : figure(value), met];
}
