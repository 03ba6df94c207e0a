import { describe, expect, test } from "vitest";
import { ADDRESSES, Bench, type BenchOptions, type BenchPath } from "../../../test/tcp/bench.ts";
import { HOST_PORT } from "../../../test/tcp/peer.ts";
import { ack, fin, rst, rstAck, type SegmentFields, syn, synAck, text } from "../../../test/tcp/segments.ts";
import { milliseconds, seconds } from "../../base/time.ts";
import { FAST_OPEN } from "../handshake/fast-open/modes.ts";
import type { ConnectOptions } from "../tcp.ts";
import type { TcpConfig } from "../tcp-config.ts";

const COOKIE = "00112233aabbccdd";
const MSS = { mss: 1_460 };
const HOUR = seconds(3_600);
let nextPort = 40_000;

/** Opens with Fast Open; `content` is given at once. */
function connects(
  bench: Bench,
  content: string | number = "",
  how: ConnectOptions["fastOpen"] = "at-once",
): void {
  nextPort++;
  bench.peer.port = HOST_PORT;
  bench.peer.nxt = 100;
  bench.peer.seen = 0;
  bench.connection = bench.tcp.connect({
    remote: ADDRESSES[bench.family].peer,
    remotePort: HOST_PORT,
    localPort: nextPort,
    fastOpen: how,
  });
  bench.user.observes(bench.connection);
  if (content !== "") bench.user.sends(content);
  bench.settle();
}

/** A host that has been given a cookie. */
function knowing(
  config: Partial<TcpConfig> = {},
  options: BenchOptions = {},
  answer: SegmentFields = {},
): Bench {
  const bench = new Bench({ ...options, config });
  connects(bench);
  bench.peer.expects(syn({ seq: 0, text: "", fastOpen: "" }));
  bench.peer.sends(synAck({ seq: 100, ack: 1, ...MSS, fastOpen: COOKIE, ...answer }));
  bench.user.aborts();
  bench.peer.takes();
  bench.user.heard();
  return bench;
}

describe("the client's SYN: RFC 7413 §4.2.2", () => {
  test("asks for a cookie of a server that it does not know, and keeps the text for later", () => {
    const bench = new Bench();
    connects(bench, "hello");
    bench.peer.expects(syn({ seq: 0, text: "", fastOpen: "", fastOpenExperimental: false }));
    bench.peer.sends(synAck({ seq: 100, ack: 1, ...MSS, fastOpen: COOKIE }));
    bench.peer.expects(text("hello", { seq: 1, ack: 101, psh: true }));
    expect(bench.connection.fastOpen).toMatchObject({ tookText: false, failure: "no-cookie" });
  });

  test("shows the cookie and carries the text, which the SYN-ACK acknowledges", () => {
    const bench = knowing();
    connects(bench, "hello");
    bench.peer.expects(syn({ seq: 0, text: "hello", fastOpen: COOKIE, psh: false }));
    bench.peer.sends(synAck({ seq: 100, ack: 6, ...MSS }));
    bench.peer.expects(ack({ seq: 6, ack: 101 }));
    expect(bench.state).toBe("ESTABLISHED");
    expect(bench.connection.fastOpen).toMatchObject({ tookText: true, failure: "none" });
    expect(bench.connection.queue.segments).toBe(0);
    expect(bench.tcp.context.counters.fastOpenActives).toBe(1);
    expect(bench.peer.streamText).toBe("hello");
  });

  test("over IPv6", () => {
    const bench = knowing({}, { family: 6 });
    connects(bench, 2_000);
    bench.peer.expects(syn({ seq: 0, text: 1_400, fastOpen: COOKIE }));
  });

  test("takes as much as the server's last MSS has room for beside 40 bytes of options", () => {
    const bench = knowing({}, {}, { mss: 940 });
    connects(bench, 2_000);
    bench.peer.expects(syn({ seq: 0, text: 900, fastOpen: COOKIE }));
    bench.peer.sends(synAck({ seq: 100, ack: 901, ...MSS }));
    bench.peer.expects(text(1_100, { seq: 901, ack: 101 }));
  });

  test("fits the longest cookie beside all other options", () => {
    const longest = "00112233445566778899aabbccddeeff";
    const bench = knowing({}, {}, { fastOpen: longest });
    connects(bench, 2_000);
    bench.peer.expects(syn({ text: 1_420, fastOpen: longest, sackPermitted: true, mss: 1_460 }));
  });

  test("carries text without a cookie where the configuration does without", () => {
    const bench = new Bench({ config: { fastOpen: FAST_OPEN.client | FAST_OPEN.clientWithoutCookie } });
    connects(bench, "hello");
    bench.peer.expects(syn({ seq: 0, text: "hello", fastOpen: "none" }));
    // A cookie that nobody asked for is not kept.
    bench.peer.sends(synAck({ seq: 100, ack: 6, mss: 900, fastOpen: COOKIE }));
    const server = bench.tcp.fastOpen.cookies.lookup(bench.connection.local, bench.connection.remote);
    expect(server).toMatchObject({ mss: 900, cookie: undefined });
  });

  test("without the client's bit it is a SYN as any other", () => {
    const bench = new Bench({ config: { fastOpen: FAST_OPEN.server } });
    connects(bench, "hello");
    bench.peer.expects(syn({ seq: 0, text: "", fastOpen: "none" }));
  });

  test("waits for the first text, if there is a cookie and the user says so", () => {
    const bench = knowing();
    connects(bench, "", "on-first-text");
    bench.peer.expectsNothing();
    expect(bench.connection.state).toBe("SYN-SENT");
    bench.peer.advance(seconds(10));
    bench.peer.expectsNothing();
    bench.user.sends("hello");
    bench.peer.expects(syn({ seq: 0, text: "hello", fastOpen: COOKIE }));
    const unknown = new Bench();
    connects(unknown, "", "on-first-text");
    unknown.peer.expects(syn({ seq: 0, fastOpen: "" }));
  });
});

