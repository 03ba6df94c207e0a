import { expect, test } from "vitest";
import { StoryBuilder } from "../../../../src/inspect/story-builder.ts";
import type { TraceEvent } from "../../../../src/trace/event.ts";
import { CAUSE_WORDS } from "../../drawing/causes.ts";
import { flowOf } from "./flow.ts";
import { summaryOf } from "./summary.ts";
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
  const said = SEQUENCE_WORDS.en.summary(summaryOf(near, CAUSE_WORDS.en, "en"));
  expect(said).toBe("6 segments, 2 KiB acknowledged, 3 sent again (RTO 1, RACK 2).");
  const far = flowOf("far", builder.story, undefined);
  const there = SEQUENCE_WORDS["zh-CN"].summary(summaryOf(far, CAUSE_WORDS["zh-CN"], "zh-CN"));
  expect(there).toBe("1 个报文段，已确认 0 B，重传 0 次。");
});
