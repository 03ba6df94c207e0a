/**
 * What a page says, read from plain data that may be anything: a message of the protocol whose numbers are in
 * their bounds, or what is wrong with it.
 */
import type { Problem } from "./problem.ts";
import type { Control, FromPage } from "./protocol.ts";

/** Connections that one page may watch. */
export const MOST_WATCHED = 64;
export const LONGEST_FILTER = 4_096;
/** Bytes a second; 0: as fast as may be. A frame that takes for ever would never let another one pass. */
const RATES = [1, 1e12] as const;
const HOUR = 3_600_000_000;
const SPEEDS = [1e-6, 1e6] as const;
const LARGEST_SEED = 2 ** 32 - 1;

export type Read =
  | { readonly ok: true; readonly message: FromPage }
  | { readonly ok: false; readonly problem: Problem };

type Fields = Readonly<Record<string, unknown>>;

export function readFromPage(value: unknown): Read {
  if (typeof value !== "object" || value === null) return refused("A message is an object.");
  const fields = value as Fields;
  switch (fields["type"]) {
    case "watch":
      return readWatch(fields["connections"]);
    case "watch-packets":
      return readWatchPackets(fields);
    case "control":
      return readControl(fields);
    default:
      return refused("A message is of type watch, watch-packets or control.");
  }
}

function readWatch(connections: unknown): Read {
  if (!Array.isArray(connections) || !connections.every(isCount))
    return refused("The connections to be watched are numbers from 1.");
  if (connections.length > MOST_WATCHED)
    return refused(`A page watches ${MOST_WATCHED} connections at most.`);
  return accepted({ type: "watch", connections });
}

function readWatchPackets({ on, filter }: Fields): Read {
  if (typeof on !== "boolean") return refused("Packets are watched (on: true) or not.");
  if (filter === undefined) return accepted({ type: "watch-packets", on });
  if (typeof filter !== "string") return refused("A filter is a text.");
  if (filter.length > LONGEST_FILTER)
    return { ok: false, problem: { kind: "long-filter", most: LONGEST_FILTER } };
  return accepted({ type: "watch-packets", on, filter });
}

function readControl(fields: Fields): Read {
  const { action } = fields;
  switch (action) {
    case "pause":
    case "resume":
    case "step":
      return accepted({ type: "control", action });
    case "speed":
      return readNumber(fields, "speed", SPEEDS, speed => ({ type: "control", action, speed }));
    case "replay":
      return readNumber(fields, "seed", [0, LARGEST_SEED], seed => ({ type: "control", action, seed }));
    case "drop-next":
      return withDirection(fields, direction => accepted({ type: "control", action, direction }));
    case "delay-next":
      return withDirection(fields, direction =>
        readNumber(fields, "delay", [0, HOUR], delay => ({ type: "control", action, direction, delay })),
      );
    case "impair":
      return withDirection(fields, direction => readImpairment(fields, direction));
    default:
      return refused("There is no such control.");
  }
}

function withDirection({ direction }: Fields, read: (direction: string) => Read): Read {
  return typeof direction === "string"
    ? read(direction)
    : refused("A control of a wire names its direction.");
}

function readNumber(
  fields: Fields,
  name: string,
  [least, most]: readonly [number, number],
  message: (value: number) => Control,
): Read {
  const value = fields[name];
  return isWithin(value, least, most)
    ? accepted(message(value))
    : refused(`The ${name} is a number from ${least} to ${most}.`);
}

const IMPAIRMENTS = { loss: 1, delay: HOUR, jitter: HOUR, rateBytesPerSecond: RATES[1] } as const;

function readImpairment(fields: Fields, direction: string): Read {
  const changes: Record<string, number | boolean> = {};
  for (const [name, most] of Object.entries(IMPAIRMENTS)) {
    const value = fields[name];
    if (value === undefined) continue;
    if (!isWithin(value, 0, most)) return refused(`The ${name} of a wire is a number from 0 to ${most}.`);
    changes[name] = value;
  }
  const { rateBytesPerSecond: rate = 0 } = changes;
  if (rate !== 0 && !isWithin(rate, ...RATES))
    return refused("The rate of a wire is 0, without a limit, or a byte a second at least.");
  const { isCut } = fields;
  if (isCut !== undefined && typeof isCut !== "boolean") return refused("A wire is cut or it is not.");
  if (isCut !== undefined) changes["isCut"] = isCut;
  return accepted({ type: "control", action: "impair", direction, ...changes });
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}

function isWithin(value: unknown, least: number, most: number): value is number {
  return typeof value === "number" && value >= least && value <= most;
}

function accepted(message: FromPage): Read {
  return { ok: true, message };
}

function refused(sentence: string): Read {
  return { ok: false, problem: { kind: "told", sentence } };
}
