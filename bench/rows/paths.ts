/**
 * Long and lossy paths: goodput of one transfer against the round trip and random loss, at 100 Mbit/s,
 * between the kernel and Postel either way, between kernel and kernel, and between two Postel hosts in
 * virtual time. The same packets are lost for all of them, by their number on the wire: paths/path.ts.
 *
 * The kernel's BBR is version 1, which does not look at losses; Postel's is version 3, which does.
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { buildLoad, buildPeer } from "../peers/peers.ts";
import { ROOT } from "../places.ts";
import type { Conditions, Contestant, Measurement, Quantity, Row, Target } from "../row.ts";

const PROGRAM = join(ROOT, "bench/dist/paths/main.js");

const CONTROLS = ["reno", "cubic", "bbr"] as const;
/**
 * In ms, those at the same time that one process can carry: 500 Mbit/s. Reno and CUBIC fill few paths that
 * lose, BBR most of them.
 */
const TOGETHER = [
  ["reno", [10, 200]],
  ["reno", [50, 100]],
  ["cubic", [10, 200]],
  ["cubic", [50, 100]],
  ["bbr", [10]],
  ["bbr", [50]],
  ["bbr", [100]],
  ["bbr", [200]],
] as const;
const LOSSES = [0, 0.1, 1, 2, 5] as const; // %
const MEGABITS = 100;

/** Windows take their time to grow: a window of the run's, so many times. */
const LONGER = 5;
/** For the many points of curves. */
const LESS_LONG = 4;
/** A wire later than this adds what counts to the round trip: the machine is busy with something else. */
const LATEST = 500; // µs
/** Ahead of everything else that runs here: a wire is no program that waits for its turn. */
const FIRST = ["chrt", "--rr", "10"];
/** Beyond what it takes it is given so many seconds. */
const PATIENCE = 30;

interface Pair {
  readonly name: string;
  readonly sender: "kernel" | "postel";
  readonly receiver: "kernel" | "postel";
  readonly virtual?: true;
}

const KERNELS: Pair = { name: "kernel → kernel", sender: "kernel", receiver: "kernel" };
const POSTEL_SENDS: Pair = { name: "Postel → kernel", sender: "postel", receiver: "kernel" };
const POSTEL_RECEIVES: Pair = { name: "kernel → Postel", sender: "kernel", receiver: "postel" };
const VIRTUAL: Pair = { name: "Postel, virtual time", sender: "postel", receiver: "postel", virtual: true };
const PAIRS = [KERNELS, POSTEL_SENDS, POSTEL_RECEIVES, VIRTUAL];

/** Over all of these at the same time: a path for each loss with each round trip. */
interface Transfers {
  readonly congestion: string;
  /** ms */
  readonly roundTrips: readonly number[];
  /** Percent. */
  readonly losses: readonly number[];
  /** Mbit/s */
  readonly rate: number;
  /** MiB; Linux's default if not said. */
  readonly sendBuffer?: number;
  /** Windows of the run's. */
  readonly windows?: number;
}

/** Answers Mbit/s of each path, round trip by round trip. */
type Run = (transfers: Transfers) => Promise<readonly number[]>;

export function pathRows(): Row[] {
  return [
    lossyRow(),
    fatRow(),
    ...TOGETHER.map(([congestion, roundTrips]) => curveRow(congestion, roundTrips)),
  ];
}

/** Each congestion control at 50 ms and one percent. Several paths, for one sees few losses in its time. */
function lossyRow(): Row {
  const quantities: readonly Quantity[] = [
    ...CONTROLS.map(name => ({ name, unit: "Mbit/s", better: "more" }) as const),
    { name: "bbr : cubic", unit: "", better: "more" },
  ];
  const senders = [POSTEL_SENDS, VIRTUAL].map(({ name }) => ({
    quantity: "bbr : cubic",
    of: name,
    bound: { atLeast: 5 },
  }));
  return {
    name: "path-50ms-1-percent",
    section: "Long and lossy paths",
    title: "50 ms, 1 % loss, 100 Mbit/s",
    quantities,
    contestants: PAIRS.map(pair => contestant(pair, eachControl)),
    targets: [
      ...["reno", "cubic"].flatMap(control =>
        [POSTEL_SENDS, POSTEL_RECEIVES].map(pair => atLeastTheKernels(pair, control)),
      ),
      ...senders,
    ],
    needsRoot: true,
    maxRounds: 3,
  };
}

async function eachControl(run: Run): Promise<Measurement> {
  const goodput: Record<string, number> = {};
  for (const congestion of CONTROLS) {
    const losses = congestion === "bbr" ? [1] : [1, 1, 1, 1, 1, 1];
    const each = await run({ congestion, roundTrips: [50], losses, rate: MEGABITS });
    goodput[congestion] = each.reduce((sum, value) => sum + value, 0) / each.length;
  }
  const { bbr = 0, cubic = 0 } = goodput;
  return { ...goodput, "bbr : cubic": bbr / cubic };
}

