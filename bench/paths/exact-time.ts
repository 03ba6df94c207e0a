/**
 * A scheduler for a wire in real time that keeps to the microsecond. Node's timers have a grain of a
 * millisecond, and the driver, which spins only for what is nearer than that, may be as late: nothing to a
 * host, but a delay that a wire would add to every frame. So the driver is woken a little before each task,
 * and spins. It notes how late tasks were all the same, for a machine that is busy with something else.
 */
import type { Clock, Duration, Instant, Scheduled, Scheduler } from "@postel/stack/base";

/** Before the task: the first wakes the driver from its sleep, from the second on it spins. */
const WAKE = 1_900;
const SPIN = 950;

export class ExactTime implements Scheduler {
  readonly #driver: Scheduler & Clock;
  #tasks = 0;
  #late = 0;

  constructor(driver: Scheduler & Clock) {
    this.#driver = driver;
  }

  now(): Instant {
    return this.#driver.now();
  }

  /** The mean, in µs. */
  get lateness(): number {
    return this.#late / Math.max(1, this.#tasks);
  }

  schedule(at: Instant, task: () => void): Scheduled {
    const ahead = at - this.now();
    const alarms = [WAKE, SPIN]
      .filter(before => ahead > before)
      .map(before => this.#driver.schedule((at - before) as Instant, nothing));
    const main = this.#driver.schedule(at, () => {
      this.#tasks++;
      this.#late += (this.now() - at) as Duration;
      task();
    });
    return {
      cancel() {
        main.cancel();
        for (const alarm of alarms) alarm.cancel();
      },
    };
  }
}

function nothing(): void {}
