/**
 * Random lives of a connection. The peer is mostly sensible, so that connections live long enough to see
 * every state, and often not. The plan is made while Postel plays it, since a peer goes by what it has heard;
 * the kernel then plays the same numbers.
 */
import type { Random } from "../../../src/base/random.ts";
import { SeededRandom } from "../../../src/base/random.ts";
import { PostelSide } from "./postel-side.ts";
import type { CallName, CallStep, Observation, Plan, SegmentStep, Step } from "./steps.ts";

const LENGTH = 22;
/** What the host may have under way, in segments of the peer's: within its first congestion window. */
const MOST_UNACKNOWLEDGED = 6;
/** What may wait to be read: within its first receive window, however a system counts it. */
const MOST_UNREAD = 20_000;

export interface Played {
  readonly plan: Plan;
  /** After the opening, and after each step. */
  readonly observations: Observation[];
}

export async function playRandom(seed: number): Promise<Played> {
  const planner = new Planner(seed);
  return planner.play();
}

/** Plays a plan that is there already. */
export async function playAgain(plan: Plan): Promise<Observation[]> {
  const side = new PostelSide(plan);
  try {
    const observations = [await side.begin()];
    for (const step of plan.steps) observations.push(await side.take(step));
    return observations;
  } finally {
    side.close();
  }
}

class Planner {
  readonly #random: Random;
  readonly #plan: Plan;
  readonly #side: PostelSide;
  #last: Observation | undefined = undefined;
  /** The peer's next number, and the highest that it has acknowledged of the host's. */
  #next = 0;
  #acked = 0;
  #window = 30_000;
  #finSent = false;
  /** Where the stream ends, when the peer has shown it; and how far it has shown text. */
  #finAt: number | undefined = undefined;
  #highest = 0;
  /** How many steps the host's SYN waited for its ACK. */
  #handshakeSteps = 0;
  #incarnation = 0;

  constructor(seed: number) {
    this.#random = new SeededRandom(seed);
    this.#plan = this.#frame(seed);
    this.#side = new PostelSide(this.#plan);
  }

