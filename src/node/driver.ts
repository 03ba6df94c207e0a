/**
 * Drives hosts and links in real time, on Node's event loop.
 *
 * Work is done in rounds: the tasks that are due run first (frames arrive, and only change state), then every
 * host with work or a due deadline is polled once. Rounds follow each other while there is work, for a slice
 * of a millisecond; then Node's own I/O has its turn.
 */
import { EventQueue, type Scheduled, type Scheduler } from "../base/event-queue.ts";
import { type Clock, earlier, type Instant, NEVER } from "../base/time.ts";
import { type TimerOwner, TimerQueue } from "../base/timers.ts";

/** What the driver needs of a host. */
export interface Driven {
  /** Does what is due, and answers when it wants to be polled next; `NEVER` for no such time. */
  poll(): Instant;
  /** Called by the host when it has something to do outside of `poll`. The driver sets it. */
  onWork: (() => void) | undefined;
}

const SLICE = 1_000;
const MILLISECOND = 1_000;
/**
 * Timers of Node hold 31 bits of milliseconds. To wake early costs nothing: the deadlines are looked at
 * again.
 */
const LONGEST_SLEEP = 3_600_000;

class Station implements TimerOwner {
  readonly node: Driven;
  deadline: Instant = NEVER;
  timerAt: Instant = NEVER;
  timerSlot = -1;
  isDirty = false;

  constructor(node: Driven) {
    this.node = node;
  }
}

export class Driver implements Scheduler, Clock {
  readonly #queue = new EventQueue();
  readonly #deadlines = new TimerQueue<Station>();
  readonly #stations = new Map<Driven, Station>();
  /** Stations to poll in the next round. */
  #dirty: Station[] = [];
  /** The `now` of the round that runs or ran last. */
  #round = -1 as Instant;
  #isRunning = false;
  #isClosed = false;
  #isReferenced = true;

  #immediate: NodeJS.Immediate | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** When `#timer` fires; `NEVER` without one. */
  #timerAt = NEVER;

  now(): Instant {
    return Math.floor(performance.now() * 1_000) as Instant;
  }

  /**
   * A task asked for during a round belongs to a later one, even when its time has come: no round is endless.
   */
  schedule(at: Instant, task: () => void): Scheduled {
    if (this.#isClosed) return { cancel() {} };
    const scheduled = this.#queue.add(at > this.#round ? at : ((this.#round + 1) as Instant), task);
    if (!this.#isRunning) this.#sleep();
    return scheduled;
  }

  /** Polls the host soon, then whenever it has work or its deadline comes. */
  add(node: Driven): void {
    if (this.#isClosed || this.#stations.has(node)) return;
    const station = new Station(node);
    this.#stations.set(node, station);
    node.onWork = () => this.#markDirty(station);
    this.#markDirty(station);
  }

  remove(node: Driven): void {
    const station = this.#stations.get(node);
    if (station === undefined) return;
    this.#stations.delete(node);
    this.#deadlines.remove(station);
    node.onWork = undefined;
  }

  /** Pending tasks and deadlines keep the process alive: as it is at first. */
  ref(): void {
    this.#isReferenced = true;
    this.#timer?.ref();
    this.#immediate?.ref();
  }

  /** The process may end although tasks and deadlines are pending. */
  unref(): void {
    this.#isReferenced = false;
    this.#timer?.unref();
    this.#immediate?.unref();
  }

  /** Nothing runs and nothing is polled after this. Devices and hosts are closed by their owners. */
  close(): void {
    this.#isClosed = true;
    for (const node of [...this.#stations.keys()]) this.remove(node);
    this.#dirty = [];
    this.#stopTimer();
    if (this.#immediate !== undefined) clearImmediate(this.#immediate);
    this.#immediate = undefined;
  }

  #markDirty(station: Station): void {
    if (station.isDirty) return;
    station.isDirty = true;
    this.#dirty.push(station);
    if (!this.#isRunning) this.#runSoon();
  }

  /**
   * Whether anything was due. An exception leaves by the event loop; what was not reached stays for the next
   * run.
   */
  #run(): boolean {
    let worked = false;
    const sliceEnd = this.now() + SLICE;
    this.#isRunning = true;
    try {
      while (!this.#isClosed) {
        const now = this.now();
        if (this.#dirty.length === 0 && this.#nextTime() > now) break;
        if (worked && now >= sliceEnd) break;
        worked = true;
        this.#runRound(now);
      }
    } finally {
      this.#isRunning = false;
      if (worked) this.#sleep();
    }
    return worked;
  }

  #runRound(now: Instant): void {
    this.#round = now;
    while (!this.#isClosed && this.#queue.runNext(now));
    this.#deadlines.run(now, station => {
      station.deadline = NEVER;
      this.#markDirty(station);
    });
    // Hosts that get work from the polls of this round are polled in the next one.
    for (let count = this.#dirty.length; count > 0; count--) {
      const station = this.#dirty.shift();
      if (station !== undefined) this.#poll(station);
    }
  }

  #poll(station: Station): void {
    station.isDirty = false;
    if (!this.#stations.has(station.node)) return;
    station.deadline = station.node.poll();
    // The host may have been removed by what its poll did.
    if (this.#stations.has(station.node)) this.#deadlines.touch(station);
  }

  #nextTime(): Instant {
    return earlier(this.#queue.next(), this.#deadlines.next());
  }

  /**
   * Node's timers have a grain of a millisecond. What was asked for nearer than that is waited for in turns
   * of the event loop, which is busy for that millisecond at most.
   */
  #sleep(): void {
    if (this.#isClosed) return;
    const next = this.#nextTime();
    const ahead = next - this.now();
    if (this.#dirty.length > 0 || ahead < MILLISECOND) this.#runSoon();
    else if (next !== NEVER) this.#wakeAt(next, Math.min(Math.ceil(ahead / MILLISECOND), LONGEST_SLEEP));
  }

  /** @param whenIdle what to do if nothing was due */
  #runSoon(whenIdle = () => this.#sleep()): void {
    if (this.#immediate !== undefined) return;
    this.#immediate = setImmediate(() => {
      this.#immediate = undefined;
      if (!this.#run()) whenIdle();
    });
    if (!this.#isReferenced) this.#immediate.unref();
  }

  /**
   * A timer that fires before `at` is left alone: most deadlines move later, and a wake-up costs less than a
   * timer.
   */
  #wakeAt(at: Instant, delay: number): void {
    if (this.#timerAt <= at) return;
    this.#stopTimer();
    this.#timerAt = at;
    this.#timer = setTimeout(() => this.#timerFired(), delay);
    if (!this.#isReferenced) this.#timer.unref();
  }

  /**
   * Node looks at descriptors between its timers and its immediates. So frames that have come while the
   * process stood still are read first, before a retransmission timer takes for lost what they acknowledge.
   */
  #timerFired(): void {
    this.#timer = undefined;
    this.#timerAt = NEVER;
    this.#runSoon(() => this.#sleepCoarsely());
  }

  /**
   * Woken a little early, or for a deadline that moved: being late by a grain is better than spinning for it.
   */
  #sleepCoarsely(): void {
    const next = this.#nextTime();
    if (this.#isClosed || next === NEVER) return;
    const ahead = Math.max(next - this.now(), MILLISECOND);
    this.#wakeAt(next, Math.min(Math.ceil(ahead / MILLISECOND), LONGEST_SLEEP));
  }

  #stopTimer(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerAt = NEVER;
  }
}
