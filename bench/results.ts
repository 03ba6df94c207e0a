/**
 * What a run leaves behind: every round, their medians and spreads, and whether the targets were met. As JSON
 * it is what `docs/performance.md` is made of.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Machine } from "./machine.ts";
import type { Bound, Measurement, Quantity, Row, Target } from "./row.ts";
import { type Summary, summarize } from "./statistics.ts";

/** What the rounds of one contestant yielded. */
export interface Turns {
  readonly contestant: string;
  /** Why it took no part. */
  readonly skipped?: string | undefined;
  /** What went wrong in those rounds that failed. */
  readonly failures: readonly string[];
  readonly rounds: readonly Measurement[];
}

export interface ContestantResult extends Turns {
  /** By quantity. */
  readonly summaries: Readonly<Record<string, Summary>>;
}

export interface TargetResult extends Target {
  /**
   * The ratio of the medians, or the median itself where the target is a fixed number. Missing where one of
   * them took no part: then it is neither met nor missed.
   */
  readonly value?: number | undefined;
  readonly isMet?: boolean | undefined;
}

/** Where and when a row was measured. */
export interface Circumstances {
  readonly measuredAt: string;
  /** The machine's load average before: near 0 on a quiet machine. */
  readonly loadBefore: number;
  /** The window of each turn. */
  readonly seconds: number;
}

export interface RowResult extends Circumstances {
  readonly name: string;
  readonly section: string;
  readonly title: string;
  readonly quantities: readonly Quantity[];
  readonly contestants: readonly ContestantResult[];
  readonly targets: readonly TargetResult[];
}

export interface Results {
  readonly format: 1;
  readonly machine: Machine;
  readonly rows: readonly RowResult[];
}

export function resultOf(row: Row, turns: readonly Turns[], circumstances: Circumstances): RowResult {
  const contestants = turns.map(each => ({ ...each, summaries: summariesOf(row.quantities, each.rounds) }));
  const { name, section, title, quantities } = row;
  const targets = row.targets.map(target => judge(target, contestants));
  return { name, section, title, ...circumstances, quantities, contestants, targets };
}

/**
 * A row measured again replaces its older self, and the others stay, as a row compares only within itself: in
 * the bench's order, without those that it has no more. Of another machine nothing stays.
 */
export function merge(older: Results | undefined, newer: Results, order: readonly string[]): Results {
  const isSame = JSON.stringify(older?.machine) === JSON.stringify(newer.machine);
  const rows = new Map((isSame ? (older?.rows ?? []) : []).map(row => [row.name, row]));
  for (const row of newer.rows) rows.set(row.name, row);
  return { ...newer, rows: order.flatMap(name => rows.get(name) ?? []) };
}

/** Undefined where there is none yet. */
export function readResults(file: string): Results | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Results) : undefined;
}

export function writeResults(file: string, results: Results): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(results, undefined, 1)}\n`);
}

function summariesOf(
  quantities: readonly Quantity[],
  rounds: readonly Measurement[],
): Record<string, Summary> {
  const summaries: Record<string, Summary> = {};
  for (const { name } of quantities) {
    const values = rounds.map(round => round[name]).filter(value => value !== undefined);
    const summary = summarize(values);
    if (summary !== undefined) summaries[name] = summary;
  }
  return summaries;
}

function judge(target: Target, contestants: readonly ContestantResult[]): TargetResult {
  const medianOf = (contestant: string): number | undefined =>
    contestants.find(each => each.contestant === contestant)?.summaries[target.quantity]?.median;
  const ours = medianOf(target.of);
  const theirs = target.against === undefined ? 1 : medianOf(target.against);
  if (ours === undefined || theirs === undefined) return target;
  const value = ours / theirs;
  return { ...target, value, isMet: isWithin(value, target.bound) };
}

function isWithin(value: number, bound: Bound): boolean {
  return "atLeast" in bound ? value >= bound.atLeast : value <= bound.atMost;
}
