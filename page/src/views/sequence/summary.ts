/** What a time-sequence graph shows, in numbers: for those who do not see it. */
import type { LossCause } from "../../../../src/trace/event.ts";
import { CAUSES, type CauseWords } from "../../drawing/causes.ts";
import type { Language } from "../../text/language.ts";
import { bytesText, countText } from "../../text/quantities.ts";
import { carries, type Flow } from "./flow.ts";
import type { SummaryNumbers } from "./words.ts";

export function summaryOf(flow: Flow, causes: CauseWords, language: Language): SummaryNumbers {
  let segments = 0;
  let acknowledged = 0;
  const again = new Map<LossCause, number>();
  for (const segment of flow.story.segments) {
    if (!carries(flow, segment)) {
      acknowledged = Math.max(acknowledged, segment.acknowledgment);
      continue;
    }
    segments += segment.segments;
    const { cause } = segment;
    if (cause !== undefined) again.set(cause, (again.get(cause) ?? 0) + segment.segments);
  }
  const count = (value: number): string => countText(value, language);
  const known = CAUSES.filter(cause => again.has(cause));
  const details = known.map(cause => `${causes.short[cause]} ${count(again.get(cause) ?? 0)}`).join(", ");
  return {
    segments: count(segments),
    acknowledged: bytesText(acknowledged, language),
    retransmissions: count([...again.values()].reduce((sum, value) => sum + value, 0)),
    causes: details === "" ? "" : ` (${details})`,
  };
}
