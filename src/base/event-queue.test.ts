import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EventQueue, type Scheduled } from "./event-queue.ts";
import { type Instant, NEVER } from "./time.ts";

const at = (time: number): Instant => time as Instant;

describe("EventQueue", () => {
  test("runs tasks by time, those of one instant in the order they were asked for", () => {
    const queue = new EventQueue();
    const ran: string[] = [];
    queue.add(at(5), () => ran.push("5a"));
    queue.add(at(3), () => ran.push("3"));
    queue.add(at(5), () => ran.push("5b"));
    expect(queue.next()).toBe(3);
    while (queue.runNext(at(10)));
    expect(ran).toEqual(["3", "5a", "5b"]);
    expect(queue.next()).toBe(NEVER);
  });

  test("a task that is not due yet does not run", () => {
    const queue = new EventQueue();
    let ran = false;
    queue.add(at(7), () => {
      ran = true;
    });
    expect(queue.runNext(at(6))).toBe(false);
    expect(ran).toBe(false);
    expect(queue.runNext(at(7))).toBe(true);
    expect(ran).toBe(true);
  });

  test("a task may add tasks, for its own instant too: they come after those that wait already", () => {
    const queue = new EventQueue();
    const ran: string[] = [];
    queue.add(at(1), () => {
      ran.push("first");
      queue.add(at(1), () => ran.push("third"));
    });
    queue.add(at(1), () => ran.push("second"));
    while (queue.runNext(at(1)));
    expect(ran).toEqual(["first", "second", "third"]);
  });

  test("a cancelled task does not run, and cancelling twice, or after it ran, does nothing", () => {
    const queue = new EventQueue();
    const ran: number[] = [];
    const first = queue.add(at(1), () => ran.push(1));
    const second = queue.add(at(2), () => ran.push(2));
    first.cancel();
    first.cancel();
    expect(queue.next()).toBe(2);
    expect(queue.runNext(at(2))).toBe(true);
    second.cancel();
    expect(queue.runNext(at(9))).toBe(false);
    expect(ran).toEqual([2]);
  });

  test("a far deadline that is moved again and again does not fill the memory", () => {
    const queue = new EventQueue();
    let deadline: Scheduled | undefined;
    for (let i = 0; i < 10_000; i++) {
      deadline?.cancel();
      deadline = queue.add(at(1_000_000 + i), () => {});
    }
    expect(queue.size).toBeLessThan(200);
    expect(queue.next()).toBe(1_009_999);
  });

  test("behaves as a sorted list, whatever is added, cancelled and run", () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant("add" as const), time: fc.nat(50) }),
      fc.record({ kind: fc.constant("cancel" as const), index: fc.nat(200) }),
      fc.record({ kind: fc.constant("run" as const), time: fc.nat(50) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), steps => {
        const queue = new EventQueue();
        let model: Array<{ time: number; id: number }> = [];
        const handles: Scheduled[] = [];
        const ran: number[] = [];
        for (const action of steps) {
          if (action.kind === "add") {
            const id = handles.length;
            handles.push(queue.add(at(action.time), () => ran.push(id)));
            model.push({ time: action.time, id });
          } else if (action.kind === "cancel") {
            handles[action.index]?.cancel();
            model = model.filter(entry => entry.id !== action.index);
          } else {
            model.sort((a, b) => a.time - b.time || a.id - b.id);
            const due = model[0] !== undefined && model[0].time <= action.time ? model.shift() : undefined;
            expect(queue.runNext(at(action.time))).toBe(due !== undefined);
            if (due !== undefined) expect(ran.at(-1)).toBe(due.id);
          }
          const times = model.map(entry => entry.time);
          expect(queue.next()).toBe(times.length === 0 ? NEVER : Math.min(...times));
        }
      }),
    );
  });

  test("keeps its order through a clear-out of hundreds of cancelled entries", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000), { minLength: 300, maxLength: 400 }), times => {
        const queue = new EventQueue();
        const ran: number[] = [];
        const handles = times.map((time, id) => queue.add(at(time), () => ran.push(id)));
        for (let i = 0; i < handles.length; i++) if (i % 5 !== 0) handles[i]?.cancel();
        while (queue.runNext(at(1_000)));
        const expected = times.map((time, id) => ({ time, id })).filter(({ id }) => id % 5 === 0);
        expected.sort((a, b) => a.time - b.time || a.id - b.id);
        expect(ran).toEqual(expected.map(({ id }) => id));
      }),
      { numRuns: 20 },
    );
  });
});
