/**
 * What could not be done, or read: of which kind it is and what it is about, so that a page can tell it in
 * its language; and the same as an English sentence.
 */
import { type FilterFault, faultText } from "../capture/bpf/filter-fault.ts";
import type { CaptureError } from "../capture/captured-packet.ts";
import type { TraceFault } from "../trace/trace-error.ts";
import type { Trouble } from "./protocol.ts";

export type Problem =
  | { readonly kind: "real-time" | "no-such-wire" | "no-single-segment" | "fate-decided" | "nothing-left" }
  | { readonly kind: "bad-filter"; readonly fault: FilterFault }
  | { readonly kind: "long-filter"; readonly most: number }
  | { readonly kind: "simulation-failed"; readonly reason: string }
  | { readonly kind: "no-such-scene"; readonly scene: string }
  | { readonly kind: "other-version"; readonly theirs: number; readonly ours: number }
  | { readonly kind: "empty-file" | "unknown-format" | "no-trace"; readonly file: string }
  /** It was moved, changed, is not ours to read, or too much for the memory: the browser gives the reason. */
  | { readonly kind: "unreadable-file"; readonly file: string; readonly reason: string }
  | { readonly kind: "bad-trace"; readonly file: string; readonly line: number; readonly fault: TraceFault }
  | { readonly kind: "long-trace"; readonly file: string; readonly leftOut: number }
  | PartOfCapture
  /** Whatever an owner of time, or a program that speaks to another one, has to say. */
  | { readonly kind: "told"; readonly sentence: string };

/** A capture is not shown whole; 0: none are missing for this reason. */
export interface PartOfCapture {
  readonly kind: "part-of-capture";
  readonly damage: CaptureError | undefined;
  readonly packetsLeftOut: number;
  readonly segmentsLeftOut: number;
}

export function troubleOf(problem: Problem): Trouble {
  return { type: "trouble", problem, sentence: problemText(problem) };
}

export function problemText(problem: Problem): string {
  switch (problem.kind) {
    case "real-time":
      return "Time is real here: it cannot be held or turned back.";
    case "no-such-wire":
      return "There is no such wire that could be changed.";
    case "no-single-segment":
      return "On this wire no single segment can be held.";
    case "fate-decided":
      return "The next segment of this wire has its fate already.";
    case "nothing-left":
      return "Nothing is left to happen: replay it, with the same seed or another one.";
    case "bad-filter":
      return `The filter cannot be used: ${faultText(problem.fault)}.`;
    case "long-filter":
      return `A filter is a text of ${problem.most} characters at most.`;
    case "simulation-failed":
      return `The simulation has failed: ${problem.reason}`;
    case "no-such-scene":
      return `There is no scene of the name ${problem.scene}.`;
    case "other-version":
      return `The inspector speaks version ${problem.theirs}, this page ${problem.ours}.`;
    case "empty-file":
      return `${problem.file} is empty.`;
    case "unknown-format":
      return `${problem.file} is neither a capture (pcap, pcapng) nor a trace.`;
    case "no-trace":
      return `${problem.file} is no trace.`;
    case "unreadable-file":
      return `${problem.file} cannot be read: ${problem.reason}.`;
    case "bad-trace":
      return `${problem.file}: line ${problem.line} of the trace ${problem.fault.what}.`;
    case "long-trace":
      return `${problem.file} has ${problem.leftOut} events more than the page keeps.`;
    case "part-of-capture":
      return partText(problem);
    case "told":
      return problem.sentence;
  }
}

function partText({ damage, packetsLeftOut, segmentsLeftOut }: PartOfCapture): string {
  const sentences: string[] = [];
  if (damage !== undefined)
    sentences.push(`The capture is damaged at byte ${damage.offset}: ${damage.message}.`);
  if (packetsLeftOut > 0) sentences.push(`It has ${packetsLeftOut} packets more than the page keeps.`);
  if (segmentsLeftOut > 0)
    sentences.push(`${segmentsLeftOut} segments belong to further connections, which are not shown.`);
  return sentences.join(" ");
}
