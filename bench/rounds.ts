/**
 * A row's rounds: A B C A B C …, so that what disturbs the machine disturbs them all alike. A contestant that
 * fails in one round may do better in the next; the row goes on without it.
 */

import type { Turns } from "./results.ts";
import type { Conditions, Contestant, Measurement, Row } from "./row.ts";

export interface RoundsOptions extends Conditions {
  readonly rounds: number;
  /** Hears of each turn before it begins. */
  readonly onTurn?: ((contestant: string, round: number) => void) | undefined;
}

interface Entry {
  readonly contestant: Contestant;
  readonly skipped: string | undefined;
  readonly failures: string[];
  readonly rounds: Measurement[];
}

/** @throws when the signal aborts it */
export async function runRounds(row: Row, options: RoundsOptions): Promise<Turns[]> {
  const entries: Entry[] = [];
  for (const contestant of row.contestants) {
    entries.push({ contestant, skipped: await contestant.prepare?.(), failures: [], rounds: [] });
  }
  const rounds = roundsOf(row, options.rounds);
  for (let round = 1; round <= rounds; round++) {
    for (const entry of entries) {
      if (entry.skipped !== undefined) continue;
      options.onTurn?.(entry.contestant.name, round);
      await takeTurn(entry, options);
    }
  }
  return entries.map(({ contestant, skipped, failures, rounds }) => ({
    contestant: contestant.name,
    skipped,
    failures,
    rounds,
  }));
}

export function roundsOf(row: Row, asked: number): number {
  return Math.min(asked, row.maxRounds ?? asked);
}

async function takeTurn(entry: Entry, conditions: Conditions): Promise<void> {
  try {
    entry.rounds.push(await entry.contestant.measure(conditions));
  } catch (error) {
    conditions.signal.throwIfAborted();
    entry.failures.push(error instanceof Error ? error.message : String(error));
  }
}
