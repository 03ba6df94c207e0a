import fc from "fast-check";
import { expect, test } from "vitest";
import { Fifo } from "./fifo.ts";

test("what went in first comes out first, however full it gets", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 300 }), pushes => {
      const fifo = new Fifo<number>();
      const model: number[] = [];
      pushes.forEach((isPush, i) => {
        if (isPush) {
          fifo.push(i);
          model.push(i);
        } else {
          expect(fifo.shift()).toBe(model.shift());
        }
        expect([fifo.length, fifo.peek()]).toEqual([model.length, model[0]]);
      });
    }),
  );
});

test("nothing comes out of an empty one, and it takes more after that", () => {
  const fifo = new Fifo<string>();
  expect([fifo.shift(), fifo.peek(), fifo.length]).toEqual([undefined, undefined, 0]);
  for (let i = 0; i < 40; i++) {
    fifo.push(`${i}`);
    expect(fifo.shift()).toBe(`${i}`);
  }
});

test("the memory of a peak is given back once it is over, that of every day is kept", () => {
  const fifo = new Fifo<number>();
  const fill = (count: number): void => {
    for (let i = 0; i < count; i++) fifo.push(i);
    for (let i = 0; i < count; i++) expect(fifo.shift()).toBe(i);
  };
  fill(1_000);
  expect(fifo.capacity).toBe(1_024);
  fill(5_000);
  expect(fifo.capacity).toBe(0);
  fill(10);
});
