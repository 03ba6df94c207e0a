import fc from "fast-check";
import { expect, test } from "vitest";
import { RecentMap } from "./recent-map.ts";

test("it answers as a map does for the last ones that were put in, and keeps no more than twice its limit", () => {
  const deeds = fc.array(fc.tuple(fc.constantFrom("set", "delete"), fc.nat(30)), { maxLength: 200 });
  fc.assert(
    fc.property(deeds, fc.integer({ min: 1, max: 8 }), (all, limit) => {
      const recent = new RecentMap<number, number>(limit);
      const whole = new Map<number, number>();
      for (const [i, [deed, key]] of all.entries()) {
        whole.delete(key);
        if (deed === "set") {
          recent.set(key, i);
          whole.set(key, i);
        } else recent.delete(key);
      }
      const known = [...Array(31).keys()].filter(key => recent.has(key));
      expect(known.length).toBeLessThanOrEqual(2 * limit);
      for (const key of known) expect(recent.get(key)).toBe(whole.get(key));
      for (const key of [...whole.keys()].slice(-limit)) expect(recent.get(key)).toBe(whole.get(key));
    }),
  );
});
