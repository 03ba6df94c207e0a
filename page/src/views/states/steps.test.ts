import { describe, expect, test } from "vitest";
import type { StoryState } from "../../../../src/inspect/story.ts";
import { EDGES, STATE_CAUSES } from "../../../../src/tcp/states.ts";
import { causeText, isTranslated } from "./causes.ts";
import { edgesOutOf, markText, stateAfter, stepsAlong, stepsOf, stepsTakenAt } from "./steps.ts";

const STATES: readonly StoryState[] = [
  { time: 10, from: "CLOSED", to: "SYN-SENT", cause: "active OPEN, SYN sent" },
  { time: 30, from: "SYN-SENT", to: "ESTABLISHED", cause: "SYN-ACK received, ACK sent" },
  { time: 30, from: "ESTABLISHED", to: "CLOSED", cause: "RST received" },
];

describe("the path taken", () => {
  test("the cursor takes back what came after it; without one all is taken", () => {
    expect(stepsTakenAt(STATES, undefined)).toBe(3);
    expect(stepsTakenAt(STATES, 30)).toBe(3);
    expect(stepsTakenAt(STATES, 29)).toBe(1);
    expect(stepsTakenAt(STATES, 9)).toBe(0);
  });

  test("before the first step an end is where that step began", () => {
    expect(stateAfter(STATES, 0, "TIME-WAIT")).toBe("CLOSED");
    expect(stateAfter(STATES, 2, "TIME-WAIT")).toBe("ESTABLISHED");
  });

  test("without any step it is where the table of connections says", () => {
    expect(stateAfter([], 0, "CLOSE-WAIT")).toBe("CLOSE-WAIT");
    expect(stateAfter([], 0, undefined)).toBeUndefined();
  });

  test("an edge has the numbers of the steps along it, up to now", () => {
    const edge = { from: "SYN-SENT", to: "ESTABLISHED", cause: "", causes: [] } as const;
    expect(stepsAlong(edge, stepsOf(STATES), 3)).toEqual([2]);
    expect(stepsAlong(edge, stepsOf(STATES), 1)).toEqual([]);
  });

  test("a mark has room for one number", () => {
    expect(markText([])).toBe("");
    expect(markText([4])).toBe("4");
    expect(markText([4, 9, 12])).toBe("4+");
  });

  test("what may come next is what the table of edges says", () => {
    expect(edgesOutOf("LAST-ACK").map(({ to }) => to)).toEqual(["CLOSED"]);
    expect(edgesOutOf("ESTABLISHED").map(({ to }) => to)).toEqual(["FIN-WAIT-1", "CLOSE-WAIT", "CLOSED"]);
  });
});

describe("causes in Chinese", () => {
  test.each([...new Set([...EDGES.map(({ cause }) => cause), ...STATE_CAUSES])])("%s", cause => {
    expect(isTranslated(cause)).toBe(true);
    expect(causeText(cause, "en")).toBe(cause);
  });

  test("phrases and joints are told one by one", () => {
    expect(causeText("RST received, ABORT or timeout", "zh-CN")).toBe("收到 RST，中止或超时");
  });

  test("what nobody has translated stays as it is", () => {
    expect(isTranslated("FIN received, no idea")).toBe(false);
    expect(causeText("FIN received, no idea", "zh-CN")).toBe("收到 FIN，no idea");
  });
});
