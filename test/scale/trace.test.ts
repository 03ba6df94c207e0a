/** Recording hosts with ten thousand connections: what it holds is bounded, and nobody is woken for it. */
import { expect, test } from "vitest";
import { seconds } from "../../src/base/time.ts";
import type { EventName } from "../../src/trace/event.ts";
import { TraceRecorder } from "../../src/trace/recorder.ts";
import { Many, memory } from "./many.ts";

const CONNECTIONS = 10_000;
const COMING_AND_GOING = 5_000;

test("ten thousand connections that were there before wake for nobody who comes to look", () => {
  const many = new Many();
  many.open(CONNECTIONS);
  many.run(seconds(1));
  const kinds = new Map<EventName, number>();
  const recorder = new TraceRecorder({
    sink: ({ name }) => kinds.set(name, (kinds.get(name) ?? 0) + 1),
  });
  const before = memory();
  const ends = [many.a, many.b].map(host => recorder.watch(host));
  const bytes = (memory() - before) / (2 * CONNECTIONS);
  expect([...kinds]).toEqual([["tcp:opened", 2 * CONNECTIONS]]);
  expect([many.a.tcp.atWork.count, many.b.tcp.atWork.count]).toEqual([0, 0]);
  // A number, and its place in a table.
  expect(bytes).toBeLessThan(80);
  for (const end of ends) end();
});

test("connections that open while nothing is wanted of them cost a place in a table each", () => {
  const cost = (watches: boolean): number => {
    const many = new Many();
    const recorder = new TraceRecorder({ sink: () => undefined, wants: () => false });
    if (watches) for (const host of [many.a, many.b]) recorder.watch(host);
    const before = memory();
    many.open(CONNECTIONS);
    many.run(seconds(1));
    return (memory() - before) / (2 * CONNECTIONS);
  };
  cost(true);
  expect(cost(true) - cost(false)).toBeLessThan(160);
});

test("what was held of connections that came and went is let go", () => {
  const many = new Many();
  let events = 0;
  const recorder = new TraceRecorder({ sink: () => events++ });
  for (const host of [many.a, many.b]) recorder.watch(host);
  const round = (count: number): void => {
    const from = many.clients.length;
    many.open(count);
    many.ask(from, many.clients.length);
    for (const c of [...many.clients, ...many.servers]) c.abort();
    many.clients.length = 0;
    many.servers.length = 0;
    many.run(seconds(70));
  };
  // The first round makes the tables as large as they have to be.
  round(COMING_AND_GOING);
  const before = memory();
  round(COMING_AND_GOING);
  expect((memory() - before) / COMING_AND_GOING).toBeLessThan(50);
  // Each end opens, has its states, segments, timers and numbers, and leaves.
  expect(events).toBeGreaterThan(40 * COMING_AND_GOING);
});
