/**
 * One direction of a bad wire, after Linux's tc-netem: loss (independent, or in bursts after Gilbert and
 * Elliott), duplication, corruption, a rate with a bounded queue, delay with jitter, reordering.
 * Deterministic from its random stream. The order of things: loss and duplication, corruption, the rate's
 * queue, then the delay.
 */
import { assert } from "../base/assert.ts";
import type { Scheduled, Scheduler } from "../base/event-queue.ts";
import { PacketBuffer } from "../base/packet-buffer.ts";
import { below, chance, type Random } from "../base/random.ts";
import { type Duration, type Instant, instantAfter, milliseconds } from "../base/time.ts";
import { DelayLine } from "./delay-line.ts";
import { DEFAULT_QUEUE_FRAMES } from "./queue.ts";
import type { WireFault } from "./wire-faults.ts";

/** Probabilities are 0 … 1, for each frame. What is left out is 0, or without limit. */
export interface Impairment {
  readonly loss?: number | undefined;
  readonly burstLoss?: GilbertElliott | undefined;
  readonly duplicate?: number | undefined;
  /**
   * A frame that overtakes the delay of those before it. Without delay and jitter there is nothing to
   * overtake: the frame is then held back until a few later ones have passed, or 10 ms.
   */
  readonly reorder?: number | undefined;
  /** One random bit is flipped. */
  readonly corrupt?: number | undefined;
  readonly delay?: Duration | undefined;
  /** The delay varies evenly by this much either way, and frames overtake each other accordingly. */
  readonly jitter?: Duration | undefined;
  readonly rateBytesPerSecond?: number | undefined;
  /** Frames that wait for the rate; more are dropped. */
  readonly queueLimit?: number | undefined;
}

/** Loss in bursts: a chain of a good and a bad state, looked at for each frame. */
export interface GilbertElliott {
  readonly toBad: number;
  readonly toGood: number;
  readonly lossInBad?: number | undefined;
  readonly lossInGood?: number | undefined;
}

export interface ImpairmentCounters {
  lost: number;
  duplicated: number;
  reordered: number;
  corrupted: number;
  queueFull: number;
}

export interface PathEnds {
  /** Takes a frame; false: full, and `resume` is called when it is not any more. */
  deliver(frame: PacketBuffer): boolean;
  /** Told before it has an effect. */
  happened(fault: WireFault, frame: PacketBuffer): void;
}

export const HELD_BACK: Duration = milliseconds(10);
const HELD_BACK_FRAMES = 3;
/** What the sums of fractions of a microsecond may be off by. */
const ROUNDING = 1e-3;
/** Frames on their way, however long the delay. */
const IN_FLIGHT_LIMIT = 65_536;

class HeldBack {
  readonly frame = new PacketBuffer(2_048);
  passesLeft = 0;
  timeout: Scheduled | undefined;
}

export class ImpairedPath {
  readonly counters: ImpairmentCounters = {
    lost: 0,
    duplicated: 0,
    reordered: 0,
    corrupted: 0,
    queueFull: 0,
  };
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #ends: PathEnds;
  readonly #line: DelayLine;
  readonly #scratch = new PacketBuffer(2_048);
  #impairment: Impairment = {};
  #inBadState = false;
  #blocked = false;
  /** When the rate's queue has sent all it holds; fractions of a microsecond count. */
  #idleAt = 0;
  /** When each frame in the rate's queue will have left it. */
  #departures: number[] = [];
  #heldBack: HeldBack[] = [];

