import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Instant, NEVER } from "./time.ts";
import { type TimerOwner, TimerQueue } from "./timers.ts";

class Owner implements TimerOwner {
  deadline: Instant = NEVER;
  timerAt: Instant = NEVER;
  timerSlot = -1;
  readonly id: number;
  constructor(id: number) {
    this.id = id;
  }
}

const at = (time: number): Instant => time as Instant;

function armed(queue: TimerQueue<Owner>, id: number, time: number): Owner {
  const owner = new Owner(id);
  owner.deadline = at(time);
  queue.touch(owner);
  return owner;
}

describe("TimerQueue", () => {
  test("calls the owners that are due, the earliest first, and no others", () => {
    const queue = new TimerQueue<Owner>();
    for (const time of [30, 10, 20, 40]) armed(queue, time, time);
    const called: number[] = [];
    queue.run(at(30), owner => {
      called.push(owner.id);
      owner.deadline = NEVER;
    });
    expect(called).toEqual([10, 20, 30]);
    expect(queue.size).toBe(1);
    expect(queue.next()).toBe(40);
  });

  test("a deadline that moved later needs no touch: the owner is put back, not called", () => {
    const queue = new TimerQueue<Owner>();
    const owner = armed(queue, 1, 10);
    owner.deadline = at(50);
    queue.run(at(10), () => expect.fail("it is not due"));
    expect(queue.next()).toBe(50);
  });

  test("a deadline that moved earlier is seen after a touch", () => {
    const queue = new TimerQueue<Owner>();
    armed(queue, 1, 20);
    const owner = armed(queue, 2, 50);
    owner.deadline = at(5);
    queue.touch(owner);
    expect(queue.next()).toBe(5);
  });

  test("an owner that is called may remove itself, and others", () => {
    const queue = new TimerQueue<Owner>();
    const first = armed(queue, 1, 10);
    const second = armed(queue, 2, 10);
    const called: number[] = [];
    queue.run(at(10), owner => {
      called.push(owner.id);
      queue.remove(first);
      queue.remove(second);
    });
    expect(called).toEqual([1]);
    expect(queue.size).toBe(0);
    queue.remove(first);
    expect(queue.next()).toBe(NEVER);
  });

  test("behaves as a scan over all owners, whatever is armed, moved and removed", () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant("move" as const), owner: fc.nat(11), time: fc.nat(100) }),
      fc.record({ kind: fc.constant("remove" as const), owner: fc.nat(11) }),
      fc.record({ kind: fc.constant("run" as const), by: fc.nat(20), rearm: fc.option(fc.nat(30)) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), steps => {
        const queue = new TimerQueue<Owner>();
        const owners = Array.from({ length: 12 }, (_, id) => new Owner(id));
        let now = 0;
        for (const action of steps) {
          if (action.kind === "run") {
            now += action.by;
            const due = owners.filter(owner => owner.deadline <= now).map(owner => owner.id);
            const called: number[] = [];
            queue.run(at(now), owner => {
              expect(owner.deadline).toBeLessThanOrEqual(now);
              called.push(owner.id);
              owner.deadline = action.rearm === null ? NEVER : at(now + 1 + action.rearm);
            });
            expect(called.toSorted((a, b) => a - b)).toEqual(due);
          } else {
            const owner = owners[action.owner] as Owner;
            owner.deadline = action.kind === "move" ? at(now + action.time) : NEVER;
            if (action.kind === "move") queue.touch(owner);
            else queue.remove(owner);
          }
          for (const owner of owners) {
            expect(queue.next()).toBeLessThanOrEqual(owner.deadline);
            if (owner.deadline !== NEVER) expect(owner.timerSlot).toBeGreaterThanOrEqual(0);
          }
        }
      }),
    );
  });
});
