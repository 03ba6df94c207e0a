/**
 * Wires whose faults may be changed while frames pass: those of simulations, and those of commands that have
 * one of our own. Each direction follows its impairments (link/impairment), and, where there is a gate
 * (sim/fault-gate), the one frame that is meant.
 */
import type { Duration } from "../base/time.ts";
import type { ImpairedDevice, Impairment } from "../link/impair.ts";
import { WireFaults } from "../link/wire-faults.ts";
import type { AimedFault, FaultGate } from "../sim/fault-gate.ts";
import type { LinkDirection as FaultyDirection, FaultyLink } from "../sim/faults.ts";
import type { TracedLink } from "../trace/link-trace.ts";
import type { Control, LinkDescription, LinkDirection } from "./protocol.ts";

export type ImpairmentControl = Extract<Control, { readonly action: "impair" }>;

/** A wire, as the inspector watches it. */
export interface Wire {
  readonly name: string;
  readonly directions: readonly WireDirection[];
  /** Where it tells what it does to frames. */
  readonly link: TracedLink;
}

/** Where a direction's impairments stand. */
interface Impaired {
  impairment: Impairment;
}

export class WireDirection {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly #wire: Impaired;
  readonly #gate: FaultGate | undefined;
  #aimed: AimedFault | undefined = undefined;
  /** What counts again once the wire is healed; undefined: it is not cut. */
  #healed: Impairment | undefined = undefined;

  constructor(ends: readonly [from: string, to: string], wire: Impaired, gate?: FaultGate) {
    [this.from, this.to] = ends;
    this.id = `${this.from} → ${this.to}`;
    this.#wire = wire;
    this.#gate = gate;
  }

  /** Whether one frame can be meant. */
  get hasGate(): boolean {
    return this.#gate !== undefined;
  }

  describe(): LinkDirection {
    const { id, from, to, hasGate } = this;
    const { loss = 0, delay = 0, jitter = 0, rateBytesPerSecond = 0 } = this.#healed ?? this.#wire.impairment;
    const isCut = this.#healed !== undefined || this.#gate?.isCut === true;
    return { id, from, to, loss, delay, jitter, rateBytesPerSecond, isCut, hasGate };
  }

  /** What is not said stays as it is. */
  impair({
    loss,
    delay,
    jitter,
    rateBytesPerSecond,
    isCut,
  }: Omit<ImpairmentControl, "type" | "action">): void {
    const before = this.#healed ?? this.#wire.impairment;
    const changed: Impairment = {
      ...before,
      loss: loss ?? before.loss,
      delay: (delay ?? before.delay) as Duration | undefined,
      jitter: (jitter ?? before.jitter) as Duration | undefined,
      rateBytesPerSecond:
        rateBytesPerSecond === 0 ? undefined : (rateBytesPerSecond ?? before.rateBytesPerSecond),
    };
    const cuts = isCut ?? this.#healed !== undefined;
    if (isCut === false && this.#gate !== undefined) this.#gate.isCut = false;
    this.#healed = cuts ? changed : undefined;
    this.#wire.impairment = cuts ? { ...changed, loss: 1 } : changed;
  }

  /** The next frame has its fate already, and has not come. */
  get isAimedAt(): boolean {
    return this.#aimed?.fired === false;
  }

  /** The next frame that goes this way is lost. */
  dropNext(): void {
    if (!this.isAimedAt) this.#aimed = this.#gate?.drop();
  }

  delayNext(by: Duration): void {
    if (!this.isAimedAt) this.#aimed = this.#gate?.delay(by);
  }
}

/** A link of a simulated network: sim/topology. */
export function wireOfLink(link: FaultyLink & TracedLink): Wire {
  const [a, b] = link.ends;
  const direction = (ends: readonly [string, string], { wire, gate }: FaultyDirection): WireDirection =>
    new WireDirection(ends, transmitted(wire), gate);
  const directions = [direction([a, b], link.aToB), direction([b, a], link.bToA)];
  return { name: link.name, directions, link };
}

export interface ImpairedWire {
  readonly name: string;
  /** Who has the impaired device, and who is at the other end. */
  readonly near: string;
  readonly far: string;
  readonly device: ImpairedDevice;
  /** Before the near end's frames, and before the far end's. */
  readonly nearGate?: FaultGate | undefined;
  readonly farGate?: FaultGate | undefined;
}

/** A wire that is impaired, in both directions, by one device at one of its ends. */
export function wireOfDevice({ name, near, far, device, nearGate, farGate }: ImpairedWire): Wire {
  const directions = [
    new WireDirection([near, far], transmitted(device), nearGate),
    new WireDirection([far, near], received(device), farGate),
  ];
  // The device has both directions: to the far end's frames it does what their wire would.
  const nothing = { faults: new WireFaults() };
  const link = {
    name,
    ends: [near, far] as const,
    a: device,
    aToB: { gate: nearGate ?? nothing, wire: device },
    bToA: { gate: farGate ?? nothing, wire: nothing },
  };
  return { name, directions, link };
}

export function describeWire({ name, directions }: Wire): LinkDescription {
  return { name, directions: directions.map(direction => direction.describe()) };
}

function transmitted(device: ImpairedDevice): Impaired {
  return {
    get impairment() {
      return device.transmitImpairment;
    },
    set impairment(value) {
      device.transmitImpairment = value;
    },
  };
}

function received(device: ImpairedDevice): Impaired {
  return {
    get impairment() {
      return device.receiveImpairment;
    },
    set impairment(value) {
      device.receiveImpairment = value;
    },
  };
}
