/**
 * Timers in the world's time: setTimeout and setInterval, those of node:timers and node:timers/promises, and
 * AbortSignal.timeout. A callback runs in the async context in which it was set, and in a turn of the event
 * loop of its own, as with Node's timers.
 */
import { AsyncResource } from "node:async_hooks";
import timers from "node:timers";
import timersPromises from "node:timers/promises";
import { promisify } from "node:util";
import type { Scheduled } from "../../base/event-queue.ts";
import { type Duration, instantAfter } from "../../base/time.ts";
import type { World } from "../../sim/world.ts";
import type { Replacements } from "./replacements.ts";

/** Node's TIMEOUT_MAX, in ms. */
const LONGEST = 2 ** 31 - 1;

type Callback = (...args: unknown[]) => void;

/** Has the callback run in a turn of the event loop. */
export type RunTurn = (run: () => void) => void;

export class VirtualTimers {
  readonly #world: World;
  readonly #run: RunTurn;
  readonly #byId = new Map<number, VirtualTimeout>();
  #lastId = 0;

  constructor(world: World, run: RunTurn) {
    this.#world = world;
    this.#run = run;
  }

  replace(replacements: Replacements): void {
    const set = (call: Callback, ms?: number, ...args: unknown[]) => this.set(call, ms, false, args);
    const setEvery = (call: Callback, ms?: number, ...args: unknown[]) => this.set(call, ms, true, args);
    const sleep = (ms?: number, value?: unknown, options?: SleepOptions) => this.#sleep(ms, value, options);
    Object.defineProperty(set, promisify.custom, { value: sleep });
    for (const place of [globalThis, timers] as Array<Record<string, unknown>>) {
      replacements.exchange(place, "setTimeout", () => set);
      replacements.exchange(place, "setInterval", () => setEvery);
      for (const name of ["clearTimeout", "clearInterval"]) {
        replacements.exchange(place, name, clear => (timer: unknown) => {
          if (!this.#clear(timer)) (clear as (timer: unknown) => void)(timer);
        });
      }
    }
    const promises = timersPromises as unknown as Record<string, unknown>;
    replacements.exchange(promises, "setTimeout", () => sleep);
    replacements.replace(
      promises,
      "setInterval",
      () => (ms?: number, value?: unknown, options?: SleepOptions) => this.#ticks(ms, value, options),
    );
    replacements.exchange(AbortSignal, "timeout", () => ms => this.#abortAfter(ms));
  }

  set(
    call: Callback,
    ms: number | undefined,
    repeats: boolean,
    args: readonly unknown[] = [],
  ): VirtualTimeout {
    if (typeof call !== "function") throw new TypeError("a timer needs a function to call");
    const timeout = new VirtualTimeout(this.#world, this.#run, ++this.#lastId, call, ms, repeats, args);
    this.#byId.set(timeout.id, timeout);
    timeout.onOver = () => this.#byId.delete(timeout.id);
    return timeout;
  }

  /** False: it is none of these. */
  #clear(timer: unknown): boolean {
    const found =
      timer instanceof VirtualTimeout
        ? timer
        : typeof timer === "number" || typeof timer === "string"
          ? this.#byId.get(Number(timer))
          : undefined;
    found?.close();
    return found !== undefined;
  }

  #sleep<T>(ms: number | undefined, value: T, { signal }: SleepOptions = {}): Promise<T> {
    return new Promise((resolve, reject) => {
      const aborted = (): void => {
        timeout.close();
        reject(new DOMException("The operation was aborted", { name: "AbortError", cause: signal?.reason }));
      };
      const timeout = this.set(
        () => {
          signal?.removeEventListener("abort", aborted);
          resolve(value);
        },
        ms,
        false,
      );
      if (signal?.aborted === true) aborted();
      else signal?.addEventListener("abort", aborted, { once: true });
    });
  }

  async *#ticks<T>(ms: number | undefined, value: T, options?: SleepOptions): AsyncGenerator<T> {
    for (;;) yield await this.#sleep(ms, value, options);
  }

  #abortAfter(ms: number): AbortSignal {
    const control = new AbortController();
    const message = "The operation was aborted due to timeout";
    this.set(() => control.abort(new DOMException(message, "TimeoutError")), ms, false);
    return control.signal;
  }
}

interface SleepOptions {
  readonly signal?: AbortSignal | undefined;
}

/** What `setTimeout` answers: Node's Timeout. */
export class VirtualTimeout {
  readonly id: number;
  onOver: () => void = () => {};
  readonly #world: World;
  readonly #run: RunTurn;
  readonly #resource = new AsyncResource("Timeout");
  readonly #call: Callback;
  readonly #args: readonly unknown[];
  readonly #delay: Duration;
  readonly #repeats: boolean;
  #scheduled: Scheduled | undefined = undefined;
  #isClosed = false;
  #isReferenced = true;

  constructor(
    world: World,
    run: RunTurn,
    id: number,
    call: Callback,
    ms: number | undefined,
    repeats: boolean,
    args: readonly unknown[],
  ) {
    this.#world = world;
    this.#run = run;
    this.id = id;
    this.#call = call;
    this.#args = args;
    this.#repeats = repeats;
    const delay = Number(ms);
    this.#delay = (1_000 * (delay >= 1 && delay <= LONGEST ? Math.trunc(delay) : 1)) as Duration;
    this.#start();
  }

  /** Begins anew, even when it is over. */
  refresh(): this {
    this.#isClosed = false;
    this.#scheduled?.cancel();
    this.#start();
    return this;
  }

  close(): this {
    this.#isClosed = true;
    this.#scheduled?.cancel();
    this.#scheduled = undefined;
    this.onOver();
    return this;
  }

  /** In a simulation nothing waits for timers but the clock, which comes to all of them. */
  ref(): this {
    this.#isReferenced = true;
    return this;
  }

  unref(): this {
    this.#isReferenced = false;
    return this;
  }

  hasRef(): boolean {
    return this.#isReferenced;
  }

  [Symbol.toPrimitive](): number {
    return this.id;
  }

  #start(): void {
    const at = instantAfter(this.#world.now(), this.#delay);
    const scheduled = this.#world.schedule(at, () => this.#run(() => this.#fire(scheduled)));
    this.#scheduled = scheduled;
  }

  /** It may have been stopped, or begun anew, while it was on its way. */
  #fire(scheduled: Scheduled): void {
    if (this.#isClosed || this.#scheduled !== scheduled) return;
    this.#scheduled = undefined;
    if (this.#repeats) this.#start();
    this.#resource.runInAsyncScope(() => this.#call.apply(this, [...this.#args]));
    if (this.#scheduled === undefined) this.onOver();
  }
}
