/**
 * A simulation under the control of pages: its time passes as whoever drives it says (`advance`), faster or
 * slower, is held, goes on by one event, and begins anew from a seed. Pages see it through an inspector,
 * which watches its hosts and wires.
 *
 * What pages do to time and wires is part of what happens next; a replay begins without it.
 */
import { type Duration, elapsed, type Instant, milliseconds, NEVER } from "../base/time.ts";
import type { Host } from "../host/host.ts";
import type { Link } from "../sim/topology.ts";
import type { World } from "../sim/world.ts";
import { Inspector, type TimeControl } from "./inspector.ts";
import { ALL_EVENTS, type InspectorLimits } from "./limits.ts";
import { type Problem, troubleOf } from "./problem.ts";
import type { Clock, InspectorChannel } from "./protocol.ts";

/** A world with all that is in it, from one seed. */
export interface SimulatedRun {
  readonly seed: number;
  readonly world: World;
  readonly hosts: readonly Host[];
  readonly links: readonly Link[];
  /** All that was to be seen has been; undefined: it has not. */
  readonly endedAt: Instant | undefined;
}

/** Hears the numbers of remarks as they are due. */
export type RemarkListener = (remark: number, at: Instant) => void;

export interface SimulationOptions {
  readonly title: string;
  /** The scene's id. */
  readonly scene?: string | undefined;
  /** Virtual seconds a second, to begin with. */
  readonly speed: number;
  /** Makes a run; without a seed of its own choice. */
  readonly begin: (seed: number | undefined, remark: RemarkListener) => SimulatedRun;
  readonly seed?: number | undefined;
  readonly limits?: Partial<InspectorLimits> | undefined;
}

/** An advance that would take more is cut short: time then passes slower than it should. */
const MOST_EVENTS_AT_ONCE = 1_000;
/** Pages hear of so many before more come than wait for them. */
const MOST_EVENTS_UNHEARD = 100;
/** Bytes on their way to a page, beyond which time stands still for it. */
const MOST_WAITING = 1 << 19;
/** A driver that was asleep does not make up for it. */
const LONGEST_ADVANCE = milliseconds(250);
/** Pages are told so often, in real time. */
const TELL_EVERY = milliseconds(50);
/**
 * A silence that is longer than the first is cut short after the second, in real time: nobody wants to watch
 * a minute of TIME-WAIT.
 */
const LONG_SILENCE = milliseconds(2_500);
const SILENCE_SHOWN = milliseconds(1_000);

export class Simulation {
  readonly #options: SimulationOptions;
  readonly #channels = new Set<InspectorChannel>();
  #run: SimulatedRun;
  #inspector: Inspector;
  #state: Clock["state"] = "running";
  #speed: number;
  /** Where the clock should stand: a virtual instant, and a part of a microsecond. */
  #position = 0;
  /** Real time since something happened, and since pages were told. */
  #silence = 0;
  #untold: number = TELL_EVERY;
  #toldClock = "";
  /** It was ended once, and goes on because the user wants it to. */
  #isBeyondEnd = false;

  constructor(options: SimulationOptions) {
    this.#options = options;
    this.#speed = options.speed;
    this.#run = this.#begin(options.seed);
    this.#inspector = this.#watch();
  }

  get clock(): Clock {
    const { world } = this.#run;
    const { next } = world;
    return {
      type: "clock",
      now: world.now(),
      state: this.#state,
      speed: this.#speed,
      ...(next === NEVER ? {} : { next }),
      events: world.events,
    };
  }

  join(channel: InspectorChannel): void {
    this.#channels.add(channel);
    this.#inspector.join(channel);
    const leave = channel.onClosed;
    channel.onClosed = () => {
      leave?.();
      this.#channels.delete(channel);
    };
    channel.send(this.clock);
  }

