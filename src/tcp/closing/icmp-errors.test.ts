import { describe, expect, test } from "vitest";
import { ADDRESSES, type Bench } from "../../../test/tcp/bench.ts";
import { established, FULL, finWait1, synReceived, synSent, timeWait } from "../../../test/tcp/fixtures.ts";
import { ack, rst, text, times } from "../../../test/tcp/segments.ts";
import { writeUint16, writeUint32 } from "../../base/bytes.ts";
import type { ErrorCode } from "../../base/errors.ts";
import { seq } from "../../base/seq.ts";
import { milliseconds, seconds } from "../../base/time.ts";
import { setPathMtuDiscovery } from "../connection-options.ts";
import { isInFlight } from "./icmp-errors.ts";

/** An ICMP error that quotes the segment of ours with this number. */
function quotes(bench: Bench, number: number, kind: string, code: ErrorCode, length = 8, mtu = 0): boolean {
  const quote = new Uint8Array(8);
  writeUint16(quote, 0, bench.peer.hostPort);
  writeUint16(quote, 2, bench.peer.port);
  writeUint32(quote, 4, bench.peer.absolute(number));
  const { host: local, peer: remote } = ADDRESSES[bench.family];
  const believed = bench.tcp.icmpError({
    kind,
    code,
    mtu,
    type: 3,
    icmpCode: 1,
    reporter: remote,
    local,
    remote,
    quote: quote.subarray(0, length),
  });
  bench.settleIfWoken();
  return believed;
}

describe("ICMP errors while connecting", () => {
  test.each([
    ["host-unreachable", "EHOSTUNREACH"],
    ["network-unreachable", "ENETUNREACH"],
    ["port-unreachable", "ECONNREFUSED"],
    ["protocol-unreachable", "ENOPROTOOPT"],
    ["prohibited", "EACCES"],
  ] as const)("in SYN-SENT (MUST-54, SHLD-26) %s ends the attempt with %s", (kind, code) => {
    const bench = synSent();
    quotes(bench, 0, kind, code);
    expect(bench.state).toBe("CLOSED");
    expect(bench.connection.error).toBe(code);
    expect(bench.user.heard()).toEqual(["closed"]);
    bench.peer.expectsNothing();
  });

  test("a number that is not in flight is a forgery (RFC 5927 §4.1)", () => {
    const bench = synSent();
    expect(quotes(bench, 1, "port-unreachable", "ECONNREFUSED")).toBe(false);
    expect(quotes(bench, -1, "port-unreachable", "ECONNREFUSED")).toBe(false);
    expect(bench.state).toBe("SYN-SENT");
  });

  test("a quote too short to name a connection is ignored", () => {
    const bench = synSent();
    quotes(bench, 0, "port-unreachable", "ECONNREFUSED", 7);
    expect(bench.state).toBe("SYN-SENT");
  });

  test("a half-open entry of a listener is forgotten: who sent the SYN cannot hear us", () => {
    const bench = synReceived();
    quotes(bench, 1, "host-unreachable", "EHOSTUNREACH");
    quotes(bench, 0, "port-unreachable", "ECONNREFUSED");
    expect(bench.state).toBe("SYN-RECEIVED");
    quotes(bench, 0, "host-unreachable", "EHOSTUNREACH");
    expect(bench.state).toBe("LISTEN");
    bench.peer.sends(ack({ seq: 101, ack: 1 }));
    bench.peer.expects(rst({ seq: 1 }));
  });
});

