/**
 * A network of hosts in virtual time for programs of Node's: on each host `net`, `http`, `dgram` and all that
 * is built on them work as they are, and while a program waits the clock jumps to what happens next. Ten
 * minutes pass in moments, and the same seed gives the same run.
 */
import type { Random } from "../../base/random.ts";
import { type Duration, seconds } from "../../base/time.ts";
import { Bridge } from "../../link/bridge.ts";
import type { Impairment } from "../../link/impair.ts";
import { addHost, type SimHostOptions } from "../../sim/sim-host.ts";
import { connect } from "../../sim/topology.ts";
import { Trace } from "../../sim/trace.ts";
import { World } from "../../sim/world.ts";
import { type IpAddress, type IpFamily, ip, LOOPBACK_V4, LOOPBACK_V6 } from "../../wire/address.ts";
import { EventLoopTurns } from "../handles/turns.ts";
import { Activity } from "./activity.ts";
import { ProgramHost } from "./program-host.ts";
import { Replacements } from "./replacements.ts";
import { replaceDateHeader, replaceSocketTimeouts } from "./socket-timeouts.ts";
import { replaceChance } from "./virtual-chance.ts";
import { replaceClocks } from "./virtual-date.ts";
import { VirtualTimers } from "./virtual-timers.ts";

export interface SimOptions {
  readonly seed?: number | undefined;
  /** What the beginning of the simulation is called: ms since 1970, or a Date. 2000-01-01 if not said. */
  readonly epoch?: number | Date | undefined;
  /** Entries of the trace to keep. */
  readonly keep?: number | undefined;
}

export interface ProgramHostOptions {
  /** What happens to packets on the host's wire, in either direction. */
  readonly link?: Impairment | undefined;
  readonly host?: SimHostOptions | undefined;
}

const EPOCH = Date.UTC(2000, 0, 1);
const HOUR = seconds(3_600);
const HOSTS = 254;
const LOOPBACK = [LOOPBACK_V4, LOOPBACK_V6];

/** One of them at a time has the process's clock. */
let running: Sim | undefined;

/**
 * Libraries that are loaded after this have the simulation's clock and chance even where they keep what they
 * take from Node's modules.
 */
export function createSim(options: SimOptions = {}): Sim {
  return new Sim(options);
}

export class Sim {
  readonly world: World;
  /** Every frame on every wire. */
  readonly trace: Trace;
  readonly #epoch: number;
  readonly #chance: Random;
  readonly #activity = new Activity();
  readonly #turns = new EventLoopTurns();
  readonly #timers: VirtualTimers;
  readonly #switch: Bridge;
  readonly #hosts = new Map<string, ProgramHost>();

  constructor({ seed = 1, epoch = EPOCH, keep }: SimOptions) {
    this.world = new World({ seed, drain: () => this.#activity.rest() });
    this.trace = new Trace(this.world, { keep });
    this.#epoch = Number(epoch);
    this.#chance = this.world.random.fork();
    this.#switch = new Bridge(this.world);
    this.#timers = new VirtualTimers(this.world, run => this.#turns.happened(this.#activity.expect(run)));
    if (running === undefined) this.#replaceAll().restore();
  }

  /** The world's time, in ms since the simulation's beginning. */
  get elapsed(): number {
    return this.world.now() / 1_000;
  }

  /** A host on the network, at 10.0.0.n and fd00::n. The others find it by its name. */
  host(name: string, { link = {}, host: options }: ProgramHostOptions = {}): ProgramHost {
    const number = this.#hosts.size + 1;
    if (this.#hosts.has(name)) throw new Error(`the simulation has a host "${name}" already`);
    if (number > HOSTS) throw new Error(`a simulation has ${HOSTS} hosts at most`);
    const wire = connect(this.world, {
      ends: [name, "switch"],
      aToB: link,
      bToA: link,
      trace: this.trace,
    });
    const host = addHost(this.world, name, options);
    const addresses = [
      { address: ip(`10.0.0.${number}`), prefixLength: 24 },
      { address: ip(`fd00::${number.toString(16)}`), prefixLength: 64 },
    ];
    host.attach(wire.a, { addresses, duplicateDetection: false });
    this.#switch.add(wire.b);
    const resolver = { resolve: (wanted: string, family?: IpFamily) => this.#resolve(wanted, family) };
    const program = new ProgramHost(host, wire, this.#turns, this.#activity, resolver);
    this.#hosts.set(name, program);
    return program;
  }

  /**
   * Runs a program to its end, with the world's time for its clock. Fails when the world's `limit` is over
   * first, or nothing is left to happen. What the program leaves behind stands still until the next run.
   */
  async run<T>(program: () => Promise<T> | T, limit: Duration = HOUR): Promise<T> {
    if (running !== undefined) throw new Error("another simulation has the process's clock");
    running = this;
    this.#activity.start();
    const replacements = this.#replaceAll();
    try {
      return await this.world.runUntilSettled(Promise.resolve().then(program), limit);
    } finally {
      replacements.restore();
      this.#activity.stop();
      running = undefined;
    }
  }

  #replaceAll(): Replacements {
    const replacements = new Replacements();
    replaceSocketTimeouts(replacements, this.#timers);
    replaceDateHeader(replacements);
    replaceClocks(replacements, this.world, this.#epoch);
    replaceChance(replacements, this.#chance);
    this.#timers.replace(replacements);
    this.#activity.watchImmediates(replacements);
    this.#activity.watchWebAssembly(replacements);
    replacements.done();
    return replacements;
  }

  /** Of one family alone: between two, `net` would choose by a timer of its own, in real time. */
  #resolve(name: string, family: IpFamily = 4): readonly IpAddress[] {
    const addresses = name === "localhost" ? LOOPBACK : (this.#hosts.get(name)?.addresses ?? []);
    return addresses.filter(address => address.family === family);
  }
}
