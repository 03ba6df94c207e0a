import fc from "fast-check";
import { test } from "vitest";
import { StoryList } from "./story-list.ts";

test("it keeps the newest, never fewer than its limit, never a quarter more, in one array", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 300 }), (limit, count) => {
      const list = new StoryList<number>(limit);
      const { items } = list;
      for (let i = 0; i < count; i++) {
        list.push(i);
        const isKept = items.length <= limit * 1.25 && items.length >= Math.min(limit, i + 1);
        if (!isKept || list.items !== items || list.last !== i || items[0] !== list.forgotten) return false;
      }
      return items.length + list.forgotten === count;
    }),
  );
});
