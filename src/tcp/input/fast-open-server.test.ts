import { describe, expect, test } from "vitest";
import { ADDRESSES, Bench, type BenchOptions } from "../../../test/tcp/bench.ts";
import { HOST_PORT } from "../../../test/tcp/peer.ts";
import { ack, fin, rst, rstAck, syn, synAck, text, unhex } from "../../../test/tcp/segments.ts";
import { hex } from "../../base/bytes.ts";
import { milliseconds, seconds } from "../../base/time.ts";
import { FAST_OPEN } from "../handshake/fast-open/modes.ts";
import { FastOpenKeys } from "../handshake/fast-open/server-keys.ts";
import type { TcpConfig } from "../tcp-config.ts";

const KEY = unhex("a1a1a1a1b2b2b2b2c3c3c3c3d4d4d4d4");
const OLD_KEY = unhex("000102030405060708090a0b0c0d0e0f");
const MSS = { mss: 1_460 };

function cookie(key = KEY, family: 4 | 6 = 4): string {
  const { peer, host } = ADDRESSES[family];
  return hex(new FastOpenKeys(key).cookieFor(peer, host));
}

interface Options extends BenchOptions {
  readonly limit?: number;
  readonly backlog?: number;
}

/** A host that listens with Fast Open. */
function listens(config: Partial<TcpConfig> = {}, options: Options = {}): Bench {
  const settings = { fastOpen: FAST_OPEN.server, fastOpenKey: KEY, ...config };
  const bench = new Bench({ ...options, config: settings });
  const { limit = 8, backlog = 16 } = options;
  bench.listener = bench.tcp.listen({ port: HOST_PORT, fastOpen: limit, backlog });
  return bench;
}

/** The user accepts what waits. */
function accepts(bench: Bench): void {
  const connection = bench.listener?.accept();
  if (connection === undefined) throw new Error("nothing to accept");
  bench.connection = connection;
  bench.user.observes(connection);
  bench.settleIfWoken();
}

/** After a SYN with a good cookie and text, which has been accepted. */
function opened(
  config: Partial<TcpConfig> = {},
  content: string | number = "hello",
  options: Options = {},
): Bench {
  const bench = listens(config, options);
  bench.peer.sends(syn({ seq: 100, text: content, fastOpen: cookie(), ...MSS }));
  accepts(bench);
  return bench;
}

