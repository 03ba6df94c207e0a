/** What there is to tell of one segment, as names and values: for its details and for the table. */
import type { PairedSegment } from "../../../../src/inspect/paired-segment.ts";
import type { StoryPair } from "../../../../src/inspect/story-pair.ts";
import type { CauseWords } from "../../drawing/causes.ts";
import type { Language } from "../../text/language.ts";
import { countText, durationText, instantText } from "../../text/quantities.ts";
import type { LadderWords } from "./words.ts";

export interface FactContext {
  readonly pair: StoryPair;
  readonly origin: number;
  readonly words: LadderWords;
  readonly causes: CauseWords;
  readonly language: Language;
  /** Of either end. */
  name(end: PairedSegment["sender"]): string;
}

export type FactName = keyof LadderWords["fields"];

export type Facts = ReadonlyMap<FactName, string>;

/** Those that the table has columns for. */
export const TABLE_FACTS: readonly FactName[] = [
  "from",
  "left",
  "arrived",
  "flags",
  "sequence",
  "acknowledgment",
  "length",
  "window",
  "cause",
  "fate",
];

export function factsOf(paired: PairedSegment, context: FactContext): Facts {
  const { words, causes, language, pair, origin } = context;
  const { flags, sequence, acknowledgment, length, window, sack, segments, reason, cause } = paired.segment;
  const left = pair.leftAt(paired);
  const arrived = pair.arrivedAt(paired);
  const count = (value: number): string => countText(value, language);
  const facts = new Map<FactName, string | undefined>([
    ["from", context.name(paired.sender)],
    ["left", instant(left, paired.sentAt !== undefined && pair.knowledge !== "between", origin)],
    ["arrived", arrivalText(paired, context, arrived)],
    [
      "delay",
      left === undefined || arrived === undefined ? undefined : durationText(arrived - left, language),
    ],
    ["flags", flags],
    ["sequence", length === 0 ? count(sequence) : `${count(sequence)} – ${count(sequence + length)}`],
    ["acknowledgment", flags.includes("ACK") ? count(acknowledgment) : undefined],
    ["length", length === 0 ? undefined : count(length)],
    ["unit", segments > 1 ? words.inSegments(count(segments)) : undefined],
    ["window", count(window)],
    ["sack", sack.map(([start, end]) => `${count(start)} – ${count(end)}`).join(", ") || undefined],
    ["reason", reason === undefined ? undefined : (words.reasons[reason] ?? reason)],
    ["cause", cause === undefined ? undefined : (causes.long[cause] ?? cause)],
    ["fate", fateText(paired, context)],
    ["verdict", paired.verdict],
  ]);
  return new Map([...facts].filter((fact): fact is [FactName, string] => fact[1] !== undefined));
}

/** A segment that never came has no arrival; one that may have come has an estimate. */
function arrivalText(paired: PairedSegment, { pair, origin }: FactContext, arrived: number | undefined) {
  const fate = pair.fateOf(paired);
  if (fate === "lost" || fate === "held-lost") return undefined;
  return instant(arrived, paired.receivedAt !== undefined && pair.knowledge !== "between", origin);
}

function instant(time: number | undefined, isKnown: boolean, origin: number): string | undefined {
  return time === undefined ? undefined : `${isKnown ? "" : "≈ "}${instantText(time - origin)}`;
}

export function fateText(paired: PairedSegment, { pair, words }: FactContext): string {
  const fate = pair.fateOf(paired);
  const isPartly = paired.isLost && fate === "arrived";
  const texts = [isPartly ? words.partlyLost : words.fates[fate]];
  if (paired.isCopy) texts.push(words.copy);
  if (paired.isOvertaken) texts.push(words.overtaken);
  return texts.join("; ");
}
