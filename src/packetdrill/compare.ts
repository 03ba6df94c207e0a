/** A packet against what the script expects of it, field by field: the first difference ends the script. */
import { TCP_FLAG } from "../wire/tcp.ts";
import type { EmittedPacket } from "./emitted-packet.ts";
import { ecnName, flagsText, optionText } from "./packet-text.ts";
import type { IpSpec, TcpOptionSpec, TcpSpec } from "./script.ts";

export interface Difference {
  readonly field: string;
  readonly expected: string;
  readonly actual: string;
}

export function whatDiffers({ field, expected, actual }: Difference): string {
  return `${field}: ${actual} instead of ${expected}`;
}

function difference(
  field: string,
  expected: string | number,
  actual: string | number,
): Difference | undefined {
  if (expected === actual) return undefined;
  return { field, expected: String(expected), actual: String(actual) };
}

/** @param actual In the script's numbers. */
export function compareTcp(expected: TcpSpec, actual: TcpSpec): Difference | undefined {
  return (
    difference("flags", flagsText(expected.flags), flagsText(actual.flags)) ??
    difference("sequence number", expected.sequence, actual.sequence) ??
    difference("length", expected.length, actual.length) ??
    difference("acknowledgment", expected.acknowledgment ?? 0, actual.acknowledgment ?? 0) ??
    (expected.window === undefined ? undefined : difference("window", expected.window, actual.window ?? 0)) ??
    difference("urgent pointer", expected.urgentPointer ?? 0, actual.urgentPointer ?? 0) ??
    compareOptions(expected.options, actual.options ?? [])
  );
}

/** Values of timestamps are not compared here. */
function compareOptions(
  expected: readonly TcpOptionSpec[] | undefined,
  actual: readonly TcpOptionSpec[],
): Difference | undefined {
  if (expected === undefined) return undefined;
  const count = Math.max(expected.length, actual.length);
  for (let i = 0; i < count; i++) {
    const mine = expected[i];
    const theirs = actual[i];
    if (mine?.kind === "TS" && theirs?.kind === "TS") continue;
    const found = difference(
      `TCP option ${i + 1}`,
      mine === undefined ? "no more options" : optionText(mine),
      theirs === undefined ? "no more options" : optionText(theirs),
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

export function compareIp(expected: IpSpec, packet: EmittedPacket): Difference | undefined {
  const { ecn, trafficClass, hopLimit } = expected;
  if (ecn !== undefined) {
    const actual = ecnName(packet.trafficClass);
    const isRight = ecn === "ect01" ? actual === "ect0" || actual === "ect1" : actual === ecn;
    if (!isRight) return { field: "ECN", expected: ecn, actual };
  }
  return (
    (trafficClass === undefined
      ? undefined
      : difference("traffic class", trafficClass, packet.trafficClass)) ??
    (hopLimit === undefined ? undefined : difference("hop limit", hopLimit, packet.hopLimit))
  );
}

/**
 * Flow labels are random: a label that the script repeats must repeat, a label that it changes must change.
 */
export class FlowLabels {
  #last: { readonly script: number; readonly live: number } | undefined;

  compare(expected: number | undefined, actual: number): Difference | undefined {
    if (expected === undefined) return undefined;
    const last = this.#last;
    this.#last = { script: expected, live: actual };
    if (last === undefined || (last.script === expected) === (last.live === actual)) return undefined;
    const wanted = last.script === expected ? `the same as before, ${last.live}` : "another than before";
    return { field: "flow label", expected: wanted, actual: String(actual) };
  }
}

const MAY_DIFFER = TCP_FLAG.fin | TCP_FLAG.psh | TCP_FLAG.cwr;

/**
 * Whether a segment continues the one before it, so that both could be one segment that was cut on its way
 * out.
 * @param first The first of the series, which all but the last equal in size
 */
export function whyNotContinued(first: TcpSpec, previous: TcpSpec, next: TcpSpec): Difference | undefined {
  const size = optionsLength(previous);
  return (
    difference("sequence number", (previous.sequence + previous.length) >>> 0, next.sequence) ??
    difference("acknowledgment", previous.acknowledgment ?? 0, next.acknowledgment ?? 0) ??
    difference("window", previous.window ?? 0, next.window ?? 0) ??
    difference("header length", size, optionsLength(next)) ??
    difference("flags", flagsText(previous.flags & ~MAY_DIFFER), flagsText(next.flags & ~MAY_DIFFER)) ??
    difference("length of the segment before", first.length, previous.length) ??
    (next.length > first.length ? difference("length", `at most ${first.length}`, next.length) : undefined)
  );
}

function optionsLength(tcp: TcpSpec): number {
  return tcp.options?.length ?? 0;
}

/** The segments of a series as one: the first's number and CWR, the last's flags and options. */
export function merged(first: TcpSpec, last: TcpSpec, length: number): TcpSpec {
  const flags = (last.flags & ~TCP_FLAG.cwr) | (first.flags & TCP_FLAG.cwr);
  return { ...last, sequence: first.sequence, flags, length };
}
