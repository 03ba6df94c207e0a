/**
 * What has become of a connection's timers since they were last looked at. A timer that was stopped and set
 * to the same instant within one event has not changed.
 */
import { type Instant, NEVER } from "../base/time.ts";
import type { ConnectionTimers } from "../tcp/timers.ts";
import type { TimerName } from "./event.ts";

type Field = Exclude<keyof ConnectionTimers, "stopAll" | "isAnyArmedButKeepalive">;

/** The timers of a connection, by their names in traces and by their fields. */
export const CONNECTION_TIMERS: ReadonlyArray<readonly [TimerName, Field]> = [
  ["retransmit", "retransmit"],
  ["tail-loss-probe", "tailLossProbe"],
  ["reordering", "reordering"],
  ["persist", "persist"],
  ["delayed-ack", "delayedAck"],
  ["compressed-ack", "compressedAck"],
  ["keepalive", "keepalive"],
  ["pacing", "pacing"],
  ["fin-wait-2", "finWait2"],
];

/** `at`: when it will run out; NEVER: it was set, and is not any more. */
export type TimerListener = (timer: TimerName, at: Instant) => void;

export class TimerChanges {
  readonly #known: Instant[] = CONNECTION_TIMERS.map(() => NEVER);

  fired(timer: TimerName): void {
    this.#known[CONNECTION_TIMERS.findIndex(([name]) => name === timer)] = NEVER;
  }

  look(timers: ConnectionTimers, changed: TimerListener): void {
    this.#look(field => timers[field], changed);
  }

  /** The connection is over, and what it has of timers with it. */
  stop(changed: TimerListener): void {
    this.#look(() => NEVER, changed);
  }

  #look(instant: (field: Field) => Instant, changed: TimerListener): void {
    CONNECTION_TIMERS.forEach(([name, field], i) => {
      const at = instant(field);
      if (at === this.#known[i]) return;
      this.#known[i] = at;
      changed(name, at);
    });
  }
}
