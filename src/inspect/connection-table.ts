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
  readonly #entries = new Map<number, ConnectionEntry>();
  /** Looked at from `#next` on, round and round; each knows its place. */
  readonly #line: ConnectionEntry[] = [];
  #next = 0;
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

  /** Connections that are there without a row: there was no room. */
  get hidden(): number {
    return this.#hidden;
  }

  get(connection: number): ConnectionEntry | undefined {
    return this.#entries.get(connection);
  }

  entries(): Iterable<ConnectionEntry> {
    return this.#entries.values();
  }

  /** A connection has just been opened, or is found. */
  seen(connection: number, host: string, record: TcpRecord, now: Instant): void {
    if (this.#entries.has(connection)) this.continued(connection, host, record, now);
    else if (!this.#admit(connection, host, record, now)) this.#hidden++;
  }

  /** TCP has another record of it. A hidden one has a row from now on if there is room by now. */
  continued(connection: number, host: string, record: TcpRecord, now: Instant): void {
    const known = this.#entries.get(connection);
    if (known === undefined) {
      if (this.#admit(connection, host, record, now)) this.#isHiddenNoMore();
    } else if (known.record !== record) known.became(record, now);
  }

  ended(connection: number, now: Instant): void {
    const entry = this.#entries.get(connection);
    if (entry === undefined) this.#isHiddenNoMore();
    if (entry === undefined || entry.isOver) return;
    if (entry.ended(now)) this.#observer.rowChanged(entry);
    this.#ended.add(connection);
    if (this.#ended.size > this.#limits.ended) this.#forgetOldestEnded();
  }

  /** Looks at some entries: those that have waited longest. */
  look(now: Instant): void {
    for (let left = Math.min(this.#limits.looks, this.#entries.size); left > 0; left--) {
      const entry = this.#take();
      if (entry.look(now)) this.#observer.rowChanged(entry);
    }
  }

  /** Reads one now: somebody watches it. */
  lookAt(connection: number, now: Instant): void {
    const entry = this.#entries.get(connection);
    if (entry?.look(now) === true) this.#observer.rowChanged(entry);
  }

  #admit(connection: number, host: string, record: TcpRecord, now: Instant): boolean {
    if (this.#entries.size >= this.#limits.rows && !this.#makeRoom()) return false;
    const entry = new ConnectionEntry(connection, host, record, now);
    this.#entries.set(connection, entry);
    entry.place = this.#line.push(entry) - 1;
    this.#observer.rowChanged(entry);
    return true;
  }

  /** What was there before the inspector may end before it has been found: that was never counted. */
  #isHiddenNoMore(): void {
    if (this.#hidden > 0) this.#hidden--;
  }

  #makeRoom(): boolean {
    if (this.#ended.size > 0) {
      this.#forgetOldestEnded();
      return true;
    }
    for (let looks = LOOKS_FOR_ROOM; looks > 0; looks--) {
      const entry = this.#take();
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

  /** The next in the line. */
  #take(): ConnectionEntry {
    if (this.#next >= this.#line.length) this.#next = 0;
    return this.#line[this.#next++] as ConnectionEntry;
  }

  /** The last in the line takes its place. */
  #forget(connection: number): void {
    const entry = this.#entries.get(connection);
    const last = this.#line.pop();
    if (entry === undefined || last === undefined) return;
    this.#entries.delete(connection);
    if (last !== entry) {
      last.place = entry.place;
      this.#line[entry.place] = last;
    }
    this.#observer.rowGone(connection);
  }
}
