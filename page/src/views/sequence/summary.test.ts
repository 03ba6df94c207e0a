import { expect, test } from "vitest";
import { STORY_LIMITS, StoryBuilder } from "../../../../src/inspect/story-builder.ts";
import type { TraceEvent } from "../../../../src/trace/event.ts";
import { CAUSE_WORDS } from "../../drawing/causes.ts";
import { flowOf } from "./flow.ts";
import { SummaryCount } from "./summary.ts";
import { SEQUENCE_WORDS } from "./words.ts";

test("a graph is told in a sentence, in both languages", () => {
  const builder = new StoryBuilder(1);
  const tell = (name: string, data: object) =>
    builder.apply({ time: 0, host: "", connection: 1, name, data } as unknown as TraceEvent);
  const header = { sequence: 0, acknowledgment: 0, flags: "ACK", length: 0, window: 1 };
  tell("tcp:sent", { ...header, length: 4_000, segments: 3, reason: "text" });
  for (const cause of ["rack", "timeout", "rack"])
    tell("tcp:sent", { ...header, length: 1_000, reason: "text", cause });
  tell("tcp:received", { ...header, acknowledgment: 2_048 });
  const near = flowOf("near", builder.story, undefined);
  const said = SEQUENCE_WORDS.en.summary(new SummaryCount(near).look(CAUSE_WORDS.en, "en"));
  expect(said).toBe("6 segments, 2 KiB acknowledged, 3 sent again (RTO 1, RACK 2).");
  const far = flowOf("far", builder.story, undefined);
  const there = SEQUENCE_WORDS["zh-CN"].summary(new SummaryCount(far).look(CAUSE_WORDS["zh-CN"], "zh-CN"));
  expect(there).toBe("1 个报文段，已确认 0 B，重传 0 次。");
});

test("it counts on from where it was, also what the story has forgotten since", () => {
  const builder = new StoryBuilder(1, { ...STORY_LIMITS, segments: 100 });
  const flow = flowOf("near", builder.story, undefined);
  const count = new SummaryCount(flow);
  const header = { acknowledgment: 0, flags: "ACK", length: 10, window: 1, reason: "text" };
  let looks = 0;
  for (let i = 0; i < 1_000; i++) {
    const data = { ...header, sequence: 10 * i };
    builder.apply({ time: i, host: "", connection: 1, name: "tcp:sent", data } as unknown as TraceEvent);
    const newest = flow.story.segments.at(-1);
    if (newest !== undefined)
      Object.defineProperty(newest, "segments", {
        get: () => {
          looks++;
          return 1;
        },
      });
    if (i % 10 === 0) count.look(CAUSE_WORDS.en, "en");
  }
  expect(count.look(CAUSE_WORDS.en, "en").segments).toBe("1,000");
  expect(looks).toBe(1_000);
});
