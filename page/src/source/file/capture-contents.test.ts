import { expect, test } from "vitest";
import { problemText } from "../../../../src/inspect/problem.ts";
import { partOf } from "./capture-contents.ts";

test("what is not shown of a capture is told: its damage, its packets and its connections beyond bounds", () => {
  const whole = { error: undefined, packets: [], count: 0, leftOut: 0 };
  expect(partOf(whole)).toBeUndefined();
  const error = { kind: "truncated", message: "it ends in a packet", offset: 77 } as const;
  const part = partOf({ error, packets: [], count: 5, leftOut: 3 });
  expect(part && problemText(part)).toBe(
    "The capture is damaged at byte 77: it ends in a packet. It has 5 packets more than the page keeps. " +
      "3 segments belong to further connections, which are not shown.",
  );
});
