/** What a connection has done in the last second: differences between its counts now and a while ago. */
import type { Instant } from "../base/time.ts";

const SECOND = 1_000_000;
/** Counts are kept so often. */
const GRAIN = 250_000;

interface Counts {
  readonly time: number;
  readonly sent: number;
  readonly received: number;
  readonly retransmissions: number;
  readonly overtaken: number;
}

export class RateWindow {
  /** The oldest first: a second old, as soon as the connection is. */
  readonly #kept: Counts[] = [];
  #last: Counts = { time: 0, sent: 0, received: 0, retransmissions: 0, overtaken: 0 };
  #isStill = false;

  /** Nothing has happened in the last second. */
  get isStill(): boolean {
    return this.#isStill;
  }

  /** Nothing has happened since the counts that were added last. */
  again(time: Instant) {
    const { sent, received, retransmissions, overtaken } = this.#last;
    return this.add(time, sent, received, retransmissions, overtaken);
  }

  add(time: Instant, sent: number, received: number, retransmissions: number, overtaken: number) {
    const now = { time, sent, received, retransmissions, overtaken };
    this.#last = now;
    const kept = this.#kept;
    while (kept.length > 1 && time - (kept[1] as Counts).time >= SECOND) kept.shift();
    const last = kept.at(-1);
    if (last === undefined || time - last.time >= GRAIN) kept.push(now);
    const first = kept[0] as Counts;
    const window = {
      sendRate: rate(sent - first.sent, time - first.time),
      receiveRate: rate(received - first.received, time - first.time),
      retransmissions: retransmissions - first.retransmissions,
      overtaken: overtaken - first.overtaken,
    };
    this.#isStill = time - first.time >= SECOND && Object.values(window).every(value => value === 0);
    return window;
  }
}

/** Bytes a second. Of a moment nobody can tell a rate. */
function rate(bytes: number, time: number): number {
  return time < GRAIN ? 0 : Math.round((bytes * SECOND) / time);
}
