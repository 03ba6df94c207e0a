/**
 * The rows of the table of connections, by number, and by addresses and ports: the other end of a connection
 * is the row whose tuple mirrors its own, where one inspector sees both hosts.
 */
import type { ConnectionRow } from "../../../src/inspect/protocol.ts";

export class ConnectionRows {
  readonly #rows = new Map<number, ConnectionRow>();
  /** Numbers, by tuple as seen from the end itself: ports are used again, so there may be several. */
  readonly #tuples = new Map<string, Set<number>>();

  /** A copy: signals tell a change by a new map. */
  copy(): ReadonlyMap<number, ConnectionRow> {
    return new Map(this.#rows);
  }

  apply(rows: readonly ConnectionRow[], gone: readonly number[]): void {
    for (const row of rows) this.#put(row);
    for (const number of gone) this.#remove(number);
  }

  clear(): void {
    this.#rows.clear();
    this.#tuples.clear();
  }

  /** Of the ends that mirror it, the one opened at about the same time. */
  otherEnd(connection: number): number | undefined {
    const row = this.#rows.get(connection);
    if (row === undefined) return undefined;
    let nearest: ConnectionRow | undefined;
    for (const number of this.#tuples.get(mirrorOf(row)) ?? []) {
      const candidate = this.#rows.get(number);
      if (candidate === undefined || number === connection) continue;
      if (nearest === undefined || distance(candidate, row) < distance(nearest, row)) nearest = candidate;
    }
    return nearest?.connection;
  }

  #put(row: ConnectionRow): void {
    const known = this.#rows.get(row.connection);
    this.#rows.set(row.connection, row);
    if (known !== undefined && tupleOf(known) === tupleOf(row)) return;
    if (known !== undefined) this.#forgetTuple(known);
    const tuple = tupleOf(row);
    const numbers = this.#tuples.get(tuple);
    if (numbers === undefined) this.#tuples.set(tuple, new Set([row.connection]));
    else numbers.add(row.connection);
  }

  #remove(number: number): void {
    const row = this.#rows.get(number);
    if (row === undefined) return;
    this.#rows.delete(number);
    this.#forgetTuple(row);
  }

  #forgetTuple(row: ConnectionRow): void {
    const tuple = tupleOf(row);
    const numbers = this.#tuples.get(tuple);
    numbers?.delete(row.connection);
    if (numbers?.size === 0) this.#tuples.delete(tuple);
  }
}

function distance(one: ConnectionRow, other: ConnectionRow): number {
  return Math.abs(one.openedAt - other.openedAt);
}

function tupleOf(row: ConnectionRow): string {
  return `${row.local} ${row.localPort} ${row.remote} ${row.remotePort}`;
}

function mirrorOf(row: ConnectionRow): string {
  return `${row.remote} ${row.remotePort} ${row.local} ${row.localPort}`;
}
