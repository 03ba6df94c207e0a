/** What a socket's options do to its connection, where no test of one option shows it. */
import { expect, test } from "vitest";
import { C, O, PosixWorld } from "../../../test/sim/posix-world.ts";

test("MSG_MORE waits for the next call, TCP_CORK until it is taken off", () => {
  const w = new PosixWorld();
  const { client, server } = w.pair();
  const arrives = (): unknown => {
    w.pass(0.05);
    return w.b.recv(server, 999);
  };
  w.a.send(client, 10, C.MSG_MORE);
  expect(arrives()).toBe("EAGAIN");
  w.a.send(client, 10);
  expect(arrives()).toBe(20);
  w.a.setOption(client, C.SOL_TCP, O.TCP_CORK, 1);
  w.a.send(client, 10);
  expect(arrives()).toBe("EAGAIN");
  w.a.setOption(client, C.SOL_TCP, O.TCP_CORK, 0);
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
