/** Mechanisms that TCP may come to have are used as soon as a connection has them. */
import { expect, test } from "vitest";
import { C, O, PosixWorld } from "../../../test/sim/posix-world.ts";
import { knobsOf, type TcpKnobs } from "./tcp-knobs.ts";

function ends(knobs: (told: unknown[]) => Partial<TcpKnobs>) {
  const w = new PosixWorld();
  const { client, server } = w.pair();
  const connection = w.a.sys.connectionOf(client);
  if (connection === undefined) throw new Error("no connection");
  const told: unknown[] = [];
  Object.assign(knobsOf(connection), knobs(told));
  return Object.assign(w, { client, server, connection, told });
}

test("MSG_MORE waits for the next call, TCP_CORK until it is taken off", () => {
  const w = ends(() => ({}));
  const arrives = (): unknown => {
    w.pass(0.05);
    return w.b.recv(w.server, 999);
  };
  w.a.send(w.client, 10, C.MSG_MORE);
  expect(arrives()).toBe("EAGAIN");
  w.a.send(w.client, 10);
  expect(arrives()).toBe(20);
  w.a.setOption(w.client, C.SOL_TCP, O.TCP_CORK, 1);
  w.a.send(w.client, 10);
  expect(arrives()).toBe("EAGAIN");
  w.a.setOption(w.client, C.SOL_TCP, O.TCP_CORK, 0);
  expect(arrives()).toBe(10);
});

test("text that comes after SHUT_RDWR is refused: ECONNRESET (RFC 9293 §3.6.1, SHLD-3)", () => {
  const w = new PosixWorld();
  const { client, server } = w.pair();
  w.a.sys.shutdown(client, C.SHUT_RDWR);
  w.pass();
  expect(w.b.send(server, 10)).toBe(10);
  w.pass();
  expect(w.a.recv(client)).toBe("ECONNRESET");
  expect(w.b.send(server, 10)).toBe("EPIPE");
});
