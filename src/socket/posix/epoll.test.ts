import { describe, expect, test } from "vitest";
import { ADDRESS_B, C, inet, PosixWorld, type Shown, show } from "../../../test/sim/posix-world.ts";
import type { EpollEvent } from "./epoll.ts";

type Ends = PosixWorld & { client: number; server: number; epoll: number };

/** A connection, and an epoll instance of the client's process. */
function ends(): Ends {
  const w = new PosixWorld();
  return Object.assign(w, w.pair(), { epoll: w.a.sys.epollCreate1(0).value });
}

const NAMES = [
  [C.EPOLLIN, "IN"],
  [C.EPOLLPRI, "PRI"],
  [C.EPOLLOUT, "OUT"],
  [C.EPOLLERR, "ERR"],
  [C.EPOLLHUP, "HUP"],
  [C.EPOLLRDHUP, "RDHUP"],
] as const;

const text = (events: number): string =>
  NAMES.filter(([bit]) => (events & bit) !== 0)
    .map(([, name]) => name)
    .join(" ");

function add(w: Ends, fd: number, events: number, data = BigInt(fd)): Shown {
  return show(w.a.sys.epollCtl(w.epoll, C.EPOLL_CTL_ADD, fd, { events: events >>> 0, data }));
}

function modify(w: Ends, fd: number, events: number): Shown {
  return show(w.a.sys.epollCtl(w.epoll, C.EPOLL_CTL_MOD, fd, { events: events >>> 0, data: 0n }));
}

/** What epoll_wait gives at once. */
function ready(w: Ends, most = 10): string[] {
  const events: EpollEvent[] = [];
  const got = show(w.a.sys.epollWait(w.epoll, events, most, 0));
  expect(got).toBe(events.length);
  return events.map(event => text(event.events));
}

/** What happens, and what a level-triggered, an edge-triggered and a one-shot item tell after it. */
const STEPS: ReadonlyArray<readonly [string, (w: Ends) => void, string, string, string]> = [
  ["nothing but the first look", () => {}, "OUT", "OUT", "OUT"],
  ["nothing", () => {}, "OUT", "", ""],
  ["text comes", w => w.b.send(w.server, 1_000), "IN OUT", "IN OUT", ""],
  ["nothing, with text waiting", () => {}, "IN OUT", "", ""],
  ["some of it is read", w => w.a.recv(w.client, 100), "IN OUT", "", ""],
  ["more text comes", w => w.b.send(w.server, 100), "IN OUT", "IN OUT", ""],
  ["all of it is read", w => w.a.recv(w.client, 9_999), "OUT", "", ""],
  ["we send, and it is acknowledged", w => w.a.send(w.client, 100), "OUT", "", ""],
  ["an urgent byte comes", w => w.b.send(w.server, "X", C.MSG_OOB), "PRI OUT", "PRI OUT", ""],
  ["it is read", w => w.a.recv(w.client, 1, C.MSG_OOB), "OUT", "", ""],
  [
    "the peer shuts down sending",
    w => w.b.sys.shutdown(w.server, C.SHUT_WR),
    "IN OUT RDHUP",
    "IN OUT RDHUP",
    "",
  ],
  ["the end is read", w => w.a.recv(w.client, 1), "IN OUT RDHUP", "", ""],
  [
    "we shut down too",
    w => w.a.sys.shutdown(w.client, C.SHUT_WR),
    "IN OUT HUP RDHUP",
    "IN OUT HUP RDHUP",
    "",
  ],
];

const ALL = C.EPOLLIN | C.EPOLLOUT | C.EPOLLPRI | C.EPOLLRDHUP;

