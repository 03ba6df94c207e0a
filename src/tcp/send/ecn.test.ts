import { describe, expect, test } from "vitest";
import type { Bench } from "../../../test/tcp/bench.ts";
import { closed, connects, established, FULL, listening } from "../../../test/tcp/fixtures.ts";
import { ack, segment, syn, text } from "../../../test/tcp/segments.ts";
import { milliseconds, seconds } from "../../base/time.ts";
import { synAckAgreesToEcn, synAsksForEcn } from "../handshake/negotiate.ts";
import { Ecn } from "./ecn.ts";

const ECT0 = 2;
const ECT1 = 1;
const CE = 3;
const E = 0x40;
const W = 0x80;
const AE = 0x100;

describe("Ecn: RFC 3168 §6.1 (SHLD-8)", () => {
  test("a mark is echoed until CWR, and is news once (§6.1.3)", () => {
    const ecn = new Ecn();
    expect(ecn.textArrived(ECT0, false)).toBe(false);
    expect([ecn.echoes, ecn.seen]).toEqual([false, true]);
    expect(ecn.textArrived(CE, false)).toBe(true);
    expect(ecn.textArrived(CE, false)).toBe(false);
    expect([ecn.echoes, ecn.receivedCe]).toEqual([true, 2]);
    expect(ecn.textArrived(ECT1, true)).toBe(true);
    expect(ecn.echoes).toBe(false);
    expect(ecn.textArrived(CE, true)).toBe(true);
    expect(ecn.echoes).toBe(true);
  });

  test("unmarked text after marked one was sent again: its sender waits (§6.1.5)", () => {
    const ecn = new Ecn();
    expect(ecn.textArrived(0, false)).toBe(false);
    ecn.textArrived(ECT0, false);
    expect(ecn.textArrived(0, false)).toBe(true);
  });
});

describe("the handshake: RFC 3168 §6.1.1", () => {
  test.each([
    [E | W, 0, true],
    [E, 0, false],
    [W, 0, false],
    [E | W, ECT0, false],
    [E | W, CE, false],
    [E | W | AE, CE, true],
  ])("a SYN with flags %i in a packet marked %i asks: %s", (flags, mark, asks) => {
    expect(synAsksForEcn(flags, mark)).toBe(asks);
  });

  test.each([
    [E, true],
    [E | W, false],
    [0, false],
    [W, false],
  ])("a SYN-ACK with flags %i agrees: %s", (flags, agrees) => {
    expect(synAckAgreesToEcn(flags)).toBe(agrees);
  });

  test("a server agrees only where it is asked, and only if it may", () => {
    for (const [ecn, flags, answer] of [
      [2, "SEW", "SAE"],
      [1, "SEW", "SAE"],
      [0, "SEW", "SA"],
      [1, "S", "SA"],
    ] as const) {
      const { peer } = listening({ config: { ecn } });
      peer.sends(segment(flags, { seq: 100, mss: FULL }));
      peer.expects(segment(answer, { seq: 0 }));
    }
  });

  test("a client that does not ask takes no answer for one", () => {
    const bench = closed({ config: { ecn: 2 } });
    connects(bench);
    bench.peer.expects(syn());
    bench.peer.sends(segment("SAE", { seq: 100, ack: 1, mss: FULL }));
    expect(bench.connection.ecn).toBeUndefined();
  });

  test("a client asks, and once more without if nobody answers (§6.1.1.1)", () => {
    const bench = closed({ config: { ecn: 1 } });
    connects(bench);
    bench.peer.expects(segment("SEW", { trafficClass: 0 }));
    bench.peer.advance(seconds(1));
    bench.peer.expects(syn());
    // The first one was only late.
    bench.peer.sends(segment("SAE", { seq: 100, ack: 1, mss: FULL }));
    expect(bench.connection.ecn).toBeDefined();
  });

  test("both connect at once: both ask, both agree", () => {
    const bench = closed({ config: { ecn: 1 } });
    connects(bench);
    bench.peer.expects(segment("SEW"));
    bench.peer.sends(segment("SEW", { seq: 100, mss: FULL }));
    bench.peer.expects(segment("SAE", { seq: 0, ack: 101 }));
  });
});

/** Both ends have agreed on ECN. */
function marking(config: object = {}): Bench {
  const bench = closed({ config: { ecn: 1, ...config } });
  connects(bench);
  bench.peer.takes();
  bench.peer.sends(segment("SAE", { seq: 100, ack: 1, mss: FULL, sackPermitted: true }));
  bench.peer.expects(segment("A", { trafficClass: 0 }));
  return bench;
}

