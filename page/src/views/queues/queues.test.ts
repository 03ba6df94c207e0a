import { describe, expect, test } from "vitest";
import { DROP_REASONS } from "../../../../src/base/drop-reason.ts";
import type { ListenerState } from "../../../../src/inspect/protocol.ts";
import { DROP_WORDS, dropText } from "./drop-words.ts";
import { fullestFirst, shareFilled } from "./fullness.ts";

function listener(localPort: number, changes: Partial<ListenerState>): ListenerState {
  const cookies = { cookiesSent: 0, cookiesAccepted: 0, cookiesRefused: 0 };
  return {
    ...{ host: "a", local: "::", localPort, halfOpen: 0, waiting: 0, backlog: 10, overflows: 0, drops: 0 },
    ...cookies,
    ...changes,
  };
}

describe("queues", () => {
  test("a backlog of n takes n + 1; a bar is never more than full", () => {
    expect(shareFilled(3, 11)).toBe(0.25);
    expect(shareFilled(11, 11)).toBeLessThan(1);
    expect(shareFilled(12, 11)).toBe(1);
    expect(shareFilled(13, 11)).toBe(1);
    expect(shareFilled(0, 0)).toBe(0);
    expect(shareFilled(1, 0)).toBe(1);
  });

  test("the fullest listener comes first, then the one that has refused the most", () => {
    const listeners = [
      listener(1, {}),
      listener(2, { drops: 3 }),
      listener(3, { waiting: 5 }),
      listener(4, { halfOpen: 10 }),
      listener(5, { overflows: 9 }),
    ];
    expect(fullestFirst(listeners).map(({ localPort }) => localPort)).toEqual([4, 3, 5, 2, 1]);
  });
});

describe("why packets are dropped, in words", () => {
  test.each(DROP_REASONS)("%s has its own in both languages", reason => {
    expect(dropText(reason, "en")).not.toBe(reason);
    expect(dropText(reason, "zh-CN")).toMatch(/[\u4e00-\u9fff]/u);
  });

  test("no two reasons have the same", () => {
    for (const words of Object.values(DROP_WORDS))
      expect(new Set(Object.values(words)).size).toBe(DROP_REASONS.length);
  });

  test("a reason that is not known is told as it is", () => {
    expect(dropText("toString", "en")).toBe("toString");
  });
});
