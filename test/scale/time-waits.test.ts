/**
 * A hundred thousand connections in TIME-WAIT, as a server has them that closes first: what they take, that
 * nobody looks at them until their time has come, and that their ports can be used again at once.
 */
import { expect, test } from "vitest";
import { milliseconds, seconds } from "../../src/base/time.ts";
import type { TimeWait } from "../../src/tcp/closing/time-wait.ts";
import { Many, memory } from "./many.ts";

const MANY = 100_000;
/** Once before: the code is compiled then, and there are parts in stock. */
const FEW = 4_000;
const PATIENCE = 300_000;

/** Counts how often anybody looks when these end. */
function watch(records: Iterable<TimeWait>): () => number {
  let looks = 0;
  for (const record of records) {
    let { deadline } = record;
    Object.defineProperty(record, "deadline", {
      get: () => {
        looks++;
        return deadline;
      },
      set: at => {
        deadline = at;
      },
    });
  }
  return () => looks;
}

test("100,000 TIME-WAITs take about half a kilobyte each; their ports serve again (RFC 6191); nothing remains", {
  timeout: PATIENCE,
}, () => {
  const many = new Many();
  const { tcp } = many.b;
  const waiting = (): number => [...tcp.timeWaits()].length;
  const openAndClose = (count: number): void => {
    many.open(count);
    many.run(milliseconds(30));
    many.closeBehind(0);
  };
  openAndClose(FEW);
  many.run(seconds(61));
  const before = memory();

  openAndClose(MANY);
  expect(waiting()).toBe(MANY);
  expect([...many.a.tcp.timeWaits()]).toEqual([]);
  expect((memory() - before) / MANY).toBeLessThan(600);

  // The same ports again, before a minute has passed: each new connection takes the place of a TIME-WAIT.
  many.open(MANY);
  expect(many.clients.every(({ state }) => state === "ESTABLISHED")).toBe(true);
  expect(many.servers.length).toBe(MANY);
  expect(waiting()).toBe(0);
  many.closeBehind(0);
  expect(waiting()).toBe(MANY);

  // While none is due a tick looks at the first of them and no other.
  const looks = watch(tcp.timeWaits());
  many.run(milliseconds(1_000));
  expect(waiting()).toBe(MANY);
  expect(looks()).toBeLessThan(2_000 * 3);
  // And as they end one after the other each costs the same, however many follow.
  many.run(seconds(61));
  expect(waiting()).toBe(0);
  expect(looks() / MANY).toBeLessThan(5);
  expect(tcp.deadline).toBe(Number.POSITIVE_INFINITY);
  expect((memory() - before) / MANY).toBeLessThan(150);
});
