import fc from "fast-check";
import { expect, test } from "vitest";
import { StoryList } from "./story-list.ts";

test("it keeps the newest, never fewer than its limit, never a quarter more, in one array", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 300 }), (limit, count) => {
      const list = new StoryList<number>(limit);
      const { items } = list;
      for (let i = 0; i < count; i++) {
        list.push(i);
        expect(list.items).toBe(items);
        expect(items.length).toBeLessThanOrEqual(limit * 1.25);
        expect(items.length).toBeGreaterThanOrEqual(Math.min(limit, i + 1));
        expect(list.last).toBe(i);
        expect(items[0]).toBe(list.forgotten);
      }
      expect(items.length + list.forgotten).toBe(count);
    }),
  );
});