describe("level, edge and one-shot after each event of a connection", () => {
  test.each([
    ["level-triggered", ALL, 2],
    ["edge-triggered", ALL | C.EPOLLET, 3],
    ["one-shot", ALL | C.EPOLLONESHOT, 4],
    ["one-shot and edge-triggered", ALL | C.EPOLLET | C.EPOLLONESHOT, 4],
  ] as const)("%s", (_kind, events, column) => {
    const w = ends();
    add(w, w.client, events);
    const told: Array<readonly [string, string]> = [];
    for (const [what, happens] of STEPS) {
      happens(w);
      w.pass();
      told.push([what, ready(w).join()]);
    }
    expect(told).toEqual(STEPS.map(step => [step[0], step[column]]));
  });

  test("a one-shot item is armed again by EPOLL_CTL_MOD, and looks at what there is", () => {
    const w = ends();
    add(w, w.client, C.EPOLLIN | C.EPOLLONESHOT);
    w.b.send(w.server, 10);
    w.pass();
    expect(ready(w)).toEqual(["IN"]);
    w.b.send(w.server, 10);
    w.pass();
    expect(ready(w)).toEqual([]);
    expect(modify(w, w.client, C.EPOLLIN | C.EPOLLONESHOT)).toBe(0);
    expect(ready(w)).toEqual(["IN"]);
  });

  test("EPOLL_CTL_MOD is an edge", () => {
    const w = ends();
    add(w, w.client, C.EPOLLOUT | C.EPOLLET);
    expect(ready(w)).toEqual(["OUT"]);
    expect(ready(w)).toEqual([]);
    modify(w, w.client, C.EPOLLOUT | C.EPOLLET);
    expect(ready(w)).toEqual(["OUT"]);
  });

  test("events that nobody asked for do not wake an edge-triggered item, ERR and HUP always do", () => {
    const w = ends();
    add(w, w.client, C.EPOLLOUT | C.EPOLLET);
    ready(w);
    w.b.send(w.server, 10);
    w.pass();
    expect(ready(w)).toEqual([]);
    w.b.linger(w.server, 0);
    w.b.sys.close(w.server);
    w.pass();
    expect(ready(w)).toEqual(["OUT ERR HUP"]);
  });

  test("a full socket becomes writable with an edge, when a third of its buffer is free", () => {
    const w = ends();
    add(w, w.client, C.EPOLLOUT | C.EPOLLET);
    expect(ready(w)).toEqual(["OUT"]);
    while (w.a.send(w.client, 100_000) !== "EAGAIN");
    expect(ready(w)).toEqual([]);
    let rounds = 0;
    while (ready(w).length === 0 && rounds++ < 200) {
      w.b.recv(w.server, 100_000);
      w.pass(0.05);
    }
    expect(rounds).toBeLessThan(200);
    expect(w.a.mask(w.client)).toBe("OUT");
  });

  test("shutting down is an edge, and so is the acknowledgment of the FIN (Linux 6.18)", () => {
    const w = ends();
    add(w, w.client, C.EPOLLOUT | C.EPOLLET);
    ready(w);
    w.a.sys.shutdown(w.client, C.SHUT_WR);
    expect([ready(w), ready(w)]).toEqual([["OUT"], []]);
    w.pass();
    expect([ready(w), ready(w)]).toEqual([["OUT"], []]);
  });

  test("a listening socket's edge comes with each connection", () => {
    const w = ends();
    const listener = w.a.listener(90);
    add(w, listener, C.EPOLLIN | C.EPOLLET);
    expect(ready(w)).toEqual([]);
    for (let i = 0; i < 2; i++) {
      w.b.connect(w.b.tcp(C.SOCK_NONBLOCK), inet("10.0.0.1", 90));
      w.pass();
      expect(ready(w)).toEqual(["IN"]);
      expect(ready(w)).toEqual([]);
    }
  });

  test("the first edge of a connecting socket is the connection, or its failure", () => {
    const w = ends();
    for (const [port, expected] of [
      [80, "OUT"],
      [81, "IN OUT ERR HUP RDHUP"],
    ] as const) {
      const fd = w.a.tcp(C.SOCK_NONBLOCK);
      w.a.connect(fd, inet(ADDRESS_B, port));
      add(w, fd, ALL | C.EPOLLET);
      expect(ready(w)).toEqual([]);
      w.pass();
      expect(ready(w)).toEqual([expected]);
      expect(ready(w)).toEqual([]);
    }
  });
});

