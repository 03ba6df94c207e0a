/** `npm run bench:report`: writes docs/performance.md and its plots anew, of the last results. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PLOT_FOLDER, renderPage } from "./page/page.ts";
import { PAGE, RESULTS, ROOT } from "./places.ts";
import { readResults } from "./results.ts";

const results = readResults(join(RESULTS, "latest.json"));
if (results === undefined) throw new Error("There are no results yet: npm run bench.");
const { text, plots } = renderPage(readFileSync(PAGE, "utf8"), results);
const folder = join(ROOT, "docs", PLOT_FOLDER);
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
writeFileSync(PAGE, text);
for (const [name, svg] of plots) writeFileSync(join(folder, name), svg);
