/** What a time-sequence graph shows, in numbers: for those who do not see it. */
import type { StorySegment } from "../../../../src/inspect/story.ts";
import type { LossCause } from "../../../../src/trace/event.ts";
import { CAUSES, type CauseWords } from "../../drawing/causes.ts";
import type { Language } from "../../text/language.ts";
import { bytesText, countText } from "../../text/quantities.ts";
import { carries, type Flow } from "./flow.ts";
import type { SummaryNumbers } from "./words.ts";

/** Counts on from where it has counted to; what is forgotten meanwhile has been counted. */
export class SummaryCount {
  readonly #flow: Flow;
  #read = 0;
  #segments = 0;
  #acknowledged = 0;
  readonly #again = new Map<LossCause, number>();

  constructor(flow: Flow) {
    this.#flow = flow;
  }

  look(causes: CauseWords, language: Language): SummaryNumbers {
    const { segments, forgottenSegments } = this.#flow.story;
    for (let i = Math.max(0, this.#read - forgottenSegments); i < segments.length; i++)
      this.#count(segments[i] as StorySegment);
    this.#read = forgottenSegments + segments.length;
    return this.#told(causes, language);
  }

  #count(segment: StorySegment): void {
    if (!carries(this.#flow, segment)) {
      this.#acknowledged = Math.max(this.#acknowledged, segment.acknowledgment);
      return;
    }
    const { cause } = segment;
    this.#segments += segment.segments;
    if (cause !== undefined) this.#again.set(cause, (this.#again.get(cause) ?? 0) + segment.segments);
  }

  #told(causes: CauseWords, language: Language): SummaryNumbers {
    const again = this.#again;
    const count = (value: number): string => countText(value, language);
    const known = CAUSES.filter(cause => again.has(cause));
    const details = known.map(cause => `${causes.short[cause]} ${count(again.get(cause) ?? 0)}`).join(", ");
    return {
      segments: count(this.#segments),
      acknowledged: bytesText(this.#acknowledged, language),
      retransmissions: count([...again.values()].reduce((sum, value) => sum + value, 0)),
      causes: details === "" ? "" : ` (${details})`,
    };
  }
}