  /** So much real time has passed. A page that does not keep up holds the simulation, and misses nothing. */
  advance(time: Duration): void {
    if (this.#isHeld) return;
    if (this.#state === "running") this.#pass(Math.min(time, LONGEST_ADVANCE));
    this.#untold += time;
    if (this.#untold >= TELL_EVERY) this.#tell();
  }

  close(): void {
    this.#inspector.close();
    this.#channels.clear();
  }

  get #isHeld(): boolean {
    for (const { waiting = 0 } of this.#channels) if (waiting > MOST_WAITING) return true;
    return false;
  }

  // --- time passes

  #pass(time: number): void {
    const { world } = this.#run;
    this.#silence += time;
    this.#position = this.#afterSilence(this.#position + time * this.#speed);
    const target = Math.floor(this.#position) as Instant;
    for (let left = MOST_EVENTS_AT_ONCE; left > 0; left--) {
      if (!this.#step(target)) {
        if (this.#state === "running") world.runFor(elapsed(world.now(), target));
        return;
      }
      if (left % MOST_EVENTS_UNHEARD !== 0) continue;
      this.#inspector.tick();
      if (this.#isHeld) break;
    }
    this.#position = world.now();
  }

  /** Moves over a part of a long silence that has been looked at for long enough. */
  #afterSilence(position: number): number {
    const { next } = this.#run.world;
    const wait = next - position;
    if (next === NEVER || wait < (LONG_SILENCE - SILENCE_SHOWN) * this.#speed) return position;
    return this.#silence < SILENCE_SHOWN ? position : next - (SILENCE_SHOWN / 2) * this.#speed;
  }

  /** False: no event by then, or time passes no more. */
  #step(limit: Instant): boolean {
    const { world } = this.#run;
    try {
      if (!world.step(limit)) {
        if (world.next === NEVER) this.#end();
        return false;
      }
    } catch (failure) {
      this.#end();
      const reason = failure instanceof Error ? failure.message : String(failure);
      this.#inspector.broadcast(troubleOf({ kind: "simulation-failed", reason }));
      return false;
    }
    this.#silence = 0;
    if (this.#run.endedAt !== undefined && !this.#isBeyondEnd) this.#end();
    return this.#state === "running";
  }

  #end(): void {
    this.#state = "ended";
    this.#untold = TELL_EVERY;
  }

  /** Pages get a whole picture, however little virtual time has passed since the last one. */
  #tell(): void {
    if (this.#isHeld) {
      this.#untold = TELL_EVERY;
      return;
    }
    this.#untold = 0;
    this.#inspector.tick(true);
    const { clock } = this;
    const told = JSON.stringify(clock);
    if (told !== this.#toldClock) this.#inspector.broadcast(clock);
    this.#toldClock = told;
  }

  // --- what pages do

  #control(control: TimeControl): Problem | undefined {
    const problem = this.#obey(control);
    this.#tell();
    return problem;
  }

  #obey(control: TimeControl): Problem | undefined {
    switch (control.action) {
      case "pause":
        if (this.#state === "running") this.#state = "paused";
        return undefined;
      case "resume":
        return this.#resume();
      case "step":
        return this.#stepOnce();
      case "speed":
        this.#speed = control.speed;
        return undefined;
      case "replay":
        this.#replay(control.seed);
        return undefined;
    }
  }

  #resume(): Problem | undefined {
    if (this.#run.world.next === NEVER) return NOTHING_LEFT;
    if (this.#state === "ended") this.#isBeyondEnd = true;
    this.#state = "running";
    this.#position = this.#run.world.now();
    return undefined;
  }

  #stepOnce(): Problem | undefined {
    if (this.#run.world.next === NEVER) return NOTHING_LEFT;
    if (this.#state === "ended") this.#isBeyondEnd = true;
    this.#state = "paused";
    this.#step(NEVER);
    this.#position = this.#run.world.now();
    return undefined;
  }

  #replay(seed: number): void {
    this.#inspector.close();
    this.#run = this.#begin(seed);
    this.#inspector = this.#watch();
    for (const channel of [...this.#channels]) this.join(channel);
  }

  // --- a run

  #begin(seed: number | undefined): SimulatedRun {
    this.#state = "running";
    this.#position = 0;
    this.#silence = 0;
    this.#isBeyondEnd = false;
    return this.#options.begin(seed, (remark, time) =>
      this.#inspector.put({ time, host: "", connection: 0, name: "scene:remark", data: { remark } }),
    );
  }

  #watch(): Inspector {
    const { title, scene, limits } = this.#options;
    const { world, seed, hosts, links } = this.#run;
    const inspector = new Inspector({
      title,
      kind: "simulation",
      clock: world,
      scene,
      seed,
      onTimeControl: control => this.#control(control),
      keepsPackets: true,
      limits: { ...ALL_EVENTS, ...limits },
    });
    for (const host of hosts) inspector.watchHost(host);
    for (const link of links) inspector.watchLink(link);
    return inspector;
  }
}

const NOTHING_LEFT: Problem = { kind: "nothing-left" };