describe("epoll_wait", () => {
  test("hands out at most as many as asked for, and those that had to wait first", () => {
    const w = ends();
    const fds = [0, 1, 2].map(() => w.a.udp());
    for (const fd of fds) add(w, fd, C.EPOLLOUT);
    const seen: bigint[] = [];
    for (let i = 0; i < 6; i++) {
      const events: EpollEvent[] = [];
      w.a.sys.epollWait(w.epoll, events, 2, 0);
      seen.push(...events.map(event => event.data));
    }
    expect(seen).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2].map(i => BigInt(fds[i] as number)));
  });

  test("waits for the first event, or until its time is over", async () => {
    const w = ends();
    add(w, w.client, C.EPOLLIN);
    const events: EpollEvent[] = [];
    const first = w.a.sys.epollWait(w.epoll, events, 10, -1);
    w.pass(1);
    w.b.send(w.server, 10);
    expect(await w.until(first)).toBe(1);
    expect(events).toEqual([{ events: C.EPOLLIN, data: BigInt(w.client) }]);
    w.a.recv(w.client);
    const start = w.time;
    expect(await w.until(w.a.sys.epollWait(w.epoll, events, 10, 1_500))).toBe(0);
    expect(w.time - start).toBeCloseTo(1.5, 3);
    expect(events).toEqual([]);
  });

  test("a wake-up that is for nothing goes on waiting", async () => {
    const w = ends();
    add(w, w.client, C.EPOLLIN);
    const outcome = w.a.sys.epollWait(w.epoll, [], 10, 2_000);
    const start = w.time;
    w.b.send(w.server, 10);
    w.a.sys.fcntl(w.client, C.F_SETFL, 0);
    const reader = w.a.sys.read(w.client, new Uint8Array(100));
    // Whoever waited first reads: with epoll first, it is told.
    expect(await w.until(outcome)).toBe(1);
    expect(await w.until(reader)).toBe(10);
    expect(w.time - start).toBeLessThan(0.1);
  });
});