describe("ICMP errors of an established connection: RFC 9293 §3.9.2.2", () => {
  test("do not end it (MUST-56); a timeout reports them (SHLD-25)", () => {
    const bench = established();
    bench.user.sends("abc");
    quotes(bench, 1, "host-unreachable", "EHOSTUNREACH");
    expect(bench.state).toBe("ESTABLISHED");
    expect(bench.user.heard()).toEqual([]);
    bench.advance(seconds(1_100));
    expect(bench.connection.error).toBe("EHOSTUNREACH");
  });

  test("are forgotten with progress", () => {
    const bench = established();
    bench.user.sends("abc");
    quotes(bench, 1, "host-unreachable", "EHOSTUNREACH");
    bench.peer.sends(ack());
    bench.user.sends("def");
    bench.advance(seconds(1_100));
    expect(bench.connection.error).toBe("ETIMEDOUT");
  });

  test("hard ones do not end it either (RFC 5927 §5)", () => {
    const bench = finWait1();
    quotes(bench, 1, "port-unreachable", "ECONNREFUSED");
    expect(bench.state).toBe("FIN-WAIT-1");
  });

  test("of a connection that is over are ignored", () => {
    const bench = timeWait();
    quotes(bench, 1, "port-unreachable", "ECONNREFUSED");
    expect(bench.state).toBe("TIME-WAIT");
  });

  test("without one, nothing is quoted that we know", () => {
    const bench = established();
    bench.user.sends("abc");
    bench.peer.port++;
    expect(quotes(bench, 1, "port-unreachable", "ECONNREFUSED")).toBe(false);
    expect(bench.connection.softError).toBeUndefined();
  });
});

describe("packet too big: RFC 1191 §6.4, RFC 8201", () => {
  test("what was too big goes out again at once, smaller; the rest stays in flight", () => {
    const bench = established();
    bench.user.sends(2 * FULL + 100);
    bench.peer.takes();
    quotes(bench, 1, "packet-too-big", "EMSGSIZE", 8, 1_000);
    const again = bench.peer.takes();
    expect(again[0]).toMatchObject({ seq: 1 });
    expect(again.every(seen => seen.bytes.length <= 960)).toBe(true);
    expect(again.some(seen => seen.seq >= 1 + 2 * FULL)).toBe(false);
    expect(bench.connection.info().ssthresh).toBe(Number.POSITIVE_INFINITY);
    // Everything arrives in the end, in order.
    while (bench.connection.info().unacknowledged > 0) {
      bench.peer.sends(ack());
      bench.advance(milliseconds(1));
    }
    expect(bench.peer.stream).toHaveLength(2 * FULL + 100);
  });

  test("one that quotes nothing in flight changes nothing", () => {
    const bench = established();
    bench.user.sends(FULL);
    bench.peer.takes();
    quotes(bench, 1 + FULL, "packet-too-big", "EMSGSIZE", 8, 1_000);
    bench.peer.expectsNothing();
    expect(bench.path.mtu).toBe(1_500);
  });
});

test("in flight is from SND.UNA to before SND.NXT, across the wrap", () => {
  expect(isInFlight(seq(-1), seq(-1), seq(1))).toBe(true);
  expect(isInFlight(seq(0), seq(-1), seq(1))).toBe(true);
  expect(isInFlight(seq(1), seq(-1), seq(1))).toBe(false);
  expect(isInFlight(seq(-2), seq(-1), seq(1))).toBe(false);
  expect(isInFlight(seq(5), seq(5), seq(5))).toBe(false);
});