describe("the answer to it: RFC 7413 §4.2.2", () => {
  test("a SYN-ACK that acknowledges only the SYN: the text goes out again at once", () => {
    const bench = knowing();
    connects(bench, "hello");
    bench.peer.takes();
    bench.peer.sends(synAck({ seq: 100, ack: 1, ...MSS }));
    bench.peer.expects(text("hello", { seq: 1, ack: 101, psh: true }));
    expect(bench.connection.fastOpen).toMatchObject({ tookText: false, failure: "text-not-acknowledged" });
    expect(bench.tcp.context.counters.fastOpenActiveFails).toBe(1);
    // Nothing was lost: the congestion window stays.
    expect(bench.connection.congestion.cwnd).toBeGreaterThanOrEqual(10 * 1_460);
    bench.peer.sends(ack({ ack: 6 }));
    expect(bench.connection.queue.segments).toBe(0);
  });

  test("one that acknowledges a part: the rest goes out again, in segments of the server's MSS", () => {
    const bench = knowing();
    connects(bench, 1_420);
    bench.peer.takes();
    bench.peer.sends(synAck({ seq: 100, ack: 101, mss: 1_000 }));
    bench.peer.expects(text(1_000, { seq: 101 }));
    bench.peer.expects(text(320, { seq: 1_101, psh: true }));
    expect(bench.connection.fastOpen?.tookText).toBe(false);
  });

  test("one that acknowledges more than was sent is answered with RST, and remembered for nothing", () => {
    const bench = knowing();
    connects(bench, "hello");
    bench.peer.takes();
    bench.peer.sends(synAck({ seq: 100, ack: 7, mss: 500, fastOpen: "ffffffff" }));
    bench.peer.expects(rst({ seq: 7 }));
    const server = bench.tcp.fastOpen.cookies.lookup(bench.connection.local, bench.connection.remote);
    expect(server?.mss).toBe(1_460);
  });

  test("a new cookie takes the place of the old one", () => {
    const bench = knowing();
    connects(bench, "hello");
    bench.peer.takes();
    bench.peer.sends(synAck({ seq: 100, ack: 1, ...MSS, fastOpen: "ffffffffffffffff" }));
    bench.peer.takes();
    connects(bench, "hello");
    bench.peer.expects(syn({ text: "hello", fastOpen: "ffffffffffffffff" }));
  });

  test("text and FIN of the SYN-ACK are taken", () => {
    const bench = knowing();
    connects(bench, "hello");
    bench.peer.takes();
    bench.peer.sends({ ...synAck({ seq: 100, ack: 6, ...MSS, text: "answer" }), flags: "SAF" });
    bench.peer.expects(ack({ ack: 108 }));
    expect(bench.user.reads()).toBe("answer");
    expect(bench.state).toBe("CLOSE-WAIT");
  });

  test("a SYN that is sent again has no option and no text; the text follows the handshake", () => {
    const bench = knowing();
    connects(bench, "hello");
    bench.peer.expects(syn({ text: "hello", fastOpen: COOKIE }));
    for (let i = 0; i < 2; i++) {
      bench.peer.advance(seconds(1));
      bench.peer.expects(syn({ seq: 0, text: "", fastOpen: "none" }));
    }
    bench.peer.sends(synAck({ seq: 100, ack: 1, ...MSS }));
    bench.peer.expects(text("hello", { seq: 1 }));
    expect(bench.connection.fastOpen).toMatchObject({ failure: "syn-retransmitted" });
  });

  test("a late SYN-ACK may still acknowledge the text of the first SYN", () => {
    const bench = knowing();
    connects(bench, "hello");
    bench.peer.advance(seconds(1));
    bench.peer.takes();
    bench.peer.sends(synAck({ seq: 100, ack: 6, ...MSS }));
    bench.peer.expects(ack({ seq: 6 }));
    expect(bench.connection.fastOpen?.tookText).toBe(true);
  });

  test("a request that is not answered is made in the experimental option next time, and only once", () => {
    const bench = new Bench();
    for (const fastOpenExperimental of [false, true, false, false]) {
      connects(bench, "hello");
      bench.peer.expects(syn({ text: "", fastOpen: "", fastOpenExperimental }));
      bench.peer.sends(synAck({ seq: 100, ack: 1, ...MSS }));
      bench.user.aborts();
      bench.peer.takes();
    }
  });

  test("a cookie that came in the experimental option is shown in it", () => {
    const bench = knowing({}, {}, { fastOpenExperimental: true });
    connects(bench, "hello");
    bench.peer.expects(syn({ text: "hello", fastOpen: COOKIE, fastOpenExperimental: true }));
  });

  test("a refusal is ECONNREFUSED", () => {
    const bench = knowing();
    connects(bench, "hello");
    bench.peer.takes();
    bench.peer.sends(rstAck({ seq: 0, ack: 6 }));
    expect(bench.connection.error).toBe("ECONNREFUSED");
  });

  test("a path that takes less: the SYN goes out again at once without text, then the text in pieces", () => {
    const bench = knowing();
    connects(bench, 1_420);
    bench.peer.takes();
    (bench.path as BenchPath).mtu = 840;
    bench.tcp.pumpLater(bench.connection);
    bench.settle();
    bench.peer.expects(syn({ seq: 0, text: "", mss: 800, fastOpen: "none" }));
    bench.peer.expectsNothing();
    bench.peer.sends(synAck({ seq: 100, ack: 1, ...MSS }));
    bench.peer.expects(text(800, { seq: 1 }));
    bench.peer.expects(text(620, { seq: 801 }));
  });

  test("both ends send SYNs with text: neither takes the other's, and both SYN-ACKs acknowledge the SYN", () => {
    const bench = knowing();
    connects(bench, "hello");
    bench.peer.takes();
    bench.peer.sends(syn({ seq: 100, text: "other", fastOpen: COOKIE, ...MSS }));
    bench.peer.expects(synAck({ seq: 0, ack: 101, text: "", fastOpen: "none" }));
    bench.peer.sends(synAck({ seq: 100, ack: 6 }));
    expect(bench.state).toBe("ESTABLISHED");
    bench.peer.takes();
    bench.peer.sends(text("other", { seq: 101, ack: 6 }));
    expect(bench.user.reads()).toBe("other");
  });
});