describe("sending: RFC 3168 §6.1.2", () => {
  test("new text is marked, an ACK, a FIN, and what goes out again are not (§6.1.4, §6.1.5)", () => {
    const { peer, user } = marking({ tailLossProbe: false });
    user.sends("abc");
    peer.expects(text("abc", { trafficClass: ECT0 }));
    peer.advance(milliseconds(250));
    peer.expects(text("abc", { trafficClass: 0 }));
    peer.sends(ack({ ack: 4 }));
    peer.sends(text("x"), text("y"));
    peer.advance(milliseconds(50));
    expect(peer.takes().every(seen => seen.trafficClass === 0)).toBe(true);
    user.closes();
    peer.expects(segment("AF", { trafficClass: 0 }));
  });

  test("a FIN with text is", () => {
    const { peer, user, connection } = marking();
    connection.send(new Uint8Array(3));
    user.closes();
    expect(peer.takes().at(-1)).toMatchObject({ flags: "AF", trafficClass: ECT0 });
  });

  test("the user's DSCP stays", () => {
    const { peer, user, path } = marking();
    path.trafficClass = 0x28;
    user.sends("abc");
    peer.expects(text("abc", { trafficClass: 0x2a }));
    peer.sends(text("x"), text("y"));
    expect(peer.takes().every(seen => seen.trafficClass === 0x28)).toBe(true);
  });

  test("ECE halves the window once for a window of text, and the next new text says CWR, once", () => {
    const { peer, user, connection } = marking();
    user.sends(10 * FULL);
    peer.takes();
    peer.sends(segment("AE", { ack: 1 + 2 * FULL }));
    const { ssthresh } = connection.congestion;
    expect(ssthresh).toBe(5 * FULL);
    peer.sends(segment("AE", { ack: 1 + 10 * FULL }));
    expect(connection.congestion.ssthresh).toBe(ssthresh);
    expect(connection.ecn?.deliveredCe).toBe(10);
    user.sends(2 * FULL);
    const flags = peer.takes().map(seen => seen.flags);
    expect(flags).toEqual(["AW", "A"]);
  });

  test("after a timeout too", () => {
    const { peer, user } = marking();
    user.sends("abc");
    peer.advance(seconds(1));
    peer.sends(ack({ ack: 4 }));
    peer.takes();
    user.sends("def");
    peer.expects(segment("AW", { text: "def" }));
  });

  test("without an agreement ECE means nothing", () => {
    const { peer, user, connection } = established();
    user.sends(4 * FULL);
    peer.sends(segment("AE", { ack: 1 + FULL }));
    expect(connection.congestion.ssthresh).toBe(Number.POSITIVE_INFINITY);
  });

  test("what the device does not take has not said CWR", () => {
    const { peer, user, path, connection } = marking();
    user.sends(FULL);
    peer.sends(segment("AE", { ack: 1 + FULL }));
    peer.takes();
    path.error = "ENOBUFS";
    user.sends("abc");
    path.error = undefined;
    peer.advance(milliseconds(250));
    peer.expects(segment("AW", { text: "abc" }));
    expect(connection.ecn?.owesCwr).toBe(false);
  });
});

describe("receiving: RFC 3168 §6.1.3", () => {
  test("every segment says ECE from the mark to the CWR", () => {
    const { peer, user } = marking();
    peer.sends(text(FULL, { trafficClass: CE }));
    peer.expects(segment("AE"));
    user.sends("abc");
    peer.expects(segment("AE", { text: "abc" }));
    peer.sends(segment("AW", { text: FULL, trafficClass: ECT0 }));
    peer.expects(segment("A"));
  });

  test("the mark of text out of order counts, that of old text does not", () => {
    const { peer, connection } = marking();
    peer.sends(text(FULL, { seq: 101 + FULL, trafficClass: CE }));
    peer.expects(segment("AE"));
    expect(connection.ecn?.receivedCe).toBe(1);
    peer.sends(text(FULL, { seq: 101, trafficClass: ECT0 }));
    peer.sends(text(FULL, { seq: 101, trafficClass: CE }));
    expect(connection.ecn?.receivedCe).toBe(1);
  });
});

test("a SYN cookie remembers that ECN was agreed on", () => {
  const { peer, tcp } = listening({ config: { ecn: 2, synCookies: 2 } });
  peer.sends(
    segment("SEW", { seq: 100, mss: FULL, sackPermitted: true, timestamps: [1, 0], windowScale: 7 }),
  );
  const answer = peer.expects(segment("SAE", { ack: 101 }));
  peer.sends(ack({ seq: 101, ack: 1, timestamps: [2, answer.timestamps?.[0] ?? 0] }));
  expect([...tcp.connections()].map(({ ecn }) => ecn !== undefined)).toEqual([true]);
});
