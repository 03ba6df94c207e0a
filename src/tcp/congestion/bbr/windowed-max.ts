/**
 * The largest value within a window of time, without keeping every value: the best three, each later than the
 * one before, are enough (Kathleen Nichols' filter, which draft-ietf-ccwg-bbr §5.5.6 refers to). Time is any
 * count that does not go back.
 */
export class WindowedMax {
  readonly #values = [0, 0, 0];
  readonly #times = [0, 0, 0];

  get value(): number {
    return this.#values[0] as number;
  }

  /** A value at `time`; answers the largest of the last `length` counts, this one included. */
  update(value: number, time: number, length: number): number {
    const [best, second, third] = this.#values as [number, number, number];
    if (value >= best || time - (this.#times[2] as number) > length) this.#fill(0, value, time);
    else if (value >= second) this.#fill(1, value, time);
    else if (value >= third) this.#fill(2, value, time);
    this.#forget(value, time, length);
    return this.value;
  }

  /** From place `from` on all places hold this value. */
  #fill(from: number, value: number, time: number): void {
    for (let i = from; i < 3; i++) {
      this.#values[i] = value;
      this.#times[i] = time;
    }
  }

  #forget(value: number, time: number, length: number): void {
    while (time - (this.#times[0] as number) > length) {
      this.#values.shift();
      this.#times.shift();
      this.#values.push(value);
      this.#times.push(time);
    }
    // A value that has been the best for long has kept later ones from being noticed.
    const age = time - (this.#times[0] as number);
    if (this.#times[1] === this.#times[0] && age > length / 4) this.#fill(1, value, time);
    else if (this.#times[2] === this.#times[1] && age > length / 2) this.#fill(2, value, time);
  }
}
