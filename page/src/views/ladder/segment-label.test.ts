import { expect, test } from "vitest";
import { StoryBuilder } from "../../../../src/inspect/story-builder.ts";
import { StoryPair } from "../../../../src/inspect/story-pair.ts";
import type { EventData, TraceEvent } from "../../../../src/trace/event.ts";
import { CAUSE_WORDS } from "../../drawing/causes.ts";
import { factsOf } from "./segment-facts.ts";
import { segmentLabels } from "./segment-label.ts";
import { LADDER_WORDS } from "./words.ts";

const header = {
  sequence: 0,
  acknowledgment: 0,
  flags: "ACK",
  length: 0,
  window: 500,
  reason: "text",
} as const;

function paired(data: Partial<EventData["tcp:sent"]>) {
  const builder = new StoryBuilder(1);
  const say = (time: number, more: object) => {
    const event = { time, host: "a", connection: 1, name: "tcp:sent", data: { ...header, ...more } };
    builder.apply(event as unknown as TraceEvent);
  };
  say(1_000_000, { flags: "SYN", reason: "handshake" });
  say(1_500_000, data);
  const pair = new StoryPair(builder.story, undefined);
  pair.update();
  const [, segment] = pair.segments;
  if (segment === undefined) throw new Error("there is no segment");
  return { pair, segment };
}

const labels = (data: Partial<EventData["tcp:sent"]>) =>
  segmentLabels(paired(data).segment, CAUSE_WORDS.en.short);

test("text is labelled with its place and length, and with less where there is less room", () => {
  expect(labels({ sequence: 1, acknowledgment: 9, length: 100, flags: "PSH ACK" })).toEqual([
    "PSH ACK seq 1 len 100 ack 1 win 500",
    "PSH ACK seq 1 len 100 ack 1",
    "PSH ACK seq 1 len 100",
    "1",
  ]);
});

test("an acknowledgment is labelled with what it acknowledges, and with its SACK ranges", () => {
  expect(labels({ sequence: 1, acknowledgment: 9, sack: [[19, 29]] })).toEqual([
    "ACK 1 SACK 11–21 win 500",
    "ACK 1 SACK 11–21",
    "ACK 1",
    "1",
  ]);
});

test("what is sent again says why, to the last", () => {
  const all = labels({ sequence: 1, length: 10, flags: "ACK", cause: "timeout" });
  expect(all[0]).toBe("↻ RTO ACK seq 1 len 10 ack 1 win 500");
  expect(all.every(label => label.startsWith("↻ RTO"))).toBe(true);
});

test("probes and keepalives are told from what they look like", () => {
  expect(labels({ sequence: 1, length: 1, reason: "window-probe" })[0]).toMatch(/^\? ACK/);
  expect(labels({ sequence: 0, reason: "keepalive" })[0]).toMatch(/^♥ ACK/);
});

test("facts are told in words, and only those that there are", () => {
  const { pair, segment } = paired({ sequence: 1, length: 1_448, cause: "rack", segments: 4 });
  const context = { pair, origin: 1_000_000, words: LADDER_WORDS.en, causes: CAUSE_WORDS.en };
  const facts = factsOf(segment, { ...context, language: "en", name: end => end });
  expect([...facts]).toEqual([
    ["from", "near"],
    ["left", "0.500000"],
    ["flags", "ACK"],
    ["sequence", "1 – 1,449"],
    ["acknowledgment", "1"],
    ["length", "1,448"],
    ["unit", "of 4 segments"],
    ["window", "500"],
    ["reason", "data"],
    ["cause", "RACK: overtaken by later segments"],
    ["fate", "under way, or not known"],
  ]);
});
