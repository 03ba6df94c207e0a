/** What connections cost that are open and idle: memory, and nothing else. */
import { expect, test } from "vitest";
import { milliseconds, seconds } from "../../src/base/time.ts";
import type { TcpConnection } from "../../src/tcp/tcp-connection.ts";
import { Many, memory } from "./many.ts";

/** Fewer would measure the tables that the first ones need. */
const FIRST = 2_000;
const MORE = 4_000;

test.each([
  ["that have just been opened", false],
  ["that have carried a request and its answer", true],
])("idle connections %s take 2 KB each", (_name, asks) => {
  const many = new Many();
  const open = (count: number): void => {
    const from = many.clients.length;
    many.open(count);
    if (asks) many.ask(from, many.clients.length);
    many.run(seconds(1));
  };
  open(FIRST);
  const before = memory();
  open(MORE);
  const bytes = (memory() - before) / (2 * MORE);
  for (const c of [...many.clients, ...many.servers]) expect(c.state).toBe("ESTABLISHED");
  expect(many.servers.length).toBe(FIRST + MORE);
  expect(bytes).toBeLessThan(2_048);
  // Nobody looks at them, no timer runs for them; and each still answers.
  expect([many.a.tcp.atWork.count, many.b.tcp.atWork.count]).toEqual([0, 0]);
  expect([many.a.tcp.deadline, many.b.tcp.deadline]).toEqual([
    Number.POSITIVE_INFINITY,
    Number.POSITIVE_INFINITY,
  ]);
  const one = many.clients[1_234] as TcpConnection;
  const heard = one.info().bytesReceived;
  many.ask(1_234, 1_235);
  many.run(milliseconds(5));
  expect(one.info().bytesReceived).toBe(heard + 64);
  expect(many.a.tcp.atWork.count).toBe(1);
});
