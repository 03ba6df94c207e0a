/**
 * What a listener leaves behind when it goes: handshakes that are not complete, and connections that nobody
 * has accepted. They end with it; or others who share its port take them over (SO_REUSEPORT, Linux's
 * tcp_migrate_req), each of them the one to whom the four-tuple belongs now.
 */
import type { Records } from "../records.ts";
import type { TcpConnection } from "../tcp-connection.ts";
import type { Listener } from "./listener.ts";
import type { Listeners } from "./listeners.ts";
import type { SynEntry } from "./syn-entry.ts";
import type { SynQueue } from "./syn-queue.ts";

export class Unaccepted {
  readonly #records: Records;
  readonly #listeners: Listeners;
  readonly #synQueue: SynQueue;
  readonly #acceptable: (connection: TcpConnection, listener: Listener) => void;

  constructor(
    records: Records,
    listeners: Listeners,
    synQueue: SynQueue,
    acceptable: (connection: TcpConnection, listener: Listener) => void,
  ) {
    this.#records = records;
    this.#listeners = listeners;
    this.#synQueue = synQueue;
    this.#acceptable = acceptable;
  }

  /** Half-open connections are forgotten, established ones are reset. */
  end(gone: Listener): void {
    for (const entry of [...this.#halfOpen(gone)])
      this.#synQueue.drop(entry, "CLOSED", "CLOSE of the listener");
    for (let waiting = gone.accept(); waiting !== undefined; waiting = gone.accept()) waiting.abort();
  }

  /** What nobody can take over stays half-open, or is reset. */
  migrate(gone: Listener): void {
    for (const entry of this.#halfOpen(gone)) {
      const heir = this.#listeners.heir(gone, entry);
      if (heir !== undefined) this.#synQueue.migrate(entry, heir);
    }
    for (let left = gone.waiting; left > 0; left--) {
      const waiting = gone.accept();
      if (waiting === undefined) return;
      const heir = this.#listeners.heir(gone, waiting);
      if (heir === undefined || heir.acceptQueueIsFull) waiting.abort();
      else this.#acceptable(waiting, heir);
    }
  }

  *#halfOpen(listener: Listener): Generator<SynEntry> {
    // All records are looked at, so only for who has any.
    if (listener.halfOpen === 0) return;
    for (const entry of this.#records)
      if (entry.kind === "syn-received" && entry.listener === listener) yield entry;
  }
}