  constructor(scheduler: Scheduler, random: Random, ends: PathEnds) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#ends = ends;
    this.#line = new DelayLine(scheduler, frame => this.#emit(frame));
  }

  get impairment(): Impairment {
    return this.#impairment;
  }

  /** Holds for frames that come from now on. Those on their way keep their time. */
  set impairment(value: Impairment) {
    checkImpairment(value);
    this.#impairment = value;
  }

  /** The last delivery was refused. */
  get isBlocked(): boolean {
    return this.#blocked;
  }

  /** False: nothing was taken, since the receiver is full. */
  accept(frame: PacketBuffer): boolean {
    if (this.#blocked) return false;
    const duplicate = this.#happens(this.#impairment.duplicate);
    const lost = this.#isLost();
    if (duplicate) {
      this.counters.duplicated++;
      this.#ends.happened("duplicated", frame);
    }
    if (lost) {
      this.counters.lost++;
      this.#ends.happened("lost", frame);
    }
    if (duplicate && !lost) {
      // The receiver may change what it is given, so the first is a copy.
      this.#scratch.copyFrom(frame);
      this.#send(this.#scratch);
    }
    if (duplicate || !lost) this.#send(frame);
    return true;
  }

  resume(): void {
    this.#blocked = false;
    this.#line.resume();
  }

  clear(): void {
    this.#line.clear();
    for (const held of this.#heldBack) held.timeout?.cancel();
    this.#heldBack = [];
    this.#departures = [];
  }

  #happens(probability: number | undefined): boolean {
    return probability !== undefined && probability > 0 && chance(this.#random, probability);
  }

  #isLost(): boolean {
    const { loss, burstLoss } = this.#impairment;
    let lost = this.#happens(loss);
    if (burstLoss !== undefined) {
      const bad = this.#inBadState;
      if (this.#happens(bad ? burstLoss.toGood : burstLoss.toBad)) this.#inBadState = !bad;
      if (this.#happens(bad ? (burstLoss.lossInBad ?? 1) : burstLoss.lossInGood)) lost = true;
    }
    return lost;
  }

  #send(frame: PacketBuffer): void {
    const corrupt = frame.length > 0 && this.#happens(this.#impairment.corrupt);
    const flip = corrupt ? below(this.#random, frame.length * 8) : -1;
    const { rateBytesPerSecond: rate, delay = 0, jitter = 0 } = this.#impairment;
    const now = this.#scheduler.now();
    if (this.#line.length >= IN_FLIGHT_LIMIT || (rate !== undefined && this.#isQueueFull(now))) {
      this.counters.queueFull++;
      this.#ends.happened("queue-full", frame);
      return;
    }
    if (corrupt) {
      this.counters.corrupted++;
      this.#ends.happened("corrupted", frame);
    }
    const sending = rate === undefined ? 0 : (frame.length * 1e6) / rate;
    let lag = delay;
    if (jitter > 0) lag = Math.max(0, delay - jitter + below(this.#random, 2 * jitter + 1));
    if (this.#happens(this.#impairment.reorder)) {
      this.counters.reordered++;
      if (delay > 0 || jitter > 0) lag = 0;
      else if (rate === undefined) {
        this.#holdBack(frame, flip, now);
        return;
      } else lag = Math.min(HELD_BACK, sending * (1.5 + below(this.#random, HELD_BACK_FRAMES)));
    }
    const departs = rate === undefined ? now : this.#enqueue(now, sending);
    const at = Math.max(now, Math.ceil(departs + lag - ROUNDING)) as Instant;
    if (at > now || this.#line.length > 0) {
      flipBit(this.#line.hold(frame, at), flip);
      return;
    }
    let sent = frame;
    if (corrupt) {
      if (frame !== this.#scratch) this.#scratch.copyFrom(frame);
      sent = this.#scratch;
      flipBit(sent, flip);
    }
    // The fate of this frame is drawn already, so it waits here, and the next one is told that the device is
    // full.
    if (!this.#emit(sent)) this.#line.hold(sent, now);
  }

  #isQueueFull(now: Instant): boolean {
    const departures = this.#departures;
    let left = 0;
    while (left < departures.length && (departures[left] as number) <= now) left++;
    if (left > 0) departures.splice(0, left);
    return departures.length >= (this.#impairment.queueLimit ?? DEFAULT_QUEUE_FRAMES);
  }

  /** Answers when the frame's last byte has left. */
  #enqueue(now: Instant, sending: number): number {
    this.#idleAt = Math.max(now, this.#idleAt) + sending;
    this.#departures.push(this.#idleAt);
    return this.#idleAt;
  }

  #emit(frame: PacketBuffer): boolean {
    if (!this.#ends.deliver(frame)) {
      this.#blocked = true;
      return false;
    }
    if (this.#heldBack.length > 0) this.#passed();
    return true;
  }

  #holdBack(frame: PacketBuffer, flip: number, now: Instant): void {
    const held = new HeldBack();
    held.frame.copyFrom(frame);
    flipBit(held.frame, flip);
    held.passesLeft = 1 + below(this.#random, HELD_BACK_FRAMES);
    held.timeout = this.#scheduler.schedule(instantAfter(now, HELD_BACK), () => {
      this.#heldBack = this.#heldBack.filter(other => other !== held);
      this.#line.hold(held.frame, this.#scheduler.now());
    });
    this.#heldBack.push(held);
  }

  /** A frame went by those held back. */
  #passed(): void {
    for (const held of this.#heldBack) {
      if (--held.passesLeft > 0) continue;
      held.timeout?.cancel();
      this.#line.hold(held.frame, this.#scheduler.now());
    }
    this.#heldBack = this.#heldBack.filter(held => held.passesLeft > 0);
  }
}

/** Nothing is known of the checksum of a frame that was damaged. */
function flipBit(frame: PacketBuffer, bit: number): void {
  if (bit < 0) return;
  const at = frame.start + (bit >> 3);
  frame.bytes[at] = (frame.bytes[at] as number) ^ (1 << (bit & 7));
  frame.checksum = "unknown";
}

function checkImpairment(value: Impairment): void {
  const burst = value.burstLoss;
  const probabilities = [
    value.loss,
    value.duplicate,
    value.reorder,
    value.corrupt,
    burst?.toBad,
    burst?.toGood,
    burst?.lossInBad,
    burst?.lossInGood,
  ];
  assert(
    probabilities.every(probability => probability === undefined || (probability >= 0 && probability <= 1)),
    "a probability of an impairment is outside of 0 … 1",
  );
  assert((value.delay ?? 0) >= 0 && (value.jitter ?? 0) >= 0, "an impairment's delay is negative");
  assert((value.rateBytesPerSecond ?? 1) > 0, "an impairment's rate is not above 0");
  assert((value.queueLimit ?? 1) >= 1, "an impairment's queue holds no frame");
}
