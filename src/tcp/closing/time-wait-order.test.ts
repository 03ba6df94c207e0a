import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Instant } from "../../base/time.ts";
import type { TimeWait } from "./time-wait.ts";
import { TimeWaitOrder } from "./time-wait-order.ts";

function record(deadline: number): TimeWait {
  return { deadline, endsAfter: undefined, endsBefore: undefined } as unknown as TimeWait;
}

function rest(order: TimeWaitOrder): TimeWait[] {
  const found: TimeWait[] = [];
  for (let first = order.due(1e9 as Instant); first !== undefined; first = order.due(1e9 as Instant)) {
    found.push(first);
    order.remove(first);
  }
  return found;
}

describe("the order of TIME-WAIT records", () => {
  test("none is due before its time", () => {
    const order = new TimeWaitOrder();
    expect(order.deadline).toBe(Number.POSITIVE_INFINITY);
    const one = record(10);
    order.add(one);
    expect(order.deadline).toBe(10);
    expect(order.due(9 as Instant)).toBeUndefined();
    expect(order.due(10 as Instant)).toBe(one);
  });

  test("whatever is added and removed, those that remain end in order, the earlier ones first", () => {
    const steps = fc.array(fc.record({ deadline: fc.nat(20), removes: fc.option(fc.nat()) }));
    fc.assert(
      fc.property(steps, list => {
        const order = new TimeWaitOrder();
        const model: TimeWait[] = [];
        for (const { deadline, removes } of list) {
          const added = record(deadline);
          order.add(added);
          model.push(added);
          if (removes !== null) {
            const [gone] = model.splice(removes % model.length, 1);
            order.remove(gone as TimeWait);
            expect(gone).toEqual(record((gone as TimeWait).deadline));
          }
        }
        expect(rest(order)).toEqual(model.sort((a, b) => a.deadline - b.deadline));
      }),
    );
  });
});
