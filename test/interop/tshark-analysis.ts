/** What tshark's own analysis says of each packet, and how what ours says of it differs. */
import { CaptureAnalyzer } from "../../src/analysis/capture-analyzer.ts";
import { type Mark, markNames, type Verdict } from "../../src/analysis/marks.ts";
import { readCapture } from "../../src/capture/capture-file.ts";
import { output, withFile } from "../support/capture-tools.ts";

/** tshark's flags, and the marks that mean the same. */
const SAME: Readonly<Record<string, Mark>> = {
  retransmission: "retransmission",
  spurious_retransmission: "spurious",
  out_of_order: "outOfOrder",
  duplicate_ack: "duplicateAck",
  zero_window: "zeroWindow",
  window_full: "windowFull",
  window_update: "windowUpdate",
  keep_alive: "keepalive",
  keep_alive_ack: "keepaliveAnswer",
  lost_segment: "gapBefore",
  ack_lost_segment: "acknowledgesUnseen",
  reused_ports: "portsReused",
  zero_window_probe: "zeroWindowProbe",
  zero_window_probe_ack: "zeroWindowProbeAnswer",
};
/** Marks that tshark has not. */
const OURS: ReadonlySet<Mark> = new Set<Mark>(["copy", "duplicateSack"]);

/** What tshark says and we do not, and the other way round. */
export interface Difference {
  readonly packet: number;
  readonly theirs: readonly string[];
  readonly ours: readonly string[];
  readonly verdict: Verdict | undefined;
}

export interface Comparison {
  readonly packets: number;
  /** Flags on which both agree, counted. */
  readonly agreed: Readonly<Record<string, number>>;
  readonly differences: readonly Difference[];
  /** RTTs that both have: how many, and those that are not within a µs of each other. */
  readonly roundTrips: number;
  readonly otherRoundTrips: number;
}

const CHATTER = /^Running as user/;
const FLAGS = [...Object.keys(SAME), "fast_retransmission", "ack_rtt"];

export function compared(capture: Uint8Array): Comparison {
  const { packets } = readCapture(capture);
  const analyzer = new CaptureAnalyzer();
  const verdicts = packets.map(packet => analyzer.packet(packet));
  const theirs = withFile(capture, "compared.pcapng", flagsOf);
  const agreed: Record<string, number> = {};
  const differences: Difference[] = [];
  let roundTrips = 0;
  let otherRoundTrips = 0;
  for (const [index, verdict] of verdicts.entries()) {
    const flags = theirs[index] ?? new Map<string, string>();
    const marks = new Set(markNames(verdict?.marks ?? 0).filter(mark => !OURS.has(mark)));
    const both = Object.entries(SAME).filter(([flag, mark]) => flags.has(flag) && marks.has(mark));
    for (const [flag] of both) agreed[flag] = (agreed[flag] ?? 0) + 1;
    const only = Object.entries(SAME).filter(([flag, mark]) => flags.has(flag) !== marks.has(mark));
    if (only.length > 0) differences.push(differenceOf(index + 1, only, flags, verdict));
    const rtt = flags.get("ack_rtt");
    if (rtt === undefined || verdict?.rtt === undefined) continue;
    roundTrips++;
    if (Math.abs(Number(rtt) * 1_000_000 - verdict.rtt) > 1.5) otherRoundTrips++;
  }
  return { packets: packets.length, agreed, differences, roundTrips, otherRoundTrips };
}

function differenceOf(
  packet: number,
  only: ReadonlyArray<[string, Mark]>,
  flags: ReadonlyMap<string, string>,
  verdict: Verdict | undefined,
): Difference {
  const theirs = only.filter(([flag]) => flags.has(flag)).map(([flag]) => flag);
  const ours = only.filter(([flag]) => !flags.has(flag)).map(([, mark]) => mark);
  return { packet, theirs, ours, verdict };
}

function flagsOf(path: string): Array<Map<string, string>> {
  const fields = FLAGS.flatMap(flag => ["-e", `tcp.analysis.${flag}`]);
  const lines = output("tshark", ["-n", "-r", path, "-T", "fields", ...fields], CHATTER).split("\n");
  return lines.slice(0, -1).map(line => {
    const values = line.split("\t");
    return new Map(FLAGS.flatMap((flag, i) => (values[i] ? [[flag, values[i] as string] as const] : [])));
  });
}
