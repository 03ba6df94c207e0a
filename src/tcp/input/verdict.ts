/**
 * What became of an arriving segment, for who looks on: seen from what it has changed, so that nobody who
 * processes it has to tell.
 */
import type { DropReason } from "../../base/drop-reason.ts";
import type { TcpRecord } from "../records.ts";
import type { Segment } from "../segment.ts";
import type { Tally } from "../tally.ts";
import type { Verdict } from "../tcp-probe.ts";

/** One for all segments of a host: each is processed to its end before the next. */
export class ArrivalVerdict {
  #bytes = 0;
  #duplicates = 0;
  #outOfOrder = 0;

  /** To be called before the segment is processed. */
  begin(end: TcpRecord | undefined): void {
    if (end?.kind !== "connection") return;
    const { bytesReceived, duplicateSegments, outOfOrderSegments } = end.tally;
    this.#bytes = bytesReceived;
    this.#duplicates = duplicateSegments;
    this.#outOfOrder = outOfOrderSegments;
  }

  /** Undefined: it was taken as usual. */
  of(end: TcpRecord | undefined, segment: Segment, problem: DropReason | undefined): Verdict | undefined {
    if (end?.kind === "syn-received") return segment.isSyn ? (problem ?? "duplicate") : problem;
    if (end?.kind !== "connection") return problem;
    if (problem !== undefined && problem !== "tcp-out-of-window") return problem;
    return this.#ofText(end.tally) ?? (isEarlyFin(end, segment) ? "out-of-order" : problem);
  }

  /** Old text in front of new does not make a segment a duplicate. */
  #ofText({ bytesReceived, duplicateSegments, outOfOrderSegments }: Tally): Verdict | undefined {
    if (bytesReceived > this.#bytes) return undefined;
    if (duplicateSegments > this.#duplicates) return "duplicate";
    return outOfOrderSegments > this.#outOfOrder ? "out-of-order" : undefined;
  }
}

function isEarlyFin({ finAt }: { readonly finAt: unknown }, segment: Segment): boolean {
  return segment.isFin && finAt !== undefined;
}
