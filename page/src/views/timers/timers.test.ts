import { describe, expect, test } from "vitest";
import type { StoryTimer } from "../../../../src/inspect/story.ts";
import { armedOf, recentOf, shareLeft, talliesOf, timersUntil } from "./timer-past.ts";
import { WORDS } from "./words.ts";

const PAST: readonly StoryTimer[] = [
  { time: 10, timer: "retransmit", change: "set", at: 210 },
  { time: 20, timer: "delayed-ack", change: "set", at: 60 },
  { time: 30, timer: "delayed-ack", change: "cancelled", at: 60 },
  { time: 210, timer: "retransmit", change: "fired", at: undefined },
  { time: 210, timer: "retransmit", change: "set", at: 610 },
];

describe("the past of timers", () => {
  test("ends at the cursor", () => {
    expect(timersUntil(PAST, 29)).toHaveLength(2);
    expect(timersUntil(PAST, 210)).toHaveLength(5);
    expect(timersUntil(PAST, undefined)).toHaveLength(5);
  });

  test("says how often each was set, has fired, was called off", () => {
    expect(talliesOf(PAST)).toEqual([
      { timer: "retransmit", set: 2, fired: 1, cancelled: 0, last: PAST[4] },
      { timer: "delayed-ack", set: 1, fired: 0, cancelled: 1, last: PAST[2] },
    ]);
  });

  test("says which are armed", () => {
    expect(armedOf(talliesOf(PAST))).toEqual([{ timer: "retransmit", setAt: 210, at: 610 }]);
    expect(armedOf(talliesOf(timersUntil(PAST, 25))).map(({ timer }) => timer)).toEqual([
      "retransmit",
      "delayed-ack",
    ]);
  });

  test("tells the newest first, and not too many", () => {
    expect(recentOf(PAST, 10).map(({ time, change }) => `${time} ${change}`)).toEqual([
      "210 fired",
      "30 cancelled",
    ]);
    expect(recentOf(PAST, 1)).toHaveLength(1);
  });

  test("a countdown goes from all to nothing, and no further", () => {
    const armed = { timer: "retransmit", setAt: 100, at: 300 } as const;
    expect([50, 100, 200, 300, 400].map(now => shareLeft(armed, now))).toEqual([1, 1, 0.5, 0, 0]);
    expect(shareLeft({ ...armed, at: 100 }, 100)).toBe(0);
  });
});

test("each timer has its name and its purpose in both languages", () => {
  for (const words of Object.values(WORDS)) {
    const names = Object.values(words.names);
    expect(new Set(names).size).toBe(names.length);
    for (const about of Object.values(words.about)) expect(about).toMatch(/[.。]$/u);
  }
});