describe("packet too big that contradicts what has arrived: RFC 5927 §7.2", () => {
  /** A full segment has arrived, another is in flight. */
  function doubting(confirm = true): Bench {
    const bench = established({ config: { confirmPacketTooBig: confirm } });
    bench.user.sends(FULL);
    bench.peer.sends(ack({ ack: 1 + FULL }));
    bench.user.sends(FULL);
    bench.peer.takes();
    return bench;
  }

  test("waits until the segment times out, and is believed then", () => {
    const bench = doubting();
    expect(quotes(bench, 1 + FULL, "packet-too-big", "EMSGSIZE", 8, 1_000)).toBe(true);
    bench.peer.expectsNothing();
    expect(bench.path.mtu).toBe(1_500);
    bench.advance(milliseconds(201));
    expect(bench.path.mtu).toBe(1_000);
    bench.peer.expects(text(960, { seq: 1 + FULL }));
  });

  test("is forgotten once the segment is acknowledged", () => {
    const bench = doubting();
    quotes(bench, 1 + FULL, "packet-too-big", "EMSGSIZE", 8, 1_000);
    bench.peer.sends(ack({ ack: 1 + 2 * FULL }));
    bench.user.sends(FULL);
    bench.advance(milliseconds(201));
    expect(bench.path.mtu).toBe(1_500);
  });

  test("is believed at once where no smaller size is in doubt", () => {
    const bench = established();
    bench.user.sends(500);
    bench.peer.sends(ack({ ack: 501 }));
    bench.user.sends(FULL);
    bench.peer.takes();
    quotes(bench, 501, "packet-too-big", "EMSGSIZE", 8, 1_000);
    expect(bench.path.mtu).toBe(1_000);
    bench.peer.expects(text(960, { seq: 501 }));
  });

  test("is believed at once where so configured", () => {
    const bench = doubting(false);
    quotes(bench, 1 + FULL, "packet-too-big", "EMSGSIZE", 8, 1_000);
    expect(bench.path.mtu).toBe(1_000);
  });

  test("is ignored with IP_PMTUDISC_DONT, and the DF bit is off", () => {
    const bench = established();
    setPathMtuDiscovery(bench.connection, "dont");
    expect(bench.path.dontFragment).toBe(false);
    bench.user.sends(FULL);
    quotes(bench, 1, "packet-too-big", "EMSGSIZE", 8, 1_000);
    expect(bench.path.mtu).toBe(1_500);
    setPathMtuDiscovery(bench.connection, "do");
    expect(bench.path.dontFragment).toBe(true);
  });
});

describe("IP_RECVERR: ICMP errors are told as they come (MUST-47), or not (SHLD-20)", () => {
  test("of an established connection: it goes on, and the error is there to read", () => {
    const bench = established();
    bench.connection.hearsIcmpErrors = true;
    bench.user.sends("abc");
    quotes(bench, 1, "host-unreachable", "EHOSTUNREACH");
    expect(bench.user.heard()).toEqual(["troubled"]);
    expect(bench.connection.reportedError).toMatchObject({ code: "EHOSTUNREACH", icmpCode: 1 });
    expect(bench.connection.softError).toBeUndefined();
    expect(bench.state).toBe("ESTABLISHED");
  });
});

describe("long disruptions: RFC 6069", () => {
  test("host unreachable takes one doubling of the timeout back", () => {
    const bench = established();
    bench.user.sends("abc");
    bench.advance(milliseconds(1_500));
    expect(times(bench.peer.takes())).toEqual([0, 200, 600, 1_400]);
    quotes(bench, 1, "host-unreachable", "EHOSTUNREACH");
    bench.advance(milliseconds(800));
    expect(times(bench.peer.takes())).toEqual([2_200]);
  });

  test("when the shorter timeout has passed already the segment goes out at once", () => {
    const bench = established();
    bench.user.sends("abc");
    bench.advance(milliseconds(2_500));
    bench.peer.takes();
    quotes(bench, 1, "network-unreachable", "ENETUNREACH");
    bench.advance(milliseconds(1));
    expect(bench.peer.takes()).toHaveLength(1);
  });

  test("not for another segment, another error, or before a timeout", () => {
    const bench = established();
    bench.user.sends("abc");
    bench.user.sends(FULL);
    quotes(bench, 1, "host-unreachable", "EHOSTUNREACH");
    bench.advance(milliseconds(1_500));
    quotes(bench, 4, "host-unreachable", "EHOSTUNREACH");
    quotes(bench, 1, "port-unreachable", "ECONNREFUSED");
    bench.advance(milliseconds(1_490));
    expect(bench.peer.takes().filter(seen => seen.at > milliseconds(1_500))).toEqual([]);
  });
});
