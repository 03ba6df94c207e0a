/** `npm run bench`: measures Postel beside its peers, prints a table, and keeps the numbers as JSON. */
import { join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { describeMachine, loadNow } from "./machine.ts";
import { buildLoad } from "./peers/peers.ts";
import { RESULTS } from "./places.ts";
import { openProgress } from "./progress.ts";
import { merge, type Results, type RowResult, readResults, resultOf, writeResults } from "./results.ts";
import { roundsOf, runRounds } from "./rounds.ts";
import type { Row } from "./row.ts";
import { ROWS } from "./rows/rows.ts";
import { renderTable } from "./table.ts";

interface Options {
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUp: number;
  readonly only?: RegExp;
  readonly long?: boolean;
  readonly quick?: boolean;
  readonly output?: string;
  readonly list?: boolean;
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError("It must be a number above 0.");
  return value;
}

function pattern(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch {
    throw new InvalidArgumentError("It must be a regular expression.");
  }
}

const command = new Command("bench")
  .description("Measures Postel beside its peers, in the same run and in turns.")
  .option("--rounds <count>", "turns of each contestant", positive, 5)
  .option("--seconds <count>", "the window of each turn", positive, 2)
  .option("--warm-up <count>", "seconds before each window", positive, 1)
  .option("--only <regex>", "only rows whose name matches", pattern)
  .option("--long", "rows that take many minutes, too")
  .option("--quick", "one short round: does everything work?")
  .option("--output <file>", "where the JSON goes (default: bench/results/latest.json)")
  .option("--list", "print the names of the rows, and end");

function chosenRows({ only, long }: Options): Row[] {
  return ROWS.filter(row =>
    only === undefined ? long === true || row.isLong !== true : only.test(row.name),
  );
}

async function runAll(rows: readonly Row[], options: Options, signal: AbortSignal): Promise<RowResult[]> {
  const rounds = options.quick === true ? 1 : options.rounds;
  const seconds = options.quick === true ? 0.3 : options.seconds;
  const warmUp = options.quick === true ? 0.1 : options.warmUp;
  const turns = rows.map(row => row.contestants.length * roundsOf(row, rounds));
  const progress = openProgress(turns.reduce((sum, count) => sum + count, 0));
  const results: RowResult[] = [];
  let done = 0;
  try {
    for (const [index, row] of rows.entries()) {
      const circumstances = { measuredAt: new Date().toISOString(), loadBefore: loadNow(), seconds };
      const onTurn = (contestant: string): void => progress.step(`${row.name}: ${contestant}`);
      const outcome = await runRounds(row, { rounds, seconds, warmUp, signal, onTurn });
      results.push(resultOf(row, outcome, circumstances));
      done += turns[index] ?? 0;
      progress.reach(done);
    }
  } finally {
    progress.close();
  }
  return results;
}

/** @throws a sentence that says what is missing for rows with a wire */
async function checkMachine(): Promise<void> {
  if (process.getuid?.() !== 0) {
    throw new Error("The bench makes network namespaces, which needs root; without: --only in-process.");
  }
  const load = await buildLoad();
  if (typeof load === "string") throw new Error(`The load cannot be built: ${load}`);
}

async function main(): Promise<void> {
  const options = command.parse().opts<Options>();
  const rows = chosenRows(options);
  if (rows.length === 0) throw new Error("No row has such a name: --list shows them.");
  if (options.list === true) {
    for (const row of rows) process.stdout.write(`${row.name.padEnd(28)} ${row.section}: ${row.title}\n`);
    return;
  }
  if (rows.some(row => row.needsRoot)) await checkMachine();
  const interruption = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.once(signal, () => interruption.abort(new Error("Interrupted: nothing was kept.")));
  }
  const measured = await runAll(rows, options, interruption.signal);
  const results: Results = { format: 1, machine: describeMachine(), rows: measured };
  const file = options.output ?? join(RESULTS, options.quick === true ? "quick.json" : "latest.json");
  const order = ROWS.map(row => row.name);
  writeResults(file, options.output === undefined ? merge(readResults(file), results, order) : results);
  process.stdout.write(renderTable(measured));
  process.stdout.write(`\n${file}\n`);
}

main().catch(error => {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
});