describe("a SYN at a listener with Fast Open: RFC 7413 §4.2.2", () => {
  test("with a good cookie opens at once, and its text is readable before the handshake is complete", () => {
    const bench = opened();
    bench.peer.expects(synAck({ seq: 0, ack: 106, fastOpen: "none" }));
    expect(bench.state).toBe("SYN-RECEIVED");
    expect(bench.user.reads()).toBe("hello");
    bench.peer.sends(ack({ ack: 1 }));
    expect(bench.state).toBe("ESTABLISHED");
    expect(bench.user.heard()).toEqual(["readable", "connected", "writable"]);
    expect(bench.tcp.context.counters).toMatchObject({ fastOpenPassives: 1, passiveOpens: 1 });
    expect(bench.states).toEqual(["SYN-RECEIVED", "ESTABLISHED"]);
  });

  test("over IPv6, and in the experimental option, which the answer uses too", () => {
    const v6 = listens({}, { family: 6 });
    v6.peer.sends(
      syn({ seq: 100, text: "hi", fastOpen: cookie(KEY, 6), fastOpenExperimental: true, ...MSS }),
    );
    v6.peer.expects(synAck({ seq: 0, ack: 103 }));
    const asking = listens({}, { family: 6 });
    asking.peer.sends(syn({ seq: 100, fastOpen: "", fastOpenExperimental: true, ...MSS }));
    asking.peer.expects(synAck({ ack: 101, fastOpen: cookie(KEY, 6), fastOpenExperimental: true }));
  });

  test("a request is given the cookie, once, and the text is not taken", () => {
    const bench = listens();
    bench.peer.sends(syn({ seq: 100, text: "hello", fastOpen: "", ...MSS }));
    bench.peer.expects(synAck({ seq: 0, ack: 101, fastOpen: cookie() }));
    bench.peer.advance(seconds(1));
    bench.peer.expects(synAck({ seq: 0, ack: 101, fastOpen: "none" }));
    expect(bench.tcp.context.counters).toMatchObject({ fastOpenCookieRequests: 1, fastOpenPassives: 0 });
  });

  test.each(["ffffffffffffffff", "00112233", "3021b9d889017eeb00"])(
    "the bad cookie %s is answered with the right one, and the text is not taken",
    shown => {
      const bench = listens();
      bench.peer.sends(syn({ seq: 100, text: "hello", fastOpen: shown, ...MSS }));
      const isCookie = shown.length % 4 === 0;
      bench.peer.expects(synAck({ seq: 0, ack: 101, fastOpen: isCookie ? cookie() : "none" }));
      expect(bench.tcp.context.counters.fastOpenPassiveFails).toBe(isCookie ? 1 : 0);
      expect(bench.listener?.waiting).toBe(0);
    },
  );

  test("a cookie of the backup key opens, and a new one comes with the first SYN-ACK", () => {
    const bench = listens({ fastOpenKey: Uint8Array.of(...KEY, ...OLD_KEY) });
    bench.peer.sends(syn({ seq: 100, text: "hello", fastOpen: cookie(OLD_KEY), ...MSS }));
    bench.peer.expects(synAck({ ack: 106, fastOpen: cookie() }));
    bench.peer.advance(seconds(1));
    bench.peer.expects(synAck({ ack: 106, fastOpen: "none" }));
    expect(bench.tcp.context.counters.fastOpenPassiveAlternateKeys).toBe(1);
  });

  test("text without a cookie opens where the configuration, or the listener, does without", () => {
    const host = listens({ fastOpen: FAST_OPEN.server | FAST_OPEN.serverWithoutCookie });
    host.peer.sends(syn({ seq: 100, text: "hello", ...MSS }));
    host.peer.expects(synAck({ ack: 106 }));
    const own = listens();
    if (own.listener?.fastOpen !== undefined) own.listener.fastOpen.withoutCookie = true;
    own.peer.sends(syn({ seq: 100, text: "hello", ...MSS }));
    own.peer.expects(synAck({ ack: 106 }));
    const strict = listens();
    strict.peer.sends(syn({ seq: 100, text: "hello", ...MSS }));
    strict.peer.expects(synAck({ ack: 101, fastOpen: "none" }));
  });

  test("a cookie without text opens too, so that the server may speak first", () => {
    const bench = opened({}, "");
    bench.peer.expects(synAck({ seq: 0, ack: 101 }));
    bench.user.sends("welcome");
    bench.peer.expects(text("welcome", { seq: 1, ack: 101 }));
    expect(bench.connection.fastOpen?.tookText).toBe(false);
  });

  test("without the server's bit, or with a limit of 0, it opens as any other", () => {
    for (const bench of [listens({ fastOpen: FAST_OPEN.client }), listens({}, { limit: 0 })]) {
      bench.peer.sends(syn({ seq: 100, text: "hello", fastOpen: cookie(), ...MSS }));
      bench.peer.expects(synAck({ ack: 101, fastOpen: "none" }));
      expect(bench.listener?.waiting).toBe(0);
    }
  });

  test("with the bit for every listener its backlog is the limit", () => {
    const bench = new Bench({
      config: { fastOpen: FAST_OPEN.server | FAST_OPEN.everyListener, fastOpenKey: KEY },
    });
    const listener = bench.tcp.listen({ port: HOST_PORT, backlog: 3 });
    expect(listener.fastOpen?.limit).toBe(3);
  });

  test("beyond the limit SYNs open as without Fast Open; a completed handshake makes room", () => {
    const bench = listens({}, { limit: 1 });
    bench.peer.sends(syn({ seq: 100, text: "one", fastOpen: cookie(), ...MSS }));
    bench.peer.expects(synAck({ ack: 104 }));
    bench.peer.port = 5_001;
    bench.peer.sends(syn({ seq: 100, text: "two", fastOpen: cookie(), ...MSS }));
    bench.peer.expects(synAck({ ack: 101, fastOpen: "none" }));
    expect(bench.tcp.context.counters.fastOpenListenOverflows).toBe(1);
    bench.peer.port = 5_000;
    bench.peer.sends(ack({ seq: 104, ack: 1 }));
    bench.peer.port = 5_002;
    bench.peer.sends(syn({ seq: 100, text: "three", fastOpen: cookie(), ...MSS }));
    bench.peer.expects(synAck({ ack: 106 }));
  });

  test("a full accept queue takes no SYN, whatever it shows", () => {
    const bench = listens({}, { backlog: 0 });
    bench.peer.sends(syn({ seq: 100, text: "one", fastOpen: cookie(), ...MSS }));
    bench.peer.expects(synAck({ ack: 104 }));
    bench.peer.port = 5_001;
    expect(bench.peer.sends(syn({ seq: 100, text: "two", fastOpen: cookie(), ...MSS }))).toBe(
      "tcp-accept-queue-full",
    );
  });
});

