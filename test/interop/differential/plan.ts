/**
 * A plan: what a user and a peer do to one connection, step by step, from a seed. It says nothing of time or
 * of what should come of it: the same plan is carried out on two stacks, which must agree.
 */
import { SeededRandom } from "../../../src/base/random.ts";

/** A segment of the peer's, told relative to what both ends have said so far. */
export interface SegmentPlan {
  readonly who: "peer";
  /** Letters of tcpdump: S, F, R, P, U and `.` for ACK. */
  readonly flags: string;
  /**
   * Where it begins: what the peer would send next, what the stack has not acknowledged, or its SYN; plus
   * `offset`.
   */
  readonly from: "next" | "unacknowledged" | "syn";
  readonly offset: number;
  readonly length: number;
  /** The acknowledgment, relative to everything that the stack has sent. */
  readonly ack: number;
  readonly window: number;
  /** Timestamps, where they were agreed on: right ones, from before, or none. */
  readonly timestamp: "good" | "old" | "none";
}

export interface CallPlan {
  readonly who: "user";
  readonly call: "send" | "recv" | "shutdown" | "close" | "abort" | "soError";
  /** Bytes to send or to receive; how to shut down. */
  readonly value: number;
}

export type Step = SegmentPlan | CallPlan;

/** What the peer offers in its SYN or SYN-ACK. */
export interface PeerOffer {
  readonly mss: number;
  readonly windowScale: number;
  readonly sack: boolean;
  readonly timestamps: boolean;
}

export interface Plan {
  readonly seed: number;
  readonly opening: "passive" | "active" | "simultaneous" | "refused";
  readonly offer: PeerOffer;
  readonly steps: readonly Step[];
}

const MOST_STEPS = 9;

export function planOf(seed: number): Plan {
  const random = new SeededRandom(seed);
  const offer = {
    mss: pick(random, [1_460, 1_460, 1_000, 536, -1]),
    windowScale: pick(random, [-1, 0, 7]),
    sack: below(random, 3) > 0,
    timestamps: below(random, 2) === 0,
  };
  const opening = pick(random, [
    "passive",
    "passive",
    "passive",
    "active",
    "active",
    "simultaneous",
    "refused",
  ] as const);
  const steps = Array.from({ length: 2 + below(random, MOST_STEPS) }, () => stepOf(random));
  return { seed, opening, offer, steps };
}

function stepOf(random: SeededRandom): Step {
  return below(random, 5) < 3 ? segmentOf(random) : callOf(random);
}

function callOf(random: SeededRandom): CallPlan {
  const call = pick(random, [
    "send",
    "send",
    "send",
    "recv",
    "recv",
    "shutdown",
    "close",
    "abort",
    "soError",
  ] as const);
  const value = call === "shutdown" ? pick(random, [0, 1, 1, 2]) : 1 + below(random, 5_000);
  return { who: "user", call, value };
}

const PLAIN: SegmentPlan = {
  who: "peer",
  flags: ".",
  from: "next",
  offset: 0,
  length: 0,
  ack: 0,
  window: 30_000,
  timestamp: "good",
};

/** Each way of being a segment, the usual ones more often. */
function segmentOf(random: SeededRandom): SegmentPlan {
  const length = 1 + below(random, 1_400);
  const far = 1 + below(random, 100_000);
  const ways: ReadonlyArray<() => Partial<SegmentPlan>> = [
    () => ({ flags: "P.", length }),
    () => ({ flags: "P.", length }),
    () => ({ flags: "P.", length }),
    // out of order, and the hole filled
    () => ({ flags: "P.", length, offset: 1 + below(random, 3_000) }),
    () => ({ flags: "P.", length, from: "unacknowledged" }),
    () => ({ flags: "P.", length: 1_400, from: "unacknowledged" }),
    // old, overlapping, beyond the window
    () => ({ flags: "P.", length, offset: -below(random, 2_000) }),
    () => ({ flags: "P.", length, offset: 10_000_000 }),
    // the end, in order and not
    () => ({ flags: "F." }),
    () => ({ flags: "FP.", length }),
    () => ({ flags: "F.", offset: 1 + below(random, 2_000) }),
    () => ({ flags: "F.", from: "unacknowledged" }),
    // acknowledgments of the past and of the future
    () => ({ ack: -below(random, 3_000) }),
    () => ({ ack: far }),
    () => ({ ack: -far * 100 }),
    () => ({}),
    // resets: exact, within the window, outside of it, with and without ACK
    () => ({ flags: pick(random, ["R", "R."]) }),
    () => ({ flags: pick(random, ["R", "R."]), offset: 1 + below(random, 10_000) }),
    () => ({ flags: pick(random, ["R", "R."]), offset: pick(random, [-far, 10_000_000]) }),
    // SYN in the window, outside, and the first one once more
    () => ({ flags: pick(random, ["S", "S."]), offset: below(random, 1_000) }),
    () => ({ flags: "S", offset: -far }),
    () => ({ flags: "S", from: "syn" as const }),
    // without ACK
    () => ({ flags: "P", length }),
    () => ({ flags: "F" }),
    // PAWS
    () => ({ flags: "P.", length, timestamp: pick(random, ["old", "none"] as const) }),
    () => ({ timestamp: pick(random, ["old", "none"] as const) }),
    // a smaller window
    () => ({ window: pick(random, [1, 100, 3_000]) }),
  ];
  return { ...PLAIN, ...pick(random, ways)() };
}

function below(random: SeededRandom, limit: number): number {
  return random.uint32() % limit;
}

function pick<T>(random: SeededRandom, choices: readonly T[]): T {
  return choices[below(random, choices.length)] as T;
}
