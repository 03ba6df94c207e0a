/**
 * A world in virtual time: its clock jumps from event to event, so ten minutes pass in moments, and
 * everything that happens follows from its seed.
 *
 * Code that waits for promises and streams runs in it too. Between two events the world lets the microtasks
 * run until nothing more comes of them. Nobody can ask a JavaScript engine whether microtasks are left, so
 * the world gives way one turn at a time and takes it for quiet when `QUIET_TURNS` turns in a row have made
 * no event and no work. A chain of promises that is longer than this between two touches of the world is not
 * lost: it goes on between the next two events, in the same way at every run. (Eight nested async generators
 * take 19 turns, a pipe of web streams 6.) A `drain` that knows better, such as Node's `setImmediate`, may
 * be given instead.
 */
import { assert } from "../base/assert.ts";
import type { Scheduled, Scheduler } from "../base/event-queue.ts";
import { SeededRandom } from "../base/random.ts";
import { type Clock, type Duration, type Instant, instantAfter, NEVER } from "../base/time.ts";
import { VirtualTime } from "../link/virtual-time.ts";
import { type Run, SimulationFailure, secondsText } from "./failure.ts";

/** What lives in a world: a host, or anything that is driven like one. */
export interface Driven {
  /** Runs what is due, sends, delivers events; answers when it wants to be polled next. */
  poll(): Instant;
  /** Called by the node when something outside of `poll` made work for it. */
  onWork: (() => void) | undefined;
}

export interface WorldOptions {
  readonly seed?: number | undefined;
  /** Comes back when no microtasks are left. */
  readonly drain?: (() => Promise<void>) | undefined;
}

export const QUIET_TURNS = 32;

/** More events at one instant than any honest run has: somebody asks to be polled now, again and again. */
const STANDSTILL = 1_000_000;

interface Inhabitant {
  readonly name: string;
  readonly driven: Driven;
  /** The poll for new work, which is at most one ahead. */
  work: Scheduled | undefined;
  /** The poll at the deadline it asked for. */
  deadline: Scheduled | undefined;
  deadlineAt: Instant;
}

export class World implements Scheduler, Clock, Run {
  readonly seed: number;
  /**
   * Every part takes its own stream by `fork()`, so that the draws of one do not change the luck of
   * another.
   */
  readonly random: SeededRandom;
  readonly #time = new VirtualTime();
  readonly #drain: (() => Promise<void>) | undefined;
  readonly #inhabitants = new Map<Driven, Inhabitant>();
  readonly #checks: Array<() => void> = [];
  #events = 0;
  /** Counts what was asked of the world: events scheduled and work announced. */
  #activity = 0;
  #eventsNow = 0;
  #stepping = false;
  #draining = false;

  constructor(options: WorldOptions = {}) {
    this.seed = options.seed ?? 1;
    this.random = new SeededRandom(this.seed);
    this.#drain = options.drain;
  }

  now(): Instant {
    return this.#time.now();
  }

  /** Events that have happened. */
  get events(): number {
    return this.#events;
  }

  /** When the next event is due; `NEVER` without one. */
  get next(): Instant {
    return this.#time.next();
  }

  schedule(at: Instant, task: () => void): Scheduled {
    this.#activity++;
    return this.#time.schedule(at, task);
  }

