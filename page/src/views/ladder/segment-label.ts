/** What is written on a segment's line: as much as there is room for. Header fields keep their names. */
import type { PairedSegment } from "../../../../src/inspect/paired-segment.ts";
import type { LossCause } from "../../../../src/trace/event.ts";

/** Of the page's language. */
export type CauseNames = Readonly<Record<LossCause, string>>;

/** The same in fewer and fewer words, the longest first. */
export function segmentLabels(paired: PairedSegment, causes: CauseNames): readonly string[] {
  const { flags, length, sequence, acknowledgment, window, cause, reason, sack } = paired.segment;
  const why = cause === undefined ? probeMark(reason) : `↻ ${causes[cause]} `;
  const isBare = length === 0 && flags === "ACK";
  const name = `${why}${flags}`;
  if (isBare) {
    const ack = `${name} ${acknowledgment}`;
    const ranges = sack.map(([start, end]) => `${start}–${end}`).join(" ");
    const sacked = sack.length === 0 ? ack : `${ack} SACK ${ranges}`;
    return unlike([`${sacked} win ${window}`, sacked, ack, `${why}${acknowledgment}`]);
  }
  const ack = flags.includes("ACK") ? ` ack ${acknowledgment}` : "";
  const len = length === 0 ? "" : ` len ${length}`;
  const place = `${name} seq ${sequence}`;
  return unlike([
    `${place}${len}${ack} win ${window}`,
    `${place}${len}${ack}`,
    `${place}${len}`,
    length === 0 ? place : `${why}${sequence}`,
    why === "" ? flags : why.trim(),
  ]);
}

/** Probes and keepalives look like other segments. */
function probeMark(reason: PairedSegment["segment"]["reason"]): string {
  if (reason === "window-probe" || reason === "mtu-probe" || reason === "tail-loss-probe") return "? ";
  return reason === "keepalive" ? "♥ " : "";
}

function unlike(texts: readonly string[]): readonly string[] {
  return texts.filter((text, i) => i === 0 || text.length < (texts[i - 1]?.length ?? 0));
}
