/** How fast text went: bytes that were new, over the time that they took, and in the best 100 ms. */
const WINDOW = 100_000;
const MICROSECONDS = 1_000_000;

export class Throughput {
  bytes = 0;
  firstTime = 0;
  lastTime = 0;
  #windowStart = 0;
  #windowBytes = 0;
  #best = 0;

  add(bytes: number, time: number): void {
    if (bytes <= 0) return;
    if (this.bytes === 0) this.firstTime = this.#windowStart = time;
    this.bytes += bytes;
    this.lastTime = Math.max(this.lastTime, time);
    if (time >= this.#windowStart + WINDOW) {
      this.#windowStart = time - ((time - this.#windowStart) % WINDOW);
      this.#windowBytes = 0;
    }
    this.#windowBytes += bytes;
    this.#best = Math.max(this.#best, this.#windowBytes);
  }

  /** Bytes per second; 0 where there was no time between. */
  get mean(): number {
    const took = this.lastTime - this.firstTime;
    return took <= 0 ? 0 : (this.bytes * MICROSECONDS) / took;
  }

  get peak(): number {
    return (this.#best * MICROSECONDS) / WINDOW;
  }
}