  async play(): Promise<Played> {
    const side = this.#side;
    try {
      const observations = [await side.begin()];
      this.#last = observations[0];
      while (this.#plan.steps.length < LENGTH) {
        const step = this.#step();
        this.#plan.steps.push(step);
        this.#last = await side.take(step);
        observations.push(this.#last);
      }
      return { plan: this.#plan, observations };
    } finally {
      side.close();
    }
  }

  #frame(seed: number): Plan {
    const isNearWrap = this.#chance(0.3);
    return {
      seed,
      opener: this.#chance(0.4) ? "host" : "peer",
      peerIss: isNearWrap ? 0xffff_ff00 + this.#below(256) : this.#below(0xffff_ffff),
      offer: {
        mss: this.#pick([1_460, 1_460, 1_000, 536]),
        sack: this.#chance(0.6),
        timestamps: this.#chance(0.4),
        windowScale: this.#chance(0.5) ? this.#below(8) : undefined,
      },
      steps: [],
    };
  }

  #step(): Step {
    const { hasSocket, wire } = this.#side;
    if (wire.incarnation !== this.#incarnation) this.#startOver();
    if (wire.knowsHost && this.#acked === 0) this.#handshakeSteps++;
    if (!this.#isOpen) return this.#chance(0.12) ? this.#earlyCall() : this.#opening();
    if (!hasSocket && this.#side.listens && this.#chance(0.5)) return { kind: "call", call: "accept" };
    if (hasSocket && this.#chance(0.4)) return this.#call();
    return this.#segment();
  }

  /** The same ports, and another connection. */
  #startOver(): void {
    this.#incarnation = this.#side.wire.incarnation;
    this.#acked = 0;
    this.#next = this.#side.wire.acked ?? 0;
    this.#finSent = false;
    this.#finAt = undefined;
    this.#highest = 0;
  }

  /** Both SYNs have been exchanged, as the peer sees it. */
  get #isOpen(): boolean {
    return this.#next > 0 && this.#side.wire.acked !== undefined && this.#side.wire.knowsHost;
  }

  // --- the user

  #earlyCall(): CallStep {
    if (this.#side.hasSocket) {
      const call = this.#pick<CallName>(["write", "read", "error", "shutdown", "close", "abort", "peek"]);
      return this.#with(call);
    }
    return { kind: "call", call: this.#side.listens && this.#chance(0.1) ? "stop_listening" : "accept" };
  }

  #call(): CallStep {
    const names: CallName[] = ["write", "write", "write", "write", "read", "read", "read", "peek", "error"];
    if (this.#chance(0.25)) names.push("no_delay", "send_urgent", "urgent");
    // Endings are for later, mostly.
    if (this.#chance(this.#plan.steps.length / 40)) names.push("shutdown", "shutdown", "shutdown", "close");
    if (this.#chance(0.05)) names.push("abort");
    return this.#with(this.#pick(names));
  }

  #with(call: CallName): CallStep {
    switch (call) {
      case "write": {
        const waiting = this.#last?.look?.unacknowledged;
        const room = MOST_UNACKNOWLEDGED * this.#plan.offer.mss - (typeof waiting === "number" ? waiting : 0);
        const argument = Math.min(this.#pick([1, 100, 536, 1_000, 1_460, 2_920, 4_000]), room);
        return argument > 0 ? { kind: "call", call, argument } : { kind: "call", call: "error" };
      }
      case "read":
      case "peek":
        return { kind: "call", call, argument: this.#pick([1, 100, 1_000, 30_000]) };
      case "shutdown":
        return { kind: "call", call, argument: this.#pick([0, 1, 1, 1, 2]) };
      case "no_delay":
      case "cork":
        return { kind: "call", call, argument: this.#below(2) };
      case "send_urgent":
        return { kind: "call", call, argument: this.#pick([1, 10]) };
      default:
        return { kind: "call", call };
    }
  }

  // --- the peer, before the connection is open

  #opening(): SegmentStep {
    const { wire } = this.#side;
    const acked = wire.sentEnd;
    if (this.#chance(0.7)) {
      if (!wire.knowsHost || this.#chance(0.12)) return this.#syn("SYN", "S", undefined);
      return this.#syn("SYN-ACK", "S.", acked);
    }
    const length = this.#pick([0, 0, 100]);
    const seq = this.#next;
    const ack = this.#pick([0, 1, 2, 77_777]);
    const kinds = ["R", "R.", ".", "P.", "F.", "F", "SF", "S.", "P", "", "S"];
    if (!wire.knowsHost) kinds.push("SR");
    const flags = this.#pick(kinds);
    const step = this.#make("a stray segment", flags, seq, flags.includes("R") ? 0 : length, ack);
    if (flags === "S" || (flags === "S." && ack === acked)) this.#next = Math.max(this.#next, 1);
    return step;
  }

  #syn(meaning: string, flags: string, ack: number | undefined): SegmentStep {
    this.#next = Math.max(this.#next, 1);
    if (ack !== undefined) this.#acked = Math.max(this.#acked, ack);
    return this.#make(meaning, flags, 0, 0, ack);
  }

  // --- the peer of an open connection

  #segment(): SegmentStep {
    const wheel: Array<readonly [number, () => SegmentStep]> = [
      [22, () => this.#acknowledge()],
      [8, () => this.#acknowledgeInPart()],
      [6, () => this.#make("the same ACK", ".", this.#next, 0, this.#acked)],
      [20, () => this.#text()],
      [8, () => this.#textAhead()],
      [6, () => this.#oldText()],
      [5, () => this.#overlap()],
      [5, () => this.#fin()],
      [2, () => this.#finAhead()],
      [2, () => this.#make("FIN again", "F.", this.#next - 1, 0, this.#acked)],
      [1, () => this.#make("RST", this.#pick(["R", "R."]), this.#expected, 0, this.#acked)],
      [
        2,
        () => this.#make("RST in the window", "R", this.#expected + 1 + this.#below(5_000), 0, this.#acked),
      ],
      [
        2,
        () => this.#make("RST outside", "R", this.#expected + this.#pick([-300, 9_000_000]), 0, this.#acked),
      ],
      [
        2,
        () => this.#make("SYN", this.#pick(["S", "S."]), this.#expected + this.#below(500), 0, this.#acked),
      ],
      [2, () => this.#make("the first SYN again", this.#pick(["S", "S."]), 0, 0, 1)],
      [3, () => this.#make("no ACK", this.#pick(["", "P", "F", "U"]), this.#expected, this.#pick([0, 50]))],
      [
        3,
        () => this.#make("an ACK of nothing sent", ".", this.#expected, this.#pick([0, 50]), this.#sent + 9),
      ],
      [2, () => this.#make("an ancient ACK", ".", this.#expected, 0, this.#sent - 2_000_000)],
      [2, () => this.#make("an old ACK", ".", this.#expected, 0, Math.max(1, this.#acked - 500))],
      [3, () => this.#make("beyond the window", "P.", this.#expected + 9_000_000, 100, this.#acked)],
      [3, () => this.#make("a probe", ".", this.#expected - 1, this.#pick([0, 1]), this.#acked)],
      [3, () => this.#urgent()],
      [4, () => this.#windowUpdate()],
      [5, () => this.#selective()],
      [2, () => this.#oldTimestamp()],
    ];
    let at = this.#below(wheel.reduce((sum, [weight]) => sum + weight, 0));
    for (const [weight, make] of wheel) {
      at -= weight;
      if (at < 0) return make();
    }
    return this.#acknowledge();
  }

  /** What the host expects next. */
  get #expected(): number {
    return this.#side.wire.acked ?? this.#next;
  }

  get #sent(): number {
    return this.#side.wire.sentEnd;
  }

  #acknowledge(): SegmentStep {
    this.#acked = this.#sent;
    return this.#make("ACK of all", ".", this.#next, 0, this.#acked);
  }

  #acknowledgeInPart(): SegmentStep {
    const news = this.#sent - this.#acked;
    if (news > 1) this.#acked += 1 + this.#below(news - 1);
    return this.#make("ACK of a part", ".", this.#next, 0, this.#acked);
  }

  #text(): SegmentStep {
    if (this.#finSent) return this.#make("text after FIN", "P.", this.#next, 100, this.#acked);
    const length = this.#room(this.#pick([1, 100, 536, 1_000, 1_460]), this.#next);
    if (this.#chance(0.5)) this.#acked = this.#sent;
    const step = this.#make("text", this.#pick([".", "P."]), this.#next, length, this.#acked);
    this.#next += length;
    return step;
  }

  #textAhead(): SegmentStep {
    const gap = this.#pick([1, 100, 1_000, 2_000]);
    const length = this.#room(this.#pick([100, 1_000]), this.#expected + gap);
    return length > 0
      ? this.#make("text beyond a gap", "P.", this.#expected + gap, length)
      : this.#acknowledge();
  }

  #oldText(): SegmentStep {
    const back = Math.min(this.#expected - 1, this.#pick([1, 100, 1_000]));
    return this.#make("old text", "P.", this.#expected - back, back);
  }

  #overlap(): SegmentStep {
    if (this.#finSent) return this.#acknowledge();
    const back = Math.min(this.#expected - 1, this.#pick([1, 100]));
    const length = this.#room(this.#pick([1, 200]), this.#expected);
    this.#next = Math.max(this.#next, this.#expected + length);
    return this.#make("text, old and new", "P.", this.#expected - back, back + length);
  }

  #fin(): SegmentStep {
    if (this.#finSent) return this.#make("FIN again", "F.", this.#next - 1, 0, this.#acked);
    const length = this.#finLength();
    if (length < 0) return this.#acknowledge();
    if (this.#chance(0.5)) this.#acked = this.#sent;
    const step = this.#make("FIN", "F.", this.#next, length, this.#acked);
    this.#next += length + 1;
    this.#finSent = true;
    return step;
  }

  /** How much text goes before FIN; negative: it cannot be sent yet. */
  #finLength(): number {
    if (this.#finAt !== undefined) return this.#finAt === this.#next ? 0 : -1;
    return this.#highest > this.#next ? -1 : this.#room(this.#pick([0, 0, 100]));
  }

  /** The stream has an end from then on, and it stays there. */
  #finAhead(): SegmentStep {
    if (this.#finSent) return this.#acknowledge();
    this.#finAt ??= Math.max(this.#highest, this.#next + this.#room(200));
    return this.#make("FIN beyond a gap", "F.", this.#finAt, 0, this.#acked);
  }

  #urgent(): SegmentStep {
    const length = this.#finSent ? 0 : this.#room(this.#pick([1, 100]), this.#next);
    if (length === 0 || this.#next !== this.#expected) return this.#acknowledge();
    const urgent = this.#pick([1, Math.max(1, length), length + 50]);
    const step = { ...this.#make("urgent text", "PU.", this.#next, length, this.#acked), urgent };
    this.#next += length;
    return step;
  }

  #windowUpdate(): SegmentStep {
    const closes = this.#chance(0.3);
    // With new numbers the window may be anything; else it only grows: docs/decisions/kernel-differences.md.
    if (this.#sent > Math.max(1, this.#acked) && closes) {
      this.#acked = this.#sent;
      this.#window = this.#pick([0, 500, 2_000]);
      return this.#make("ACK of all, a smaller window", ".", this.#next, 0, this.#acked);
    }
    this.#window = Math.max(this.#window, this.#pick([1_000, 30_000, 60_000]));
    return this.#make("a larger window", ".", this.#next, 0, this.#acked);
  }

  #selective(): SegmentStep {
    // Whole segments, but for the first one: what a receiver has is what it was sent.
    const ends = this.#side.wire.segmentEnds.filter(end => end > this.#acked && end <= this.#sent);
    // RACK waits for a part of the round trip, which the opening measured: it must fit into a step.
    const isTimely = this.#handshakeSteps <= 2;
    if (!this.#plan.offer.sack || !isTimely || ends.length < 2) return this.#acknowledge();
    const first = this.#below(ends.length - 1);
    const last = first + 1 + this.#below(ends.length - 1 - first);
    const sack = [[ends[first] as number, ends[last] as number]] as const;
    return { ...this.#make("SACK", ".", this.#next, 0, this.#acked), sack };
  }

  #oldTimestamp(): SegmentStep {
    const step = this.#make("an old timestamp", ".", this.#expected, 50, this.#acked);
    return this.#plan.offer.timestamps ? { ...step, timestampBack: 5_000 } : this.#acknowledge();
  }

  /** As much of it as there is place for at the host. */
  #room(length: number, from?: number): number {
    const unread = this.#last?.look?.readable;
    const waiting = typeof unread === "number" ? unread : this.#next;
    if (waiting + length > MOST_UNREAD) return 0;
    if (from === undefined) return length;
    const fits = Math.max(0, Math.min(length, (this.#finAt ?? Number.POSITIVE_INFINITY) - from));
    this.#highest = Math.max(this.#highest, from + fits);
    return fits;
  }

  #make(meaning: string, flags: string, seq: number, length: number, ack = this.#acked): SegmentStep {
    if (flags.includes(".") && ack === this.#sent) this.#acked = Math.max(this.#acked, ack);
    return {
      kind: "segment",
      meaning,
      flags,
      seq,
      length,
      ack: flags.includes(".") ? (this.#isOpen && ack === 0 ? 1 : ack) : undefined,
      window: this.#window,
    };
  }

  // --- chance

  #below(limit: number): number {
    return this.#random.uint32() % limit;
  }

  #chance(probability: number): boolean {
    return this.#random.uint32() < probability * 0x1_0000_0000;
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[this.#below(items.length)] as Item;
  }
}
