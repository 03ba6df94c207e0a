import { describe, expect, test } from "vitest";
import { ADDRESS_B, C, inet, O, PosixWorld, show } from "../../../test/sim/posix-world.ts";

const PEER = inet(ADDRESS_B, 80);

type Ends = PosixWorld & { client: number; server: number };

function ends(): Ends {
  const w = new PosixWorld();
  return Object.assign(w, w.pair());
}

/**
 * What is done to a connection, and the client's mask then: as poll showed it on Linux 6.18 over loopback.
 */
const STATES: ReadonlyArray<readonly [string, (w: Ends) => void, string]> = [
  ["nothing has happened", () => {}, "OUT"],
  ["10 bytes wait", w => w.b.send(w.server, 10), "IN OUT"],
  ["the peer shut down sending", w => w.b.sys.shutdown(w.server, C.SHUT_WR), "IN OUT RDHUP"],
  ["the peer closed", w => w.b.sys.close(w.server), "IN OUT RDHUP"],
  ["we shut down reading", w => w.a.sys.shutdown(w.client, C.SHUT_RD), "IN OUT RDHUP"],
  ["we shut down sending", w => w.a.sys.shutdown(w.client, C.SHUT_WR), "OUT"],
  ["we shut down both", w => w.a.sys.shutdown(w.client, C.SHUT_RDWR), "IN OUT HUP RDHUP"],
  [
    "both sides shut down sending",
    w => {
      w.b.sys.shutdown(w.server, C.SHUT_WR);
      w.pass();
      w.a.sys.shutdown(w.client, C.SHUT_WR);
    },
    "IN OUT HUP RDHUP",
  ],
  [
    "the peer reset",
    w => {
      w.b.linger(w.server, 0);
      w.b.sys.close(w.server);
    },
    "IN OUT ERR HUP RDHUP",
  ],
  [
    "the peer reset, with 10 bytes to read",
    w => {
      w.b.send(w.server, 10);
      w.pass();
      w.b.linger(w.server, 0);
      w.b.sys.close(w.server);
    },
    "IN OUT ERR HUP RDHUP",
  ],
  [
    "the peer reset, and the error was read",
    w => {
      w.b.linger(w.server, 0);
      w.b.sys.close(w.server);
      w.pass();
      w.a.error(w.client);
    },
    "IN OUT HUP RDHUP",
  ],
  [
    "the peer closed, and we sent to it",
    w => {
      w.b.sys.close(w.server);
      w.pass();
      w.a.send(w.client, 10);
    },
    "IN OUT ERR HUP RDHUP",
  ],
  ["an urgent byte came after 4 others", w => w.b.send(w.server, "abcdX", C.MSG_OOB), "IN PRI OUT"],
];

describe("poll sees as on Linux 6.18", () => {
  test("a fresh socket: OUT HUP", () => {
    const { a } = new PosixWorld();
    expect(a.mask(a.tcp())).toBe("OUT HUP");
  });

  test("a fresh socket that was shut down: IN OUT HUP RDHUP", () => {
    const { a } = new PosixWorld();
    const fd = a.tcp();
    a.sys.shutdown(fd, C.SHUT_RDWR);
    expect(a.mask(fd)).toBe("IN OUT HUP RDHUP");
  });

  test("a connecting socket: nothing; a refused one: everything", () => {
    const w = new PosixWorld();
    const fd = w.a.tcp(C.SOCK_NONBLOCK);
    w.a.connect(fd, PEER);
    expect(w.a.mask(fd)).toBe("");
    w.pass();
    expect(w.a.mask(fd)).toBe("IN OUT ERR HUP RDHUP");
    w.a.connect(fd, PEER);
    expect(w.a.mask(fd)).toBe("OUT HUP");
  });

  test("a listening socket: nothing, then IN", () => {
    const w = new PosixWorld();
    const fd = w.b.listener();
    expect(w.b.mask(fd)).toBe("");
    w.a.connect(w.a.tcp(C.SOCK_NONBLOCK), PEER);
    w.pass();
    expect(w.b.mask(fd)).toBe("IN");
    w.b.sys.accept(fd);
    expect(w.b.mask(fd)).toBe("");
  });

  test.each(STATES)("%s", (_what, happens, expected) => {
    const w = ends();
    happens(w);
    w.pass();
    expect(w.a.mask(w.client)).toBe(expected);
  });

  test("after the end of an orderly close both are told HUP, and nobody has a peer any more", () => {
    const w = ends();
    w.b.sys.shutdown(w.server, C.SHUT_WR);
    w.pass();
    w.a.sys.shutdown(w.client, C.SHUT_WR);
    w.pass();
    for (const [process, fd] of [
      [w.a, w.client],
      [w.b, w.server],
    ] as const) {
      expect(process.mask(fd)).toBe("IN OUT HUP RDHUP");
      expect(process.recv(fd)).toBe(0);
      expect(process.send(fd)).toBe("EPIPE");
      expect(show(process.sys.shutdown(fd, C.SHUT_RDWR))).toBe("ENOTCONN");
      expect(show(process.sys.getpeername(fd, { bytes: null, length: 0 }))).toBe("ENOTCONN");
      expect(process.error(fd)).toBe(0);
      expect(process.port(fd)).not.toBe(0);
    }
    expect(w.b.connect(w.server, PEER)).toBe("EISCONN");
  });
});

test("SO_RCVLOWAT: not readable below it", () => {
  const w = ends();
  w.a.setOption(w.client, C.SOL_SOCKET, O.SO_RCVLOWAT, 20);
  w.b.send(w.server, 19);
  w.pass();
  expect(w.a.mask(w.client)).toBe("OUT");
  w.b.send(w.server, 1);
  w.pass();
  expect(w.a.mask(w.client)).toBe("IN OUT");
});

test("a full send buffer is writable again when a third of it is free", () => {
  const w = ends();
  w.a.setOption(w.client, C.SOL_SOCKET, O.SO_SNDBUF, 50_000);
  w.b.setOption(w.server, C.SOL_SOCKET, O.SO_RCVBUF, 2_304);
  while (w.a.send(w.client, 10_000) !== "EAGAIN") w.pass(0.02);
  expect(w.a.mask(w.client)).toBe("");
  const queued = (): number => w.a.sys.connectionOf(w.client)?.sendBuffer.length ?? 0;
  let before = queued();
  while (w.a.mask(w.client) === "") {
    before = queued();
    w.b.recv(w.server, 5_000);
    w.pass(0.3);
  }
  // Of the 66,666 bytes that may be held, a part is for the pieces themselves.
  expect(before).toBeGreaterThan(50_000);
  expect(queued()).toBeLessThanOrEqual(66_666);
});
