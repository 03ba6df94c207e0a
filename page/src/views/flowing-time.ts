/**
 * What time it is in a session, between two messages that tell it: it flows on as fast as it did. The wall's
 * clock is in milliseconds, as `performance.now()` is.
 */

/** When the two are further apart, in µs of the wall's time, what is told is right, and not what was guessed. */
const LARGEST_ERROR = 500_000;

export class FlowingTime {
  #time = 0;
  #wall = 0;
  #speed = 0;

  /** `speed`: µs a µs; 0: time stands still. */
  told(time: number, speed: number, wall: number): void {
    const guessed = this.at(wall);
    const isSteady = speed > 0 && speed === this.#speed;
    const ahead = guessed - time;
    // A message that came late must not turn the clock back.
    this.#time = isSteady && ahead > 0 && ahead < LARGEST_ERROR * speed ? guessed : time;
    this.#wall = wall;
    this.#speed = speed;
  }

  at(wall: number): number {
    return this.#time + Math.max(0, wall - this.#wall) * 1000 * this.#speed;
  }
}
