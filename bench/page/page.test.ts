import { expect, test } from "vitest";
import { type Results, type RowResult, resultOf } from "../results.ts";
import type { Point } from "../row.ts";
import { renderPage } from "./page.ts";

const machine = {
  cpu: "Abacus",
  cores: 2,
  memoryBytes: 2 ** 34,
  kernel: "6",
  node: "v20",
  virtualization: "kvm",
};
const circumstances = { measuredAt: "2026-01-02T03:04:05Z", loadBefore: 0.5, seconds: 1 };

function row(section: string, point?: Point): RowResult {
  const target = { quantity: "speed", of: "Postel", against: "theirs", bound: { atLeast: 0.8 } };
  const definition = {
    name: "race",
    section,
    title: "a race",
    quantities: [{ name: "speed", unit: "m/s", better: "more" as const, point }],
    contestants: [],
    targets: [target],
    needsRoot: false,
  };
  const turns = [
    { contestant: "Postel", failures: [], rounds: [{ speed: 9 }] },
    { contestant: "theirs", failures: [], rounds: [{ speed: 10 }] },
    { contestant: "absent", skipped: "It was late.", failures: [], rounds: [] },
  ];
  return resultOf(definition, turns, circumstances);
}

function render(place: string, ...rows: RowResult[]) {
  const results: Results = { format: 1, machine, rows };
  return renderPage(
    `<!-- bench:${place} -->\n<!-- bench:end -->\n<!-- bench:section Races -->\n<!-- bench:end -->`,
    results,
  );
}

test("a section has a plot, and a table with everybody, also those who did not come", () => {
  const { text, plots } = render("section Races", row("Races"));
  expect(text).toContain("![Races](performance/races.svg)");
  expect(text).toMatch(/\| Postel +\| +9\.00 \|/);
  expect(text).toMatch(/\| absent +\| It was late\. \|/);
  const svg = plots.get("races.svg") ?? "";
  expect(svg).toContain(">theirs</text>");
  expect(svg).toContain(">target</text>");
  expect(svg).not.toContain("absent");
});

test("the verdicts say what was wanted and found", () => {
  expect(render("verdicts", row("Races")).text).toMatch(
    /\| `race` \| speed: Postel : theirs \| +≥ 0\.8 \| +0\.900 \| +yes +\|/,
  );
});

test("points make curves, one a contestant, and no bars", () => {
  const point = { chart: "Speed by weight", x: 3, xTitle: "weight, kg" };
  const { text, plots } = render("machine", row("Races", point));
  expect(text).toContain("![Races: curves](performance/races-curves.svg)");
  expect(text).not.toContain("performance/races.svg");
  const svg = plots.get("races-curves.svg") ?? "";
  for (const word of ["Speed by weight", "weight, kg", "theirs"]) expect(svg).toContain(`>${word}</text>`);
});

test("rows that are points of the same curves share a table, a column for each point", () => {
  const point = (x: number): Point => ({ chart: "Speed by weight", x, xTitle: "weight, kg" });
  const { text } = render("machine", row("Races", point(1_000)), row("Races", point(3)));
  expect(text).toMatch(/\| +\| weight, kg \| +3 \| +1 000 \|/);
  expect(text).toMatch(/\| Speed by weight, m\/s \| Postel +\| +9\.00 \| +9\.00 \|/);
  expect(text).toMatch(/\| +\| theirs +\| +10\.0 \| +10\.0 \|/);
  expect(text).toContain("- `race`, absent: It was late.");
});

test("charts stand in the order of their names, numbers by size", () => {
  const weight = (chart: string): Point => ({ chart, x: 1, xTitle: "weight, kg" });
  const { text } = render("machine", ...["200 m", "10 m", "50 m"].map(chart => row("Races", weight(chart))));
  expect(text.match(/\d+ m(?=, m\/s)/g)).toEqual(["10 m", "50 m", "200 m"]);
});

test("the machine is told, and a place without results says so", () => {
  const { text } = render("machine");
  expect(text).toContain("Abacus, 2 cores, 16 GiB");
  expect(text).toContain("Not measured yet.");
});

test("results without a place are not left out in silence", () => {
  expect(() => render("machine", row("Swimming"))).toThrow('"Swimming" has no place');
});

test("a plot does not depend on those before it", () => {
  const rows = [row("Races"), row("Races", { chart: "Speed by weight", x: 3, xTitle: "weight, kg" })];
  expect(render("machine", ...rows).plots).toEqual(render("machine", ...rows).plots);
});
