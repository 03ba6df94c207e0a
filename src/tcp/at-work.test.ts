import { describe, expect, test } from "vitest";
import type { Bench } from "../../test/tcp/bench.ts";
import { established } from "../../test/tcp/fixtures.ts";
import { ack, rst, text } from "../../test/tcp/segments.ts";
import { type Instant, milliseconds, seconds } from "../base/time.ts";
import { AtWork, isQuiet } from "./at-work.ts";
import type { TcpConfig } from "./tcp-config.ts";
import type { TcpConnection } from "./tcp-connection.ts";

/** Checks make connections rest at once; here they rest as they do for users. */
function open(config: Partial<TcpConfig> = {}): Bench {
  return established({ config: { selfCheck: false, ...config } });
}

/** Some other event of the host's. */
function pumpAfter(bench: Bench, time: number): void {
  bench.advance(milliseconds(time));
  bench.tcp.pump();
}

describe("a connection rests", () => {
  test("when it has been silent for a while, not before", () => {
    const bench = open();
    pumpAfter(bench, 19);
    expect(bench.connection.isResting).toBe(false);
    pumpAfter(bench, 20);
    expect(bench.connection.isResting).toBe(true);
    expect(bench.tcp.atWork.count).toBe(0);
  });

  test("and has no timer then", () => {
    const bench = open();
    bench.user.sends("abc");
    bench.peer.takes();
    bench.peer.sends(ack({ ack: 4 }));
    pumpAfter(bench, 600);
    expect(bench.connection.isResting).toBe(true);
    expect(bench.connection.deadline).toBe(Number.POSITIVE_INFINITY);
    expect(bench.connection.isResting).toBe(true);
  });

  test("until a segment comes, which it answers as ever", () => {
    const bench = open();
    pumpAfter(bench, 600);
    expect(bench.connection.isResting).toBe(true);
    bench.peer.sends(text("hello", { seq: 101, ack: 1 }));
    expect(bench.connection.isResting).toBe(false);
    bench.advance(milliseconds(200));
    bench.peer.expects(ack({ seq: 1, ack: 106 }));
    expect(bench.tcp.atWork.count).toBe(1);
  });

  test("until the user calls; looking at it is no reason", () => {
    const bench = open();
    const before = bench.connection.info();
    pumpAfter(bench, 600);
    expect(bench.connection.info()).toEqual({ ...before, duration: expect.any(Number) });
    expect(bench.connection.isResting).toBe(true);
    bench.user.sends("abc");
    expect(bench.connection.isResting).toBe(false);
    bench.peer.expects(text("abc", { seq: 1, ack: 101 }));
  });

  test("but for its keepalive timer", () => {
    const bench = open({ keepalive: true, keepaliveTime: seconds(100) });
    pumpAfter(bench, 600);
    expect(bench.connection.isResting).toBe(true);
    bench.advance(seconds(100));
    bench.peer.expects(ack({ seq: 0, ack: 101 }));
  });
});

/** Stands for one of many that has nothing under way. */
function idle(rested: number[], number: number): TcpConnection {
  return {
    now: 0,
    isAtWork: false,
    isResting: false,
    isOver: false,
    state: "ESTABLISHED",
    isDirty: false,
    tcb: { outstanding: 0, snd: { nxt: 1 } },
    sendBuffer: { end: 1, length: 0 },
    recovery: { state: "open" },
    busyTime: { isIdle: true },
    receiveBuffer: { readable: 0, outOfOrder: { count: 0 }, isLent: false },
    sackReports: { isEmpty: true },
    delayedAck: { urgency: "none", isOwed: false },
    timers: { isAnyArmedButKeepalive: false },
    lastHeardAt: 0,
    lastSentAt: 0,
    rest: () => rested.push(number),
  } as unknown as TcpConnection;
}

describe("of many connections that take turns", () => {
  const NOW = 1 as Instant;

  test("a few stay at work, the oldest rest at once", () => {
    const [atWork, rested]: [AtWork, number[]] = [new AtWork(), []];
    for (let i = 0; i < 16; i++) atWork.add(idle(rested, i));
    atWork.rest(NOW, milliseconds(20));
    expect(rested).toEqual([]);
    for (let i = 16; i < 20; i++) {
      atWork.add(idle(rested, i));
      atWork.rest(NOW, milliseconds(20));
    }
    expect(rested).toEqual([0, 1, 2, 3]);
    expect(atWork.count).toBe(16);
  });

  test("two are looked at for each that comes, however many are busy, and none if none comes", () => {
    const atWork = new AtWork();
    let looks = 0;
    const newcomer = (): void =>
      atWork.add(Object.defineProperty(idle([], 0), "isDirty", { get: () => ++looks > 0 }));
    for (let i = 0; i < 40; i++) newcomer();
    atWork.rest(NOW, milliseconds(20));
    looks = 0;
    newcomer();
    atWork.rest(NOW, milliseconds(20));
    expect(looks).toBe(2);
    atWork.rest(NOW, milliseconds(20));
    expect(looks).toBe(2);
    expect(atWork.count).toBe(41);
  });
});

describe("a connection that is over", () => {
  test("rests at once, and can still be asked for what happened", () => {
    const bench = open();
    bench.user.sends("abc");
    bench.peer.takes();
    bench.peer.sends(ack({ ack: 4 }));
    bench.connection.abort();
    const before = bench.connection.info();
    bench.tcp.deliver();
    expect(bench.connection.isResting).toBe(true);
    expect(bench.connection.info()).toEqual(before);
    expect(bench.connection.tally.bytesSent).toBe(3);
    expect(bench.connection.isResting).toBe(false);
    pumpAfter(bench, 600);
    expect(bench.connection.isResting).toBe(true);
    expect(bench.tcp.atWork.count).toBe(0);
  });

  test("leaves its parts to the next one, which has nothing of its own of them", () => {
    const bench = open();
    bench.user.sends("abc");
    bench.peer.takes();
    bench.peer.sends(ack({ ack: 4 }));
    const { tally } = bench.connection;
    bench.connection.abort();
    bench.tcp.deliver();
    const { config, remote } = bench.connection;
    const next = bench.tcp.connect({ remote, remotePort: 4_711 });
    expect(next.config).toBe(config);
    expect(next.tally).toBe(tally);
    expect(next.tally.bytesSent).toBe(0);
  });
});

describe("a connection does not rest", () => {
  test("while text is unacknowledged, or unread", () => {
    const bench = open();
    bench.user.sends("abc");
    expect(isQuiet(bench.connection)).toBe(false);
    bench.peer.takes();
    bench.peer.sends(ack({ ack: 4 }));
    expect(isQuiet(bench.connection)).toBe(true);
    bench.peer.sends(text("hello", { seq: 101, ack: 4 }));
    pumpAfter(bench, 600);
    expect(isQuiet(bench.connection)).toBe(false);
    bench.connection.receive(new Uint8Array(10));
    expect(isQuiet(bench.connection)).toBe(true);
  });

  test("once it is over and has not been read to its end", () => {
    const bench = open();
    bench.peer.sends(text("hello", { seq: 101, ack: 1 }));
    bench.peer.sends(rst({ seq: 106 }));
    pumpAfter(bench, 600);
    expect(bench.connection.isOver).toBe(true);
    expect(bench.connection.isResting).toBe(false);
    expect(bench.connection.receive(new Uint8Array(10))).toBe(5);
  });
});