describe("a Fast Open request in SYN-RECEIVED", () => {
  test("may be answered before the client has acknowledged anything", () => {
    const bench = opened();
    bench.peer.expects(synAck({ ack: 106 }));
    bench.user.sends("answer");
    bench.peer.expects(text("answer", { seq: 1, ack: 106 }));
    bench.peer.sends(ack({ ack: 7 }));
    expect(bench.state).toBe("ESTABLISHED");
    expect(bench.connection.queue.segments).toBe(0);
  });

  test("sends no more than the SYN's window, which is never scaled (RFC 7323 §2.2)", () => {
    const bench = listens();
    const offer = { ...MSS, windowScale: 7, window: 2_000 };
    bench.peer.sends(syn({ seq: 100, text: "hello", fastOpen: cookie(), ...offer }));
    accepts(bench);
    bench.peer.takes();
    bench.user.sends(10_000);
    expect(bench.connection.tcb.outstanding).toBeLessThanOrEqual(2_001);
    bench.peer.sends(ack({ ack: 1, window: 2_000 }));
    expect(bench.connection.tcb.snd.wnd).toBe(2_000 << 7);
    expect(bench.connection.tcb.outstanding).toBeGreaterThan(2_001);
  });

  test("repeats the SYN-ACK alone, once more than other SYN-ACKs, and then ends with ETIMEDOUT", () => {
    const bench = opened({ synAckRetries: 2 });
    bench.peer.expects(synAck({ ack: 106 }));
    bench.user.sends("answer");
    bench.peer.takes();
    for (const wait of [1, 2, 4]) {
      bench.peer.advance(seconds(wait));
      bench.peer.expects(synAck({ seq: 0, ack: 106, text: "" }));
      bench.peer.expectsNothing();
    }
    bench.peer.advance(seconds(8));
    expect(bench.state).toBe("CLOSED");
    expect(bench.connection.error).toBe("ETIMEDOUT");
    expect(bench.user.reads()).toBe("hello");
    expect(bench.listener?.fastOpen?.count).toBe(0);
  });

  test("the client's repeated SYN is answered with the same SYN-ACK, at most twice a second", () => {
    const bench = opened();
    const first = bench.peer.expects(synAck({ ack: 106 }));
    bench.peer.advance(milliseconds(600));
    bench.peer.sends(syn({ seq: 100, ...MSS }), syn({ seq: 100, ...MSS }));
    bench.peer.expects(synAck({ seq: first.seq, ack: 106, fastOpen: "none" }));
    bench.peer.expectsNothing();
    expect(bench.user.reads()).toBe("hello");
  });

  test("text that goes on after the SYN's completes the handshake", () => {
    const bench = opened();
    bench.peer.expects(synAck({ ack: 106 }));
    bench.peer.sends(text(" world", { seq: 106, ack: 1 }));
    expect(bench.state).toBe("ESTABLISHED");
    expect(bench.user.reads()).toBe("hello world");
  });

  test("RST at RCV.NXT ends it with ECONNRESET; what it brought is still to be read", () => {
    const bench = opened();
    bench.peer.expects(synAck({ ack: 106 }));
    bench.peer.sends(rst({ seq: 106 }));
    expect(bench.state).toBe("CLOSED");
    expect(bench.connection.error).toBe("ECONNRESET");
    expect(bench.user.reads()).toBe("hello");
    bench.peer.expectsNothing();
  });

  test("RST after it was accepted keeps its place for a minute: whoever forges addresses gains nothing", () => {
    const bench = opened({}, "hello", { limit: 1 });
    bench.peer.takes();
    bench.peer.sends(rst({ seq: 106 }));
    const again = (port: number): void => {
      bench.peer.port = port;
      bench.peer.sends(syn({ seq: 100, text: "hello", fastOpen: cookie(), ...MSS }));
    };
    again(5_001);
    bench.peer.expects(synAck({ ack: 101 }));
    bench.peer.sends(rst({ seq: 101 }));
    bench.peer.advance(seconds(60));
    again(5_002);
    bench.peer.expects(synAck({ ack: 106 }));
  });

  test("a RST elsewhere in the window is challenged (RFC 5961 §3.2)", () => {
    const bench = opened();
    bench.peer.expects(synAck({ ack: 106 }));
    bench.peer.sends(rst({ seq: 110 }));
    bench.peer.expects(ack({ seq: 1, ack: 106 }));
    expect(bench.state).toBe("SYN-RECEIVED");
  });

  test("the listener's end resets what nobody accepted", () => {
    const bench = listens();
    bench.peer.sends(syn({ seq: 100, text: "hello", fastOpen: cookie(), ...MSS }));
    bench.peer.expects(synAck({ ack: 106 }));
    if (bench.listener !== undefined) bench.tcp.closeListener(bench.listener);
    bench.peer.expects(rstAck({ seq: 1, ack: 106 }));
    expect(bench.state).toBe("CLOSED");
  });

  test("a path that takes less: the answer goes out again at once, in pieces", () => {
    const bench = opened();
    bench.peer.takes();
    bench.user.sends(1_400);
    bench.peer.expects(text(1_400, { seq: 1 }));
    bench.path.mtu = 840;
    bench.tcp.pumpLater(bench.connection);
    bench.settle();
    bench.peer.expects(text(800, { seq: 1 }));
    bench.peer.expects(text(600, { seq: 801 }));
  });

  test("a close does not wait for the handshake: text and FIN follow the SYN-ACK", () => {
    const bench = opened();
    bench.user.reads();
    bench.peer.takes();
    bench.user.sends("bye");
    bench.user.releases();
    bench.peer.expects(text("bye", { seq: 1, ack: 106 }));
    bench.peer.expects(fin({ seq: 4, ack: 106 }));
    expect(bench.state).toBe("FIN-WAIT-1");
    expect(bench.listener?.fastOpen?.count).toBe(1);
    // Before the handshake is complete nothing goes out again but the SYN-ACK.
    bench.peer.advance(seconds(1));
    bench.peer.expects(synAck({ seq: 0, ack: 106 }));
    bench.peer.expectsNothing();
    bench.peer.sends(ack({ seq: 106, ack: 5 }));
    expect(bench.state).toBe("FIN-WAIT-2");
    expect(bench.listener?.fastOpen?.count).toBe(0);
    bench.peer.sends(fin({ seq: 106, ack: 5 }));
    expect(bench.state).toBe("TIME-WAIT");
  });

  test("a close with unread text resets (RFC 9293 §3.6.1)", () => {
    const bench = opened();
    bench.peer.expects(synAck({ ack: 106 }));
    bench.user.releases();
    bench.peer.expects(rstAck({ seq: 1, ack: 106 }));
  });

  test("the peer's FIN before the user accepts: CLOSE-WAIT, and the text is still there", () => {
    const bench = listens();
    bench.peer.sends(syn({ seq: 100, text: "hello", fastOpen: cookie(), ...MSS }));
    bench.peer.expects(synAck({ ack: 106 }));
    bench.peer.sends(fin({ seq: 106, ack: 1 }));
    bench.peer.expects(ack({ seq: 1, ack: 107 }));
    expect(bench.state).toBe("CLOSE-WAIT");
    accepts(bench);
    expect(bench.user.reads()).toBe("hello");
  });

  test("a SYN that comes again long after its connection has ended is delivered again: RFC 7413 §2.1", () => {
    const bench = opened();
    expect(bench.user.reads()).toBe("hello");
    bench.peer.sends(rst({ seq: 106 }));
    bench.peer.advance(seconds(600));
    bench.peer.sends(syn({ seq: 100, text: "hello", fastOpen: cookie(), ...MSS }));
    accepts(bench);
    expect(bench.user.reads()).toBe("hello");
  });

  test("text beyond our receive buffer is not taken with the SYN", () => {
    const bench = opened({ receiveBuffer: 1_000 }, 1_200);
    bench.peer.expects(synAck({ ack: 1_101, window: 0 }));
    expect(bench.connection.readable).toBe(1_000);
  });
});
