/**
 * Drives hosts and links in real time, on Node's event loop.
 *
 * Work is done in rounds: first the frames that have arrived are read and the tasks that are due run (both
 * only change state), then every host with work or a due deadline is polled once, and the frames that they
 * send leave together. Rounds follow each other while there is work, for a slice of time; then Node's own I/O
 * and the users' promises have their turn.
 *
 * A descriptor's readiness begins a round at once, so that the answer to a frame is written in the turn of
 * the event loop that the frame woke. With `busyPoll` the descriptor is read again and again for a while
 * after the last frame, before the loop sleeps: docs/decisions/busy-polling.md.
 */
import { EventQueue, type Scheduled, type Scheduler } from "../base/event-queue.ts";
import {
  type Clock,
  type Duration,
  earlier,
  type Instant,
  instantAfter,
  NEVER,
  START_OF_TIME,
} from "../base/time.ts";
import { type TimerOwner, TimerQueue } from "../base/timers.ts";

/** What the driver needs of a host. */
export interface Driven {
  /** Does what is due, and answers when it wants to be polled next; `NEVER` for no such time. */
  poll(): Instant;
  /** Called by the host when it has something to do outside of `poll`. The driver sets it. */
  onWork: (() => void) | undefined;
}

/** Where frames come from that nobody announces one by one. */
export interface FrameSource {
  /** Hands on a burst of what has arrived. False: there was nothing. */
  read(): boolean;
}

/** Where frames wait for the end of a round, to leave together. */
export interface FrameDrain {
  flush(): void;
}

/** What a device of the kernel needs of the loop that it is on. */
export interface FrameLoop extends Scheduler {
  /**
   * The event loop says that the source has frames. They are read at once, unless a round is running. For
   * calls from the event loop alone; nothing is thrown.
   */
  arrived(source: FrameSource): void;
  /**
   * Asks for `flush` at the end of the round that is running, when every host has been polled. False: none
   * is running.
   */
  leaving(drain: FrameDrain): boolean;
}

export interface DriverOptions {
  /**
   * So long after the last frame its descriptor is read without a pause, before the process sleeps until
   * there is one: a wake-up costs more than the answer to a small request. 0 if not said: the processor is
   * left to others at once.
   */
  readonly busyPoll?: Duration | undefined;
  /**
   * Nothing of Node's own waits longer for its turn, as long as there is work to be done; 250 µs if not said.
   */
  readonly slice?: Duration | undefined;
}

const SLICE = 250;
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

export class Driver implements FrameLoop, Clock {
  readonly #busyPoll: Duration;
  readonly #slice: number;
  readonly #queue = new EventQueue();
  readonly #deadlines = new TimerQueue<Station>();
  readonly #stations = new Map<Driven, Station>();
  /** Stations to poll in the next round. */
  #dirty: Station[] = [];
  /** The `now` of the round that runs or ran last. */
  #round = -1 as Instant;
  #isRunning = false;
  #isReading = false;
  #isClosed = false;
  #isReferenced = true;

  /** Sources that had frames a short while ago: they are read in every round. */
  #awake: FrameSource[] = [];
  #awakeUntil = START_OF_TIME;
  /** Whoever has frames to write at the end of the round. */
  readonly #leaving: FrameDrain[] = [];
  /** Whether the last run found work: users may have promises to follow up, which a turn of the loop runs. */
  #hasNews = false;

  #immediate: NodeJS.Immediate | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** When `#timer` fires; `NEVER` without one. */
  #timerAt = NEVER;

  constructor({ busyPoll = 0 as Duration, slice = SLICE as Duration }: DriverOptions = {}) {
    this.#busyPoll = busyPoll;
    this.#slice = slice;
  }

