import { setTimeout as sleep, setInterval as ticks } from "node:timers/promises";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { createSim } from "./create-sim.ts";

/** What happened at which millisecond, within a simulation. */
async function log(program: (note: (text: string) => void) => unknown, length = 100): Promise<string[]> {
  const sim = createSim();
  const lines: string[] = [];
  await sim.run(async () => {
    program(text => lines.push(`${sim.elapsed} ${text}`));
    await sleep(length);
  });
  return lines;
}

test("timers fire in the order of their times, equal ones in the order of their setting", async () => {
  const lines = await log(note => {
    setTimeout(note, 20, "d");
    setTimeout(note, 10, "b");
    setTimeout(note, 10, "c");
    setTimeout(note, 0, "a");
    setTimeout(note, Number.NaN, "a too");
  });
  expect(lines).toEqual(["1 a", "1 a too", "10 b", "10 c", "20 d"]);
});

test("an interval goes on until it is cleared, also from within", async () => {
  const lines = await log(note => {
    let count = 0;
    const timer = setInterval(() => {
      note(`${++count}`);
      if (count === 3) clearInterval(timer);
    }, 10);
  });
  expect(lines).toEqual(["10 1", "20 2", "30 3"]);
});

test("a timer is cleared by itself, by its number or by that as a text", async () => {
  const lines = await log(note => {
    const [a, b, c] = ["a", "b", "c"].map(text => setTimeout(note, 10, text));
    clearTimeout(a);
    clearTimeout(Number(b));
    clearTimeout(`${Number(c)}`);
    clearTimeout(undefined);
  });
  expect(lines).toEqual([]);
});

test("refresh begins anew, also after the end; unref and ref are remembered", async () => {
  const lines = await log(note => {
    const timer = setTimeout(() => note("fired"), 10);
    setTimeout(() => timer.refresh(), 8);
    setTimeout(() => timer.refresh(), 50);
    note(`${timer.hasRef()} ${timer.unref().hasRef()} ${timer.ref().hasRef()}`);
  });
  expect(lines).toEqual(["0 true false true", "18 fired", "60 fired"]);
});

test("each has a turn of its own: ticks and promises come before the next one", async () => {
  const lines = await log(note => {
    for (const text of ["a", "b"]) {
      setTimeout(() => {
        process.nextTick(note, `tick of ${text}`);
        Promise.resolve().then(() => note(`promise of ${text}`));
      }, 10);
    }
  });
  expect(lines).toEqual(["10 tick of a", "10 promise of a", "10 tick of b", "10 promise of b"]);
});

test("promised timers are timers, and can be aborted", async () => {
  const lines = await log(async note => {
    await promisify(setTimeout)(10);
    note("promisified");
    const control = new AbortController();
    const sleeping = sleep(1_000, undefined, { signal: control.signal }).catch(({ name }) => note(name));
    setTimeout(() => control.abort(), 10);
    await sleeping;
    let count = 0;
    for await (const value of ticks(10, "tick")) {
      note(value);
      if (++count === 2) break;
    }
  });
  expect(lines).toEqual(["10 promisified", "20 AbortError", "30 tick", "40 tick"]);
});

test("dates are dates: only now is another one", async () => {
  await createSim({ epoch: 0 }).run(() => {
    expect(new Date()).toBeInstanceOf(Date);
    expect(new Date().toISOString()).toBe("1970-01-01T00:00:00.000Z");
    expect(new Date(2_000, 1, 29).getMonth()).toBe(1);
    expect(Date.UTC(2_000, 0)).toBe(946_684_800_000);
    expect(Date()).toBe(new Date(0).toString());
    class Later extends Date {}
    expect(new Later(5)).toBeInstanceOf(Later);
    expect(Number(new Later(5))).toBe(5);
  });
});