describe("signs of a middlebox that swallows Fast Open: RFC 7413 §7.1", () => {
  const watching = { fastOpenBlackholeTimeout: HOUR };

  /** Whether the next connection leaves Fast Open alone. */
  function isPaused(bench: Bench): boolean {
    bench.peer.takes();
    connects(bench, "hello");
    const [seen] = bench.peer.takes();
    bench.user.aborts();
    return seen?.fastOpen === undefined && seen?.bytes.length === 0;
  }

  test("three timeouts in a row of a SYN; the pause is over after the configured time", () => {
    const bench = knowing(watching);
    connects(bench, "hello");
    bench.peer.advance(seconds(2.5));
    expect(bench.tcp.context.counters.fastOpenBlackholes).toBe(0);
    bench.peer.advance(seconds(1));
    expect(bench.tcp.context.counters.fastOpenBlackholes).toBe(1);
    expect(isPaused(bench)).toBe(true);
    bench.peer.advance(HOUR);
    expect(isPaused(bench)).toBe(false);
  });

  test("three timeouts in a row of text after the handshake", () => {
    const bench = knowing(watching);
    connects(bench, "hello");
    bench.peer.takes();
    bench.peer.sends(synAck({ seq: 100, ack: 6, ...MSS }));
    bench.user.sends("more");
    bench.peer.advance(seconds(10));
    expect(bench.tcp.context.counters.fastOpenBlackholes).toBe(1);
    expect(isPaused(bench)).toBe(true);
  });

  test("a SYN that is given up sooner", () => {
    const bench = knowing({ ...watching, synRetries: 1 });
    connects(bench, "hello");
    bench.peer.advance(seconds(10));
    expect(bench.connection.error).toBe("ETIMEDOUT");
    expect(isPaused(bench)).toBe(true);
  });

  test("a FIN behind a hole is all that ever comes", () => {
    const bench = knowing(watching);
    connects(bench, "hello");
    bench.peer.takes();
    bench.peer.sends(synAck({ seq: 100, ack: 6, ...MSS }));
    bench.peer.sends(fin({ seq: 600 }));
    bench.user.aborts();
    expect(isPaused(bench)).toBe(true);
  });

  test("a reset behind a hole", () => {
    const bench = knowing(watching);
    connects(bench, "hello");
    bench.peer.takes();
    bench.peer.sends(synAck({ seq: 100, ack: 6, ...MSS }));
    bench.peer.sends(rst({ seq: 600 }));
    expect(bench.state).toBe("ESTABLISHED");
    expect(isPaused(bench)).toBe(true);
  });

  test("are none after text has come, and none where the time is 0", () => {
    const bench = knowing(watching);
    connects(bench, "hello");
    bench.peer.sends(synAck({ seq: 100, ack: 6, ...MSS }));
    bench.peer.sends(text("answer", { seq: 101 }), rst({ seq: 600 }), fin({ seq: 700 }));
    bench.user.aborts();
    expect(isPaused(bench)).toBe(false);
    const off = knowing();
    connects(off, "hello");
    off.peer.advance(seconds(10));
    expect(off.tcp.context.counters.fastOpenBlackholes).toBe(0);
    expect(isPaused(off)).toBe(false);
  });

  test("are refuted by a connection after the pause whose text comes through", () => {
    const bench = knowing(watching);
    connects(bench, "hello");
    bench.peer.advance(seconds(10));
    bench.user.aborts();
    bench.peer.advance(HOUR);
    bench.peer.takes();
    connects(bench, "hello");
    bench.peer.expects(syn({ text: "hello", fastOpen: COOKIE }));
    bench.peer.sends(synAck({ seq: 100, ack: 6, ...MSS }));
    bench.peer.sends(text("answer", { seq: 101 }));
    expect(bench.tcp.fastOpen.blackhole.isSuspicious).toBe(true);
    bench.user.aborts();
    expect(bench.tcp.fastOpen.blackhole.isSuspicious).toBe(false);
  });

  test("an ordinary connection says nothing of Fast Open", () => {
    const bench = new Bench({ config: watching });
    bench.peer.port = HOST_PORT;
    bench.connection = bench.tcp.connect({ remote: ADDRESSES[4].peer, remotePort: HOST_PORT });
    bench.settle();
    bench.peer.advance(milliseconds(20_000));
    expect(bench.tcp.context.counters.fastOpenBlackholes).toBe(0);
  });
});
