/**
 * The connections of all hosts, as rows: bounded, and looked at in turn, so many at a time. What has ended
 * stays until there is too much of it. Where there are more connections than rows, new ones take the place
 * of those that have ended and, failing these, of one that has been silent; the others are only counted.
 */
import type { Instant } from "../base/time.ts";
import type { TcpRecord } from "../tcp/records.ts";
import { ConnectionEntry } from "./connection-entry.ts";

export interface TableLimits {
  readonly rows: number;
  /** Of connections that have ended. */
  readonly ended: number;
  /** Entries that are looked at in one turn. */
  readonly looks: number;
}

export interface TableObserver {
  rowChanged(entry: ConnectionEntry): void;
  rowGone(connection: number): void;
}

/** Entries that are looked at for one that may leave. */
const LOOKS_FOR_ROOM = 32;

export class ConnectionTable {
  readonly #limits: TableLimits;
  readonly #observer: TableObserver;
  /** In the order in which they are to be looked at. */
  readonly #entries = new Map<number, ConnectionEntry>();
  /** Numbers of those that have ended, the oldest first. */
  readonly #ended = new Set<number>();
  #hidden = 0;

  constructor(limits: TableLimits, observer: TableObserver) {
    this.#limits = limits;
    this.#observer = observer;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Connections for which there was no room. */
  get hidden(): number {
    return this.#hidden;
  }

  get(connection: number): ConnectionEntry | undefined {
    return this.#entries.get(connection);
  }

  entries(): Iterable<ConnectionEntry> {
    return this.#entries.values();
  }

  /** A connection is there, or TCP has another record of it. */
  seen(connection: number, host: string, record: TcpRecord, now: Instant): void {
    const known = this.#entries.get(connection);
    if (known !== undefined) {
      if (known.record !== record) known.became(record, now);
      return;
    }
    if (this.#entries.size >= this.#limits.rows && !this.#makeRoom()) {
      this.#hidden++;
      return;
    }
    const entry = new ConnectionEntry(connection, host, record, now);
    this.#entries.set(connection, entry);
    this.#observer.rowChanged(entry);
  }

  ended(connection: number, now: Instant): void {
    const entry = this.#entries.get(connection);
    if (entry === undefined || entry.isOver) return;
    if (entry.ended(now)) this.#observer.rowChanged(entry);
    this.#ended.add(connection);
    if (this.#ended.size > this.#limits.ended) this.#forgetOldestEnded();
  }

  /** Looks at some entries: those that have waited longest. */
  look(now: Instant): void {
    for (let left = Math.min(this.#limits.looks, this.#entries.size); left > 0; left--) {
      const entry = this.#entries.values().next().value as ConnectionEntry;
      // To the end of the line.
      this.#entries.delete(entry.number);
      this.#entries.set(entry.number, entry);
      if (entry.look(now)) this.#observer.rowChanged(entry);
    }
  }

  /** Reads one now: somebody watches it. */
  lookAt(connection: number, now: Instant): void {
    const entry = this.#entries.get(connection);
    if (entry?.look(now) === true) this.#observer.rowChanged(entry);
  }

  #makeRoom(): boolean {
    if (this.#ended.size > 0) {
      this.#forgetOldestEnded();
      return true;
    }
    let looks = LOOKS_FOR_ROOM;
    for (const entry of this.#entries.values()) {
      if (looks-- === 0) return false;
      const { record } = entry;
      if (record.kind !== "connection" || !record.isResting) continue;
      this.#forget(entry.number);
      this.#hidden++;
      return true;
    }
    return false;
  }

  #forgetOldestEnded(): void {
    for (const connection of this.#ended) {
      this.#ended.delete(connection);
      this.#forget(connection);
      return;
    }
  }

  #forget(connection: number): void {
    this.#entries.delete(connection);
    this.#observer.rowGone(connection);
  }
}
