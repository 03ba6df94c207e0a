/**
 * Joins two duplex byte streams: what arrives at one leaves at the other, both ways, with back-pressure. Each
 * direction is closed for itself when its source closes in order; a reset of either end resets the other.
 */
import type { Duplex } from "node:stream";
import { asError, type ByteEnd, byteEnd, type StreamPair } from "./byte-end.ts";

/** `fin`: all was carried, and the closing too. `reset`: an end failed, and what was on its way is lost. */
export type RelayEnding = "open" | "fin" | "reset";

export interface RelayDirection {
  readonly bytes: number;
  readonly ended: RelayEnding;
}

export interface RelayResult {
  /** From the first stream to the second. */
  readonly forward: RelayDirection;
  readonly backward: RelayDirection;
  /** What a reset began with. */
  readonly error: Error | undefined;
}

/** It is its own result, as far as it has come. */
export class Relay implements RelayResult {
  readonly forward = { bytes: 0, ended: "open" as RelayEnding };
  readonly backward = { bytes: 0, ended: "open" as RelayEnding };
  error: Error | undefined;
  /** Resolves when both directions have ended. Never rejects. */
  readonly done: Promise<RelayResult>;
  readonly #a: ByteEnd;
  readonly #b: ByteEnd;
  #isStopping = false;

  constructor(a: Duplex | StreamPair, b: Duplex | StreamPair) {
    this.#a = byteEnd(a);
    this.#b = byteEnd(b);
    this.done = this.#run();
  }

  /**
   * Closes both ends in order, after what is already on its way; what arrives later is read and thrown away.
   * `done` still waits for both peers to close: set a limit to that, and `reset` after it.
   */
  stop(): void {
    this.#isStopping = true;
    for (const end of [this.#a, this.#b]) end.finish().catch(() => undefined);
  }

  reset(reason: Error = new Error("the relay was reset")): void {
    if (this.forward.ended === "fin" && this.backward.ended === "fin") return;
    this.#fail(reason);
  }

  async #run(): Promise<RelayResult> {
    const carried = Promise.all([
      this.#carry(this.#a, this.#b, this.forward),
      this.#carry(this.#b, this.#a, this.backward),
    ]).then(
      () => undefined,
      reason => asError(reason),
    );
    const error = await Promise.race([carried, this.#a.failed, this.#b.failed]);
    if (error !== undefined) this.#fail(error);
    return this;
  }

  async #carry(from: ByteEnd, to: ByteEnd, direction: { bytes: number; ended: RelayEnding }): Promise<void> {
    for (;;) {
      const bytes = await from.read();
      if (bytes === undefined) break;
      if (this.#isStopping) continue;
      await to.write(bytes);
      direction.bytes += bytes.length;
    }
    await to.finish();
    if (direction.ended === "open") direction.ended = "fin";
  }

  #fail(error: Error): void {
    this.error ??= error;
    for (const direction of [this.forward, this.backward]) {
      if (direction.ended === "open") direction.ended = "reset";
    }
    this.#a.reset(error);
    this.#b.reset(error);
  }
}

export function relay(a: Duplex | StreamPair, b: Duplex | StreamPair): Relay {
  return new Relay(a, b);
}