  /** The frames of a burst have all come by the round's instant: the clock is not asked for each of them. */
  now(): Instant {
    if (this.#isReading) return this.#round;
    return Math.floor(performance.now() * 1_000) as Instant;
  }

  /**
   * A task asked for during a round belongs to a later one, even when its time has come: no round is endless.
   */
  schedule(at: Instant, task: () => void): Scheduled {
    if (this.#isClosed) return { cancel() {} };
    const scheduled = this.#queue.add(at > this.#round ? at : ((this.#round + 1) as Instant), task);
    if (!this.#isRunning) this.#sleep(this.now());
    return scheduled;
  }

  /** Tasks are due now or later: devices have frames on their way. */
  get isCarrying(): boolean {
    return this.#queue.next() !== NEVER;
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
    this.#awake = [];
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

  leaving(drain: FrameDrain): boolean {
    if (this.#isRunning && !this.#leaving.includes(drain)) this.#leaving.push(drain);
    return this.#isRunning;
  }

  /** An exception leaves by the event loop, as those of the other runs do. */
  arrived(source: FrameSource): void {
    if (this.#isClosed || this.#isRunning) return;
    if (!this.#awake.includes(source)) this.#awake.push(source);
    try {
      this.#run();
    } catch (error) {
      setImmediate(() => {
        throw error;
      });
    }
    // What waits for promises that the run has settled goes on after an immediate, and not after this call.
    this.#runSoon();
  }

  /** Rounds while there is work, or frames may come at any moment. False: there was nothing to do. */
  #run(): boolean {
    const mayWait = !this.#hasNews;
    const begin = this.now();
    let worked = false;
    this.#isRunning = true;
    try {
      for (let now = begin; now - begin < this.#slice && !this.#isClosed; now = this.now()) {
        if (this.#runRound(now)) worked = true;
        else if (worked || !mayWait || this.#awake.length === 0) break;
      }
    } finally {
      this.#isRunning = false;
      this.#hasNews = worked;
    }
    return worked;
  }

  /** False: nothing was due. */
  #runRound(now: Instant): boolean {
    this.#round = now;
    let worked = false;
    try {
      worked = this.#readFrames(now);
      while (!this.#isClosed && this.#queue.runNext(now)) worked = true;
      this.#deadlines.run(now, this.#deadlineCame);
      // Hosts that get work from the polls of this round are polled in the next one.
      for (let count = this.#dirty.length; count > 0; count--) {
        const station = this.#dirty.shift();
        if (station !== undefined) this.#poll(station);
        worked = true;
      }
    } finally {
      for (let drain = this.#leaving.pop(); drain !== undefined; drain = this.#leaving.pop()) drain.flush();
    }
    return worked;
  }

  #readFrames(now: Instant): boolean {
    let hasRead = false;
    this.#isReading = true;
    try {
      for (const source of this.#awake) if (source.read()) hasRead = true;
    } finally {
      this.#isReading = false;
    }
    if (hasRead) this.#awakeUntil = instantAfter(now, this.#busyPoll);
    else if (now >= this.#awakeUntil) this.#awake.length = 0;
    return hasRead;
  }

  readonly #deadlineCame = (station: Station): void => {
    station.deadline = NEVER;
    this.#markDirty(station);
  };

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
  #sleep(now: Instant): void {
    if (this.#isClosed) return;
    const next = this.#nextTime();
    const ahead = next - now;
    if (this.#dirty.length + this.#awake.length > 0 || ahead < MILLISECOND) this.#runSoon();
    else if (next !== NEVER) this.#wakeAt(next, Math.min(Math.ceil(ahead / MILLISECOND), LONGEST_SLEEP));
  }

  /** @param whenIdle what to do if nothing was due */
  #runSoon(whenIdle = () => this.#sleep(this.#round)): void {
    if (this.#immediate !== undefined || this.#isClosed) return;
    this.#immediate = setImmediate(() => {
      this.#immediate = undefined;
      let worked = true;
      try {
        worked = this.#run();
      } finally {
        // An exception leaves by the event loop; what was not reached stays for the next run.
        if (worked || this.#awake.length > 0) this.#sleep(this.#round);
        else whenIdle();
      }
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
