import { describe, expect, test } from "vitest";
import type { Bench } from "../../test/tcp/bench.ts";
import { established } from "../../test/tcp/fixtures.ts";
import { ack, rst, text } from "../../test/tcp/segments.ts";
import { milliseconds, seconds } from "../base/time.ts";
import { isQuiet } from "./at-work.ts";
import type { TcpConfig } from "./tcp-config.ts";

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
