/** docs/performance.md and its plots say what bench/results/latest.json says. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PLOT_FOLDER, renderPage } from "../../bench/page/page.ts";
import { PAGE, RESULTS, ROOT } from "../../bench/places.ts";
import { readResults } from "../../bench/results.ts";

test("docs/performance.md is what npm run bench:report writes", () => {
  const results = readResults(join(RESULTS, "latest.json"));
  if (results === undefined) throw new Error("there are no results");
  const page = readFileSync(PAGE, "utf8");
  const { text, plots } = renderPage(page, results);
  expect(text).toBe(page);
  const folder = join(ROOT, "docs", PLOT_FOLDER);
  expect(readdirSync(folder).sort()).toEqual([...plots.keys()].sort());
  for (const [name, svg] of plots) expect(readFileSync(join(folder, name), "utf8") === svg, name).toBe(true);
});
