import { describe, expect, test } from "vitest";
import type { Bench } from "../../test/tcp/bench.ts";
import {
  closeWait,
  closing,
  established,
  FULL,
  finWait1,
  finWait2,
  lastAck,
  MODERN,
  simultaneouslyOpened,
  synSent,
  timeWait,
} from "../../test/tcp/fixtures.ts";
import { ack, fin, rst, synAck, text } from "../../test/tcp/segments.ts";
import { milliseconds, seconds } from "../base/time.ts";

describe("SEND: RFC 9293 §3.10.2", () => {
  test.each([
    ["ESTABLISHED", established, 101],
    ["CLOSE-WAIT", closeWait, 102],
  ] as const)("in %s the text goes out with an acknowledgment", (_state, fixture, rcvNxt) => {
    const { peer, user } = fixture();
    expect(user.sends("hello")).toBe(5);
    peer.expects(text("hello", { seq: 1, ack: rcvNxt }));
  });

  test.each([
    ["SYN-SENT", synSent],
    ["SYN-RECEIVED", simultaneouslyOpened],
  ] as const)("in %s it is queued until ESTABLISHED", (_state, fixture) => {
    const { peer, user } = fixture();
    user.sends("hello");
    peer.expectsNothing();
    peer.sends(synAck({ seq: 100, ack: 1 }));
    peer.expects(text("hello", { seq: 1, ack: 101 }));
  });

  test.each([
    ["FIN-WAIT-1", finWait1],
    ["FIN-WAIT-2", finWait2],
    ["CLOSING", closing],
    ["LAST-ACK", lastAck],
    ["TIME-WAIT", timeWait],
  ] as const)("in %s it is EPIPE, and nothing is writable", (_state, fixture) => {
    const { user, connection } = fixture();
    expect(user.fails(() => user.sends("x"))).toBe("EPIPE");
    expect(connection.isWritable).toBe(false);
  });

  test("after an orderly end, and after our own ABORT, it is EPIPE", () => {
    const over = lastAck();
    over.peer.sends(ack({ ack: 2 }));
    expect(over.user.fails(() => over.user.sends("x"))).toBe("EPIPE");
    const aborted = established();
    aborted.user.aborts();
    expect(aborted.user.fails(() => aborted.user.sends("x"))).toBe("EPIPE");
  });

  test("before the window is known, takes pieces of 64 KB as long as less than the limit is held", () => {
    const { user, connection } = synSent({ config: { sendBuffer: 70_000 } });
    expect(connection.isWritable).toBe(true);
    expect(user.sends(200_000)).toBe(2 * 44 * FULL);
    expect(user.sends("x")).toBe(0);
    expect(connection.isWritable).toBe(false);
  });

  test("takes a part of an array", () => {
    const { peer, connection, settle } = withSettle(established());
    connection.send(Uint8Array.from([1, 65, 66, 67, 2]), 1, 4);
    settle();
    peer.expects(text("ABC"));
  });

  test("nothing is no event", () => {
    const { peer, user } = established();
    expect(user.sends("")).toBe(0);
    peer.expectsNothing();
  });
});

describe("RECEIVE: RFC 9293 §3.10.3", () => {
  test("gives what there is, as much as is asked for", () => {
    const { peer, user, connection } = established();
    peer.sends(text("hello"));
    expect(user.reads(2)).toBe("he");
    expect(connection.readable).toBe(3);
    expect(user.reads()).toBe("llo");
    expect(user.reads()).toBe("");
  });

  test("what came before the end of the connection stays readable", () => {
    const reset = established();
    reset.peer.sends(text("hello"), rst());
    expect(reset.user.reads()).toBe("hello");
    const over = closeWait();
    expect(over.connection.isAtEnd).toBe(true);
    expect(over.user.reads()).toBe("");
  });
});

describe("STATUS: RFC 9293 §3.10.6", () => {
  test("tells the numbers of the connection", () => {
    const { peer, user, connection } = established({ offer: MODERN, rtt: 100 });
    user.sends(1_000);
    peer.sends(text("hello"));
    expect(connection.info()).toMatchObject({
      state: "ESTABLISHED",
      localAddress: "10.0.0.1",
      remoteAddress: "10.0.0.2",
      remotePort: 5_000,
      sendMss: 1_448,
      timestamps: true,
      sack: true,
      sendScale: 7,
      receiveScale: 10,
      srtt: 87_500,
      bytesSent: 1_000,
      bytesAcked: 1_000,
      bytesReceived: 5,
      receiveQueue: 5,
      sendQueue: 0,
      inFlight: 0,
      cwnd: 14_480,
      pathMtu: 1_500,
      congestionControl: "reno",
      recovery: "open",
      duration: 100_000,
      error: undefined,
    });
  });

  test("the duration ends with the connection", () => {
    const { peer, connection } = established();
    peer.advance(seconds(5));
    peer.sends(rst());
    peer.advance(seconds(5));
    expect(connection.info()).toMatchObject({ state: "CLOSED", duration: seconds(5), error: "ECONNRESET" });
  });
});

describe("a connection that is over", () => {
  test.each([
    ["TIME-WAIT", timeWait],
    ["CLOSED", closedByReset],
  ] as const)("in %s takes calls without effect", (state, fixture) => {
    const bench = fixture();
    const { connection, tcp, user, peer } = bench;
    const records = [...tcp.timeWaits()].length;
    connection.setNoDelay(true);
    connection.setKeepalive(true, seconds(1));
    connection.close();
    connection.release();
    connection.abort();
    bench.settleIfWoken();
    expect([...tcp.timeWaits()]).toHaveLength(records);
    expect(user.heard()).toEqual([]);
    expect(bench.state).toBe(state);
    peer.advance(seconds(30));
    peer.expectsNothing();
  });
});

describe("events", () => {
  test("who observes late hears what has happened", () => {
    const bench = synSent();
    bench.connection.observer = undefined;
    bench.peer.sends(synAck({ seq: 100, ack: 1, text: "hi" }));
    expect(bench.user.heard()).toEqual([]);
    bench.user.observes(bench.connection);
    bench.settleIfWoken();
    expect(bench.user.heard()).toEqual(["connected", "readable", "writable"]);
  });

  test("several of one burst become one call", () => {
    const { peer, connection } = established();
    const calls: number[] = [];
    connection.observe({ connectionEvent: (_connection, events) => calls.push(events) });
    peer.sendsBurst(text("a"), text("b"), fin());
    expect(calls).toHaveLength(1);
  });

  test("what an observer sends goes out with the acknowledgment of what it heard", () => {
    const { peer, connection } = established();
    connection.observe({ connectionEvent: () => void connection.send(Uint8Array.from([33])) });
    peer.sends(text("ping"));
    peer.expects(text("!", { ack: 105 }));
    peer.advance(milliseconds(100));
    peer.expectsNothing();
  });
});

function closedByReset(): Bench {
  const bench = established();
  bench.peer.sends(rst());
  bench.user.heard();
  return bench;
}

function withSettle(bench: Bench) {
  const { peer, user, connection } = bench;
  return { peer, user, connection, settle: () => bench.settleIfWoken() };
}
