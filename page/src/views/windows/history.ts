/**
 * The snapshots of the last while, so that the cursor can go back to them: bounded in number, the oldest are
 * forgotten.
 */
import type { Snapshot } from "../../../../src/inspect/protocol.ts";

/** At ten a second, a minute. */
const MOST = 600;
/** A snapshot speaks for so many µs after it. */
const VALID = 300_000;

export class SnapshotHistory {
  readonly #kept = new Map<number, Snapshot[]>();

  /** What is older than the last one begins a new history: the simulation was replayed. */
  keep(snapshot: Snapshot): void {
    const kept = this.#kept.get(snapshot.connection) ?? [];
    this.#kept.set(snapshot.connection, kept);
    const last = kept.at(-1);
    if (last === snapshot) return;
    if (last !== undefined && snapshot.time < last.time) kept.length = 0;
    kept.push(snapshot);
    if (kept.length > MOST) kept.splice(0, MOST / 4);
  }

  /** Only those connections are remembered. */
  retain(connections: readonly number[]): void {
    for (const connection of this.#kept.keys())
      if (!connections.includes(connection)) this.#kept.delete(connection);
  }

  /** The last one by an instant, if it is not too old to speak for it. */
  at(connection: number, instant: number): Snapshot | undefined {
    const found = this.#kept.get(connection)?.findLast(({ time }) => time <= instant);
    return found !== undefined && instant - found.time <= VALID ? found : undefined;
  }
}
