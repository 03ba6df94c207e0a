/**
 * What a connection spends its time with: whether it has something to send, and whether the peer's window
 * or the send buffer's size holds it back. TCP_INFO tells it, as Linux does (tcp_chrono): it answers who is
 * slow.
 */
import { numberAt, type Row } from "../../base/fold.ts";
import { type Duration, elapsed, type Instant, START_OF_TIME } from "../../base/time.ts";

/** The more telling goes before the less telling. */
const ORDER = ["idle", "busy", "window", "buffer"] as const;

/** Busy, and not held back; held back by the peer's window; by too small a send buffer. */
export type Occupation = Exclude<(typeof ORDER)[number], "idle">;

export class BusyTime {
  #now: (typeof ORDER)[number] = "idle";
  #since: Instant = START_OF_TIME;
  readonly #spent = { busy: 0, window: 0, buffer: 0 };

  get isIdle(): boolean {
    return this.#now === "idle";
  }

  /** Something is to be told, if nothing more telling is told already. */
  began(occupation: Occupation, at: Instant): void {
    if (ORDER.indexOf(occupation) > ORDER.indexOf(this.#now)) this.#change(occupation, at);
  }

  /** What held the connection back does so no more. */
  ended(occupation: Occupation, at: Instant): void {
    if (this.#now === occupation) this.#change("busy", at);
  }

  /** Everything has been sent and acknowledged. */
  allDone(at: Instant): void {
    if (this.#now !== "idle") this.#change("idle", at);
  }

  /** Of the time with something to send, until `at`. */
  total(at: Instant): Duration {
    return (this.spent("busy", at) + this.spent("window", at) + this.spent("buffer", at)) as Duration;
  }

  spent(occupation: Occupation, at: Instant): Duration {
    const running = this.#now === occupation ? elapsed(this.#since, at) : 0;
    return (this.#spent[occupation] + running) as Duration;
  }

  #change(occupation: (typeof ORDER)[number], at: Instant): void {
    const time = elapsed(this.#since, at);
    if (this.#now === "busy") this.#spent.busy += time;
    else if (this.#now === "window") this.#spent.window += time;
    else if (this.#now === "buffer") this.#spent.buffer += time;
    this.#now = occupation;
    this.#since = at;
  }

  /** While it is idle. */
  fold(row: Row, at: number): number {
    row[at] = this.#spent.busy;
    row[at + 1] = this.#spent.window;
    row[at + 2] = this.#spent.buffer;
    return at + 3;
  }

  unfold(row: Row, at: number): number {
    this.#spent.busy = numberAt(row, at);
    this.#spent.window = numberAt(row, at + 1);
    this.#spent.buffer = numberAt(row, at + 2);
    return at + 3;
  }
}