/** The losses are the same, but what they hit is not: a few percent are luck. */
function atLeastTheKernels({ name }: Pair, quantity: string): Target {
  return { quantity, of: name, against: KERNELS.name, bound: { atLeast: 0.97 } };
}

/**
 * 5 MB are on their way at once: both windows have to grow to that. One process carries no more than this in
 * time; test/sim/lossy-path fills 1 Gbit/s.
 */
function fatRow(): Row {
  const transfers = { congestion: "cubic", roundTrips: [100], losses: [0], rate: 400, sendBuffer: 64 };
  const one = async (run: Run): Promise<Measurement> => ({ goodput: (await run(transfers))[0] ?? 0 });
  return {
    name: "path-100ms-400-megabits",
    section: "Long and lossy paths",
    title: "CUBIC over 100 ms, no loss, 400 Mbit/s, tcp_wmem up to 64 MiB",
    quantities: [{ name: "goodput", unit: "Mbit/s", better: "more" }],
    contestants: PAIRS.map(pair => contestant(pair, one)),
    targets: [POSTEL_SENDS, POSTEL_RECEIVES].map(pair => atLeastTheKernels(pair, "goodput")),
    needsRoot: true,
    maxRounds: 3,
  };
}

function curveRow(congestion: string, roundTrips: readonly number[]): Row {
  const quantities: readonly Quantity[] = roundTrips.flatMap(roundTrip =>
    LOSSES.map(loss => ({
      name: `${roundTrip} ms, ${loss} %`,
      unit: "Mbit/s",
      better: "more",
      point: { chart: `${congestion}, ${roundTrip} ms`, x: loss, xTitle: "loss, %" },
    })),
  );
  const transfers = { congestion, roundTrips, losses: LOSSES, rate: MEGABITS, windows: LESS_LONG };
  const byPath = async (run: Run): Promise<Measurement> => {
    const goodput = await run(transfers);
    return Object.fromEntries(goodput.map((value, index) => [quantities[index]?.name ?? "", value]));
  };
  return {
    name: `path-curve-${congestion}-${roundTrips.join("-")}ms`,
    section: "Goodput against loss",
    title: `${congestion}, round trips of ${roundTrips.join(" and ")} ms, 100 Mbit/s`,
    quantities,
    contestants: PAIRS.map(pair => contestant(pair, byPath)),
    targets: [],
    needsRoot: true,
    isLong: true,
    maxRounds: 3,
  };
}

function contestant(pair: Pair, measure: (run: Run) => Promise<Measurement>): Contestant {
  let kernel: readonly string[] = [];
  let turns = 0;
  return {
    name: pair.name,
    async prepare() {
      const [load, sink] = await Promise.all([buildLoad(), buildPeer("kernel")]);
      if (typeof load === "string") return load;
      if (typeof sink === "string") return sink;
      kernel = ["--load", JSON.stringify(load), "--sink", JSON.stringify(sink)];
      return undefined;
    },
    measure(conditions) {
      turns++;
      return measure(transfers => {
        const seconds = conditions.seconds * (transfers.windows ?? LONGER);
        return transfer([...argumentsOf(pair, transfers), ...kernel], turns, { ...conditions, seconds });
      });
    },
  };
}

function argumentsOf(
  pair: Pair,
  { congestion, roundTrips, losses, rate, sendBuffer = 4 }: Transfers,
): string[] {
  const ends = pair.virtual ? ["--virtual"] : ["--sender", pair.sender, "--receiver", pair.receiver];
  const path = ["--round-trips", roundTrips.join(), "--losses", losses.join(), "--rate", String(rate)];
  return [...ends, ...path, "--congestion", congestion, "--buffer", String(sendBuffer)];
}

/** @param turn each has its own luck, the same for all contestants */
async function transfer(
  work: readonly string[],
  turn: number,
  { seconds, signal }: Conditions,
): Promise<number[]> {
  const options = ["--seconds", String(seconds), "--seed", String(turn)];
  const [program = "", ...args] = [...FIRST, process.execPath, PROGRAM, ...work, ...options];
  const timeout = Math.ceil((4 * seconds + PATIENCE) * 1_000);
  const { stdout } = await promisify(execFile)(program, args, { signal, timeout });
  const { goodput, lateness } = JSON.parse(stdout) as { goodput: number[]; lateness: number };
  if (lateness > LATEST) {
    throw new Error(`The machine was busy: the wire was late by ${Math.round(lateness)} µs on average.`);
  }
  return goodput;
}
