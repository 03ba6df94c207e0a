/**
 * A line for each connection that has ended. Where both of its ends are hosts of ours, one line tells of
 * both: each end retransmits what it has sent itself.
 */
import type { TcpConnection } from "../tcp/tcp-connection.ts";
import type { TcpInfo } from "../tcp/tcp-info.ts";
import type { TcpProbe } from "../tcp/tcp-probe.ts";
import { bytesText, countText, durationText } from "./quantity-text.ts";

/** `local`: the end whose view the line takes. */
export type End = "local" | "remote";

export class ConnectionSummaries {
  readonly #print: (line: string) => void;
  /** Ends whose other end has not ended yet, by the four-tuple as the local end sees it. */
  readonly #waiting = new Map<string, { readonly end: End; readonly info: TcpInfo }>();
  readonly #hasBothEnds: boolean;

  constructor(hasBothEnds: boolean, print: (line: string) => void) {
    this.#hasBothEnds = hasBothEnds;
    this.#print = print;
  }

  probe(end: End): TcpProbe {
    return { ended: connection => this.#ended(end, connection) };
  }

  /** Prints what still waits for its other end. */
  finish(): void {
    for (const { end, info } of this.#waiting.values()) this.#summarize(end, info, undefined);
    this.#waiting.clear();
  }

  #ended(end: End, connection: TcpConnection): void {
    const info = connection.info();
    if (!this.#hasBothEnds) {
      this.#summarize(end, info, undefined);
      return;
    }
    const key = keyOf(end, info);
    const other = this.#waiting.get(key);
    if (other !== undefined && other.end !== end) {
      this.#waiting.delete(key);
      if (end === "local") this.#summarize(end, info, other.info);
      else this.#summarize(other.end, other.info, info);
      return;
    }
    if (other !== undefined) this.#summarize(end, other.info, undefined);
    this.#waiting.set(key, { end, info });
  }

  #summarize(end: End, info: TcpInfo, other: TcpInfo | undefined): void {
    this.#print(summaryText(info, other, end === "remote"));
  }
}

function keyOf(end: End, info: TcpInfo): string {
  const here = `${info.localAddress} ${info.localPort}`;
  const there = `${info.remoteAddress} ${info.remotePort}`;
  return end === "local" ? `${here} ${there}` : `${there} ${here}`;
}

/** Of one end, with what the other end retransmitted. */
export function summaryText(info: TcpInfo, other?: TcpInfo, isReversed = false): string {
  const local = endText(info.localAddress, info.localPort);
  const remote = endText(info.remoteAddress, info.remotePort);
  const [sent, received] = [bytesText(info.bytesAcked), bytesText(info.bytesReceived)];
  const ends = isReversed ? `${remote} ↔ ${local}` : `${local} ↔ ${remote}`;
  const srtt = info.srtt > 0 ? info.srtt : (other?.srtt ?? 0);
  const error = info.error ?? other?.error;
  return [
    `${ends} ${error === undefined ? "closed" : `ended by ${error}`}`,
    isReversed ? `${received} out, ${sent} in` : `${sent} out, ${received} in`,
    durationText(info.duration),
    srtt > 0 ? `SRTT ${durationText(srtt)}` : "no RTT sample",
    retransmissionText(other === undefined ? [info] : [info, other]),
  ].join(", ");
}

/** "nothing retransmitted", or "12 retransmitted (9 fast, 3 timeout)". */
export function retransmissionText(infos: readonly Pick<TcpInfo, "retransmissions">[]): string {
  const causes = ["syn", "timeout", "fast", "rack", "tlp", "size"] as const;
  const counts = causes.map(cause => {
    const count = infos.reduce((sum, { retransmissions }) => sum + retransmissions[cause], 0);
    return [cause, count] as const;
  });
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) return "nothing retransmitted";
  const shown = counts
    .filter(([, count]) => count > 0)
    .map(([cause, count]) => `${countText(count)} ${NAMES[cause]}`);
  return `${countText(total)} retransmitted (${shown.join(", ")})`;
}

const NAMES = {
  syn: "SYN",
  timeout: "timeout",
  fast: "fast",
  rack: "RACK",
  tlp: "TLP",
  size: "size",
} as const;

/** "10.77.0.2:80" or "[fd77::2]:80". */
export function endText(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}
