import { describe, expect, test } from "vitest";
import { accepted, MODERN } from "../../../test/tcp/fixtures.ts";
import { ack, text } from "../../../test/tcp/segments.ts";
import { seq } from "../../base/seq.ts";
import { type Duration, milliseconds } from "../../base/time.ts";
import { tcpConfig } from "../tcp-config.ts";
import { SackCompression } from "./sack-compression.ts";

const RTT = milliseconds(30);
const LIMITS = tcpConfig({ sacksTogether: 5 });

/** How long the ACKs of so many segments out of order may wait, in µs. */
function waits(it: SackCompression, count: number, at = 1, rtt: Duration = RTT): number[] {
  return Array.from({ length: count }, () => it.arrived(seq(at), rtt, LIMITS));
}

describe("SackCompression: docs/decisions/sack-compression.md", () => {
  test("three at once, then they wait a millisecond, but not more than so many", () => {
    const it = new SackCompression();
    expect(waits(it, 9)).toEqual([0, 0, 0, 1_000, 1_000, 1_000, 1_000, 1_000, 0]);
    expect(it.sent()).toBe(5);
    expect(waits(it, 1)).toEqual([1_000]);
  });

  test("the next hole has three of its own", () => {
    const it = new SackCompression();
    waits(it, 5);
    expect(waits(it, 4, 2)).toEqual([0, 0, 0, 1_000]);
  });

  test("a third of a short round trip; none when it is not known, or configured off", () => {
    expect(waits(new SackCompression(), 4, 1, 1_000 as Duration)).toEqual([0, 0, 0, 330]);
    expect(waits(new SackCompression(), 4, 1, 0 as Duration)).toEqual([0, 0, 0, 0]);
    const off = new SackCompression();
    for (let i = 0; i < 9; i++)
      expect(off.arrived(seq(1), RTT, tcpConfig({ sackDelay: 0 as Duration }))).toBe(0);
  });
});

describe("duplicate ACKs of a connection", () => {
  /** A peer whose text has told us of a round trip of 20 ms. */
  function distant(offer = MODERN) {
    const bench = accepted({ offer });
    const { peer, user } = bench;
    // Its timestamp is to be another than the SYN-ACK's.
    peer.advance(milliseconds(2));
    user.sends("x");
    peer.takes();
    peer.advance(milliseconds(20));
    peer.sends(text(1_400));
    peer.takes();
    user.reads();
    peer.takes();
    return bench;
  }

  test("with SACK three go out at once, the next wait a millisecond to be one (RFC 5681 §4.2 has each at once)", () => {
    const { peer, context } = distant();
    const hole = peer.nxt;
    for (let i = 1; i <= 3; i++) {
      peer.sends(text(1_000, { seq: hole + 1_000 * i }));
      expect(peer.expects(ack({ ack: hole })).sack).toEqual([[hole + 1_000, hole + 1_000 * (i + 1)]]);
    }
    for (let i = 4; i <= 9; i++) peer.sends(text(1_000, { seq: hole + 1_000 * i }));
    peer.expectsNothing();
    peer.advance(milliseconds(1));
    expect(peer.expects(ack({ ack: hole })).sack).toEqual([[hole + 1_000, hole + 10_000]]);
    expect(context.counters.acksCompressed).toBe(5);
    peer.advance(milliseconds(100));
    peer.expectsNothing();
  });

  test("what fills the hole does not wait", () => {
    const { peer } = distant();
    const hole = peer.nxt;
    for (let i = 1; i <= 5; i++) peer.sends(text(1_000, { seq: hole + 1_000 * i }));
    peer.takes();
    peer.sends(text(1_000, { seq: hole }));
    peer.expects(ack({ ack: hole + 6_000 }));
    peer.advance(milliseconds(10));
    peer.expectsNothing();
  });

  test("without SACK each is sent at once: the sender counts them", () => {
    const { sackPermitted: _, ...plain } = MODERN;
    const { peer } = distant(plain);
    const hole = peer.nxt;
    for (let i = 1; i <= 9; i++) {
      peer.sends(text(1_000, { seq: hole + 1_000 * i }));
      peer.expects(ack({ ack: hole }));
    }
  });
});
