/** A line of traceroute's output. */
import type { IpAddress } from "../wire/address.ts";
import { millisecondsText } from "./quantity-text.ts";

export interface ProbeAnswer {
  readonly from: IpAddress;
  /** In µs. */
  readonly rtt: number;
  /** "!H" and the like; "" for none. */
  readonly mark: string;
  /** Nothing lies beyond. */
  readonly isFinal: boolean;
}

/**
 * " 2  198.51.100.2  12.950 ms  12.871 ms *". An address is shown where it differs from that of the answer
 * before.
 */
export function hopText(hop: number, answers: ReadonlyArray<ProbeAnswer | undefined>): string {
  let line = String(hop).padStart(2);
  let shown: IpAddress | undefined;
  for (const answer of answers) {
    if (answer === undefined) {
      line += " *";
      continue;
    }
    const { from, rtt, mark } = answer;
    if (shown === undefined || !shown.equals(from)) line += `  ${from}`;
    shown = from;
    line += `  ${millisecondsText(rtt)} ms${mark === "" ? "" : ` ${mark}`}`;
  }
  return line;
}

/** What an unreachable answer is marked with. A port that nobody listens at is what the probes are after. */
export function markOf(kind: string, icmpCode: number): string {
  switch (kind) {
    case "port-unreachable":
    case "time-exceeded":
      return "";
    case "host-unreachable":
      return "!H";
    case "network-unreachable":
      return "!N";
    case "protocol-unreachable":
      return "!P";
    case "prohibited":
      return "!X";
    case "packet-too-big":
      return "!F";
    default:
      return `!${icmpCode}`;
  }
}
