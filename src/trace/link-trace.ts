/**
 * What a simulated wire does to frames, as trace events. A segment that is lost is told as such, of the end
 * that has sent it (`link:lost`); whatever else happens, of no connection (`link:fault`).
 */
import type { PacketBuffer } from "../base/packet-buffer.ts";
import type { Medium } from "../link/net-device.ts";
import type { WireFault, WireFaults } from "../link/wire-faults.ts";
import type { TraceRecorder } from "./recorder.ts";
import { SeenSegment } from "./seen-segment.ts";
import { segmentEvent } from "./segment-event.ts";

interface Way {
  readonly gate: { readonly faults: WireFaults };
  readonly wire: { readonly faults: WireFaults };
}

/** A link of `sim/topology`. */
export interface TracedLink {
  readonly name: string;
  readonly ends: readonly [string, string];
  readonly a: { readonly medium: Medium };
  readonly aToB: Way;
  readonly bToA: Way;
}

/** Until the function that it answers is called. */
export function traceLink(link: TracedLink, recorder: TraceRecorder): () => void {
  const segment = new SeenSegment();
  const note = (from: string, fault: WireFault, frame: PacketBuffer): void => {
    if (isLoss(fault) && segment.read(frame, link.a.medium) && noteLost(link, recorder, segment, fault))
      return;
    recorder.record(from, "link:fault", { link: link.name, fault });
  };
  const [a, b] = link.ends;
  const watch = ({ gate, wire }: Way, near: string, far: string): Array<() => void> =>
    [gate, wire].map(({ faults }) =>
      faults.observe((fault, direction, frame) => note(direction === "out" ? near : far, fault, frame)),
    );
  const ends = [...watch(link.aToB, a, b), ...watch(link.bToA, b, a)];
  return () => {
    for (const end of ends) end();
  };
}

function isLoss(fault: WireFault): fault is "lost" | "queue-full" | "cut" {
  return fault === "lost" || fault === "queue-full" || fault === "cut";
}

function noteLost(
  link: TracedLink,
  recorder: TraceRecorder,
  segment: SeenSegment,
  fault: "lost" | "queue-full" | "cut",
): boolean {
  return recorder.recordFor(segment, "link:lost", ({ receiveScale }) => {
    const { header, options, textLength, segments } = segment;
    return { ...segmentEvent(header, options, textLength, receiveScale, segments), link: link.name, fault };
  });
}