describe("errors, as on Linux 6.18", () => {
  test("epoll_create, epoll_wait", () => {
    const { a } = new PosixWorld();
    const ep = a.sys.epollCreate(1).value;
    const fd = a.tcp();
    expect([show(a.sys.epollCreate(0)), show(a.sys.epollCreate(-1)), show(a.sys.epollCreate1(1))]).toEqual([
      "EINVAL",
      "EINVAL",
      "EINVAL",
    ]);
    const wait = (on: number, most: number): Shown => show(a.sys.epollWait(on, [], most, 0));
    expect([wait(ep, 0), wait(ep, -1), wait(fd, 1), wait(999, 1)]).toEqual([
      "EINVAL",
      "EINVAL",
      "EINVAL",
      "EBADF",
    ]);
    expect(show(a.sys.read(ep, new Uint8Array(1)))).toBe("EINVAL");
    expect(show(a.sys.write(ep, new Uint8Array(1)))).toBe("EINVAL");
    expect(a.recv(ep)).toBe("ENOTSOCK");
  });

  test("epoll_ctl", () => {
    const w = ends();
    const fd = w.a.tcp();
    const control = (operation: number, on: number, ep = w.epoll): Shown =>
      show(w.a.sys.epollCtl(ep, operation, on, { events: 1, data: 0n }));
    expect(control(C.EPOLL_CTL_MOD, fd)).toBe("ENOENT");
    expect(control(C.EPOLL_CTL_DEL, fd)).toBe("ENOENT");
    expect(control(C.EPOLL_CTL_ADD, fd)).toBe(0);
    expect(control(C.EPOLL_CTL_ADD, fd)).toBe("EEXIST");
    expect(control(9, fd)).toBe("EINVAL");
    expect(show(w.a.sys.epollCtl(w.epoll, C.EPOLL_CTL_MOD, fd, null))).toBe("EFAULT");
    expect(show(w.a.sys.epollCtl(w.epoll, C.EPOLL_CTL_DEL, fd, null))).toBe(0);
    expect(control(C.EPOLL_CTL_ADD, 999)).toBe("EBADF");
    expect(control(C.EPOLL_CTL_ADD, fd, 999)).toBe("EBADF");
    expect(control(C.EPOLL_CTL_ADD, w.epoll)).toBe("EINVAL");
    expect(control(C.EPOLL_CTL_ADD, w.epoll, fd)).toBe("EINVAL");
    expect(control(C.EPOLL_CTL_ADD, w.a.sys.openFile(new Uint8Array(1)).value)).toBe("EPERM");
  });

  test("epoll of epoll: readable when one of its own is; loops and long chains are ELOOP", () => {
    const w = ends();
    const [outer, third] = [w.a.sys.epollCreate1(0).value, w.a.sys.epollCreate1(0).value];
    const watch = (ep: number, fd: number): Shown =>
      show(w.a.sys.epollCtl(ep, C.EPOLL_CTL_ADD, fd, { events: C.EPOLLIN, data: 0n }));
    expect(watch(outer, w.epoll)).toBe(0);
    expect(watch(w.epoll, outer)).toBe("ELOOP");
    expect(watch(third, outer)).toBe(0);
    expect(watch(w.epoll, third)).toBe("ELOOP");
    add(w, w.client, C.EPOLLIN);
    expect(w.a.mask(third)).toBe("");
    w.b.send(w.server, 10);
    w.pass();
    expect(w.a.mask(third)).toBe("IN");
    let last = third;
    const chain = Array.from({ length: 6 }, () => {
      const next = w.a.sys.epollCreate1(0).value;
      const got = watch(next, last);
      last = next;
      return got;
    });
    expect(chain).toContain("ELOOP");
  });

  test("EPOLLEXCLUSIVE: only with ADD, with few other bits, and not on epoll", () => {
    const w = ends();
    const fd = w.a.tcp();
    add(w, fd, C.EPOLLOUT);
    expect(modify(w, fd, C.EPOLLIN | C.EPOLLEXCLUSIVE)).toBe("EINVAL");
    w.a.sys.epollCtl(w.epoll, C.EPOLL_CTL_DEL, fd, null);
    expect(add(w, fd, C.EPOLLIN | C.EPOLLEXCLUSIVE | C.EPOLLONESHOT)).toBe("EINVAL");
    expect(add(w, fd, C.EPOLLIN | C.EPOLLEXCLUSIVE | C.EPOLLRDHUP)).toBe("EINVAL");
    expect(add(w, w.a.sys.epollCreate1(0).value, C.EPOLLIN | C.EPOLLEXCLUSIVE)).toBe("EINVAL");
    expect(add(w, fd, C.EPOLLOUT | C.EPOLLEXCLUSIVE | C.EPOLLET)).toBe(0);
    expect(modify(w, fd, C.EPOLLOUT)).toBe("EINVAL");
    expect(ready(w)).toEqual(["OUT HUP"]);
  });
});

describe("what is watched is the file, not the descriptor", () => {
  test("it is forgotten with the last descriptor", () => {
    const w = ends();
    add(w, w.client, C.EPOLLOUT);
    const copy = w.a.sys.dup(w.client).value;
    w.a.sys.close(w.client);
    expect(ready(w)).toEqual(["OUT"]);
    w.a.sys.close(copy);
    expect(ready(w)).toEqual([]);
  });

  test("the same file under two descriptors is two items", () => {
    const w = ends();
    const copy = w.a.sys.dup(w.client).value;
    expect(add(w, w.client, C.EPOLLOUT)).toBe(0);
    expect(add(w, copy, C.EPOLLOUT)).toBe(0);
    expect(ready(w)).toEqual(["OUT", "OUT"]);
  });

  test("closing the epoll instance ends who waits for it, and lets go of what it watched", async () => {
    const w = ends();
    add(w, w.client, C.EPOLLIN);
    const outcome = w.a.sys.epollWait(w.epoll, [], 1, -1);
    w.a.sys.close(w.epoll);
    expect(await w.until(outcome)).toBe("EBADF");
    w.b.send(w.server, 10);
    w.pass();
    expect(w.a.recv(w.client)).toBe(10);
  });
});
