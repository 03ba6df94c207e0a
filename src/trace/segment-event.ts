/** A segment's header as a trace tells it: windows scaled, sequence numbers as on the wire. */
import { isDuplicateReport } from "../tcp/loss/sack.ts";
import type { SegmentPurpose } from "../tcp/tcp-probe.ts";
import { TCP_FLAG, type TcpHeader } from "../wire/tcp.ts";
import type { TcpOptions } from "../wire/tcp-options.ts";
import type { SegmentEvent, SendReason } from "./event.ts";

const FLAG_NAMES = ["fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr"] as const;

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

/** @param scale of whose window it tells; @param segments how many it stands for */
export function segmentEvent(
  header: TcpHeader,
  options: TcpOptions,
  length: number,
  scale: number,
  segments: number,
): SegmentEvent {
  const { flags } = header;
  const event: Mutable<SegmentEvent> = {
    sequence: header.sequence >>> 0,
    acknowledgment: (flags & TCP_FLAG.ack) === 0 ? 0 : header.acknowledgment >>> 0,
    flags: flagNames(flags),
    length,
    // RFC 7323 §2.2: the window of a SYN is never scaled.
    window: (flags & TCP_FLAG.syn) === 0 ? header.window * 2 ** scale : header.window,
  };
  if (segments > 1) event.segments = segments;
  addOptions(event, header, options);
  return event;
}

function addOptions(event: Mutable<SegmentEvent>, header: TcpHeader, options: TcpOptions): void {
  if (options.mss >= 0) event.mss = options.mss;
  if (options.windowScale >= 0) event.windowScale = options.windowScale;
  if (options.sackCount > 0) {
    event.sack = sackRanges(options);
    if (isDuplicateReport(options, header.acknowledgment)) event.duplicate = true;
  }
  if (options.hasTimestamps) event.timestamps = [options.timestampValue >>> 0, options.timestampEcho >>> 0];
}

function sackRanges({ sackCount, sackEdges }: TcpOptions): Array<readonly [number, number]> {
  return Array.from({ length: sackCount }, (_, i) => [
    (sackEdges[2 * i] ?? 0) >>> 0,
    (sackEdges[2 * i + 1] ?? 0) >>> 0,
  ]);
}

const FLAG_TEXTS: readonly string[] = Array.from({ length: 256 }, (_, flags) =>
  FLAG_NAMES.filter(name => (flags & TCP_FLAG[name]) !== 0)
    .map(name => name.toUpperCase())
    .join(" "),
);

function flagNames(flags: number): string {
  return FLAG_TEXTS[flags & 0xff] ?? "";
}

/** A segment that was sent again tells the cause beside it: `causeIn`. */
export function reasonIn(why: SegmentPurpose): SendReason {
  switch (why) {
    case "tlp":
      return "tail-loss-probe";
    case "syn":
    case "timeout":
    case "fast":
    case "rack":
    case "size":
      return "retransmission";
    default:
      return why;
  }
}
