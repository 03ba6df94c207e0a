/**
 * A decorator through which faults are put on a wire with aim: where link/impair follows chances, this
 * drops, duplicates or delays the very frame that is meant, and cuts the wire.
 */
import { assert } from "../base/assert.ts";
import type { Scheduler } from "../base/event-queue.ts";
import type { PacketBuffer } from "../base/packet-buffer.ts";
import { type Duration, instantAfter } from "../base/time.ts";
import { Decorator } from "../link/decorator.ts";
import { DelayLine } from "../link/delay-line.ts";
import type { NetDevice } from "../link/net-device.ts";
import type { FrameDirection } from "../link/tap.ts";
import { type WireFault, WireFaults } from "../link/wire-faults.ts";

export type FrameMatcher = (frame: PacketBuffer) => boolean;

export interface AimedFault {
  /** Whether it has happened. */
  readonly fired: boolean;
  cancel(): void;
}

type Action =
  | { readonly kind: "drop" }
  | { readonly kind: "duplicate" }
  | { readonly kind: "delay"; readonly by: Duration };

class Rule implements AimedFault {
  readonly matches: FrameMatcher;
  readonly action: Action;
  /** Matching frames to come until the fault happens. */
  left: number;
  cancelled = false;

  constructor(nth: number, matches: FrameMatcher, action: Action) {
    assert(Number.isInteger(nth) && nth >= 1, "frames are counted from 1");
    this.left = nth;
    this.matches = matches;
    this.action = action;
  }

  get fired(): boolean {
    return this.left <= 0;
  }

  cancel(): void {
    this.cancelled = true;
  }
}

const ANY: FrameMatcher = () => true;

export class FaultGate extends Decorator {
  /** Nothing passes, either way. */
  isCut = false;
  readonly faults = new WireFaults();
  readonly #scheduler: Scheduler;
  readonly #delayed: DelayLine;
  #rules: Rule[] = [];
  #dropped = 0;

  constructor(device: NetDevice, scheduler: Scheduler) {
    super(device, { ...device.offload, gathers: false });
    this.#scheduler = scheduler;
    this.#delayed = new DelayLine(scheduler, frame => {
      if (!this.isCut) return device.transmit(frame);
      this.#take("cut", "out", frame);
      return true;
    });
  }

  /** Frames that a fault took. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Drops the n-th frame to be transmitted from now on that matches. */
  drop(nth = 1, matches: FrameMatcher = ANY): AimedFault {
    return this.#add(new Rule(nth, matches, { kind: "drop" }));
  }

  duplicate(nth = 1, matches: FrameMatcher = ANY): AimedFault {
    return this.#add(new Rule(nth, matches, { kind: "duplicate" }));
  }

  delay(by: Duration, nth = 1, matches: FrameMatcher = ANY): AimedFault {
    return this.#add(new Rule(nth, matches, { kind: "delay", by }));
  }

  override transmit(frame: PacketBuffer): boolean {
    if (this.isCut) {
      this.#take("cut", "out", frame);
      return true;
    }
    if (this.#rules.length === 0) return this.device.transmit(frame);
    this.#rules = this.#rules.filter(rule => !rule.cancelled && !rule.fired);
    const matching = this.#rules.filter(rule => rule.matches(frame));
    const action = matching.find(rule => rule.left === 1)?.action;
    // A frame that the device is too full for will come again, and counts then.
    if (!this.#act(action, frame)) return false;
    for (const rule of matching) rule.left--;
    return true;
  }

  override close(): void {
    this.#delayed.clear();
    this.device.close();
  }

  override receive(frame: PacketBuffer): void {
    if (this.isCut) this.#take("cut", "in", frame);
    else this.sink?.receive(frame);
  }

  override writable(): void {
    this.#delayed.resume();
    this.sink?.writable();
  }

  #act(action: Action | undefined, frame: PacketBuffer): boolean {
    switch (action?.kind) {
      case "drop":
        this.#take("lost", "out", frame);
        return true;
      case "delay":
        this.faults.happened("delayed", "out", frame);
        this.#delayed.hold(frame, instantAfter(this.#scheduler.now(), action.by));
        return true;
      case "duplicate":
        if (!this.device.transmit(frame)) return false;
        this.faults.happened("duplicated", "out", frame);
        this.device.transmit(frame);
        return true;
      default:
        return this.device.transmit(frame);
    }
  }

  #take(fault: WireFault, direction: FrameDirection, frame: PacketBuffer): void {
    this.#dropped++;
    this.faults.happened(fault, direction, frame);
  }

  #add(rule: Rule): Rule {
    this.#rules.push(rule);
    return rule;
  }
}