  /** The node is polled at once, then whenever it asks for it. */
  add(driven: Driven, name: string): void {
    assert(!this.#inhabitants.has(driven), `${name} is in the world already`);
    const inhabitant: Inhabitant = { name, driven, work: undefined, deadline: undefined, deadlineAt: NEVER };
    this.#inhabitants.set(driven, inhabitant);
    driven.onWork = () => this.#hasWork(inhabitant);
    this.#hasWork(inhabitant);
  }

  /** As a machine that loses its power: it is not polled any more. */
  remove(driven: Driven): void {
    const inhabitant = this.#inhabitants.get(driven);
    if (inhabitant === undefined) return;
    this.#inhabitants.delete(driven);
    inhabitant.work?.cancel();
    inhabitant.deadline?.cancel();
    driven.onWork = undefined;
  }

  /** Runs after each event; it throws when something is not as it must be. */
  afterEvent(check: () => void): void {
    this.#checks.push(check);
  }

  /** Jumps to the next event and lets it happen. False when nothing is left to happen, or not by `limit`. */
  step(limit: Instant = NEVER): boolean {
    assert(!this.#stepping, "an event of the world makes the world step");
    const before = this.now();
    this.#stepping = true;
    try {
      if (!this.#time.step(limit)) return false;
      this.#events++;
      for (const check of this.#checks) check();
    } catch (error) {
      throw error instanceof SimulationFailure ? error : new SimulationFailure(this, textOf(error), error);
    } finally {
      this.#stepping = false;
    }
    this.#eventsNow = this.now() === before ? this.#eventsNow + 1 : 0;
    if (this.#eventsNow > STANDSTILL)
      throw new SimulationFailure(this, "time stands still: events without end");
    return true;
  }

  runFor(duration: Duration): void {
    const end = instantAfter(this.now(), duration);
    while (this.step(end));
    this.#time.jumpTo(end);
  }

  /** Runs until the condition holds, at most for `limit`; answers whether it does. */
  runUntil(condition: () => boolean, limit: Duration): boolean {
    const end = instantAfter(this.now(), limit);
    while (!condition()) {
      if (this.step(end)) continue;
      this.#time.jumpTo(end);
      return condition();
    }
    return true;
  }

  /** As `runFor`, with code that waits for promises. */
  async runForAsync(duration: Duration): Promise<void> {
    await this.runUntilAsync(() => false, duration);
  }

  /** As `runUntil`, with code that waits for promises. */
  async runUntilAsync(condition: () => boolean, limit: Duration): Promise<boolean> {
    const end = instantAfter(this.now(), limit);
    for (;;) {
      await this.quiet();
      if (condition()) return true;
      if (this.step(end)) continue;
      this.#time.jumpTo(end);
      return condition();
    }
  }

  /**
   * Runs until the promise is settled, and gives its value or throws its reason. Fails when `limit` is
   * over.
   */
  async runUntilSettled<T>(promise: Promise<T>, limit: Duration): Promise<T> {
    const from = this.now();
    let settled = false;
    const settle = (): void => {
      settled = true;
    };
    promise.then(settle, settle);
    if (await this.runUntilAsync(() => settled, limit)) return promise;
    const idle = this.#time.next() === NEVER ? ", and nothing is left to happen" : "";
    throw new SimulationFailure(this, `a promise did not settle since ${secondsText(from)} s${idle}`);
  }

  /**
   * Lets the microtasks run until nothing more comes of them. No event happens meanwhile, and no time
   * passes.
   */
  async quiet(): Promise<void> {
    assert(!this.#draining, "two runs of a world at once");
    this.#draining = true;
    try {
      if (this.#drain !== undefined) {
        await this.#drain();
        return;
      }
      let seen = this.#activity;
      for (let turns = 0; turns < QUIET_TURNS; turns++) {
        await Promise.resolve();
        if (this.#activity === seen) continue;
        seen = this.#activity;
        turns = 0;
      }
    } finally {
      this.#draining = false;
    }
  }

  #hasWork(inhabitant: Inhabitant): void {
    this.#activity++;
    inhabitant.work ??= this.#time.schedule(this.now(), () => this.#poll(inhabitant));
  }

  #poll(inhabitant: Inhabitant): void {
    inhabitant.work?.cancel();
    inhabitant.work = undefined;
    let next: Instant;
    try {
      next = inhabitant.driven.poll();
    } catch (error) {
      if (error instanceof SimulationFailure) throw error;
      throw new SimulationFailure(this, `${inhabitant.name}: ${textOf(error)}`, error);
    }
    if (next === inhabitant.deadlineAt && next > this.now()) return;
    inhabitant.deadline?.cancel();
    inhabitant.deadline = undefined;
    inhabitant.deadlineAt = next;
    // The poll may have taken its own node out of the world.
    if (next === NEVER || !this.#inhabitants.has(inhabitant.driven)) return;
    inhabitant.deadline = this.#time.schedule(next, () => {
      inhabitant.deadlineAt = NEVER;
      this.#poll(inhabitant);
    });
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
