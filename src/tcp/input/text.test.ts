import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  accepted,
  closeWait,
  closing,
  established,
  FULL,
  finWait1,
  finWait2,
  lastAck,
  SACK,
} from "../../../test/tcp/fixtures.ts";
import { ack, fin, patternAt, rst, segment, text } from "../../../test/tcp/segments.ts";
import { milliseconds } from "../../base/time.ts";

const RECEIVING = [
  { state: "ESTABLISHED", fixture: established, sndNxt: 1 },
  { state: "FIN-WAIT-1", fixture: finWait1, sndNxt: 2 },
  { state: "FIN-WAIT-2", fixture: finWait2, sndNxt: 2 },
] as const;

describe.each(RECEIVING)("text in $state: RFC 9293 §3.10.7.4, seventh step", ({ fixture, sndNxt }) => {
  // In FIN-WAIT-1 our FIN stays unacknowledged.
  const bench = () => {
    const made = fixture();
    made.peer.seen = made.state === "FIN-WAIT-1" ? 1 : sndNxt;
    return made;
  };

  test("in order, it is readable at once and acknowledged within 40 ms (MUST-40)", () => {
    const { peer, user } = bench();
    peer.sends(text("hello"));
    expect(user.heard()).toEqual(["readable"]);
    peer.expectsNothing();
    peer.advance(milliseconds(40));
    peer.expects(ack({ seq: sndNxt, ack: 106 }));
    expect(user.reads()).toBe("hello");
  });

  test("every second full segment is acknowledged at once (SHLD-19)", () => {
    const { peer } = bench();
    peer.sends(text(FULL));
    peer.takes();
    peer.sends(text(FULL));
    peer.expects(ack({ ack: 101 + 2 * FULL }));
  });

  test("out of order, it is acknowledged at once and waits; the missing piece brings both (SHLD-31, MAY-13; RFC 5681 §4.2)", () => {
    const { peer, user } = bench();
    peer.sends(text("lo", { seq: 104 }));
    peer.expects(ack({ seq: sndNxt, ack: 101 }));
    expect(user.heard()).toEqual([]);
    expect(user.reads()).toBe("");
    peer.sends(text("hel", { seq: 101 }));
    peer.expects(ack({ ack: 106 }));
    expect(user.reads()).toBe("hello");
  });

  test("a duplicate is acknowledged at once, and read once", () => {
    const { peer, user } = bench();
    peer.sends(text("hello"));
    peer.advance(milliseconds(40));
    peer.takes();
    expect(peer.sends(text("hello", { seq: 101 }))).toBe("tcp-out-of-window");
    peer.expects(ack({ ack: 106 }));
    expect(user.reads()).toBe("hello");
  });

  test("without ACK it is dropped", () => {
    const { peer, user } = bench();
    expect(peer.sends(segment("", { seq: 101, text: "x" }))).toBe("tcp-bad-flags");
    expect(user.reads()).toBe("");
  });
});

describe.each([
  { state: "CLOSE-WAIT", fixture: closeWait, sent: 1 },
  { state: "CLOSING", fixture: closing, sent: 1 },
  { state: "LAST-ACK", fixture: lastAck, sent: 1 },
])("text in $state, after the peer's FIN", ({ fixture, sent, state }) => {
  test("cannot be, and is ignored", () => {
    const { peer, user, connection } = fixture();
    expect(peer.sends(text("more", { seq: 102, ack: sent }))).toBe("tcp-after-close");
    expect(user.reads()).toBe("");
    expect(connection.state).toBe(state);
  });

  test("the text before it, once more, is acknowledged", () => {
    const { peer } = fixture();
    peer.sends(fin({ seq: 101, ack: sent }));
    peer.expects(ack({ ack: 102 }));
  });
});

describe("text that nobody will read any more: RFC 9293 §3.6.1", () => {
  test("is answered with RST once the user has released the connection (SHLD-3)", () => {
    const { peer, user } = established();
    user.releases();
    peer.expects(fin({ seq: 1, ack: 101 }));
    peer.sends(text("late", { ack: 2 }));
    peer.expects(rst({ seq: 2 }));
    expect(peer.state).toBe("CLOSED");
    peer.expectsNothing();
  });

  test("the RST has the number that the peer waits for, when our FIN was lost", () => {
    const { peer, user } = established();
    user.releases();
    peer.takes();
    peer.sends(text("late", { ack: 1 }));
    peer.expects(rst({ seq: 1 }));
    expect(peer.state).toBe("CLOSED");
  });

  test("an ACK or a FIN without text is not", () => {
    const { peer, user } = established();
    user.releases();
    peer.takes();
    peer.sends(ack({ ack: 2 }), fin({ ack: 2 }));
    expect(peer.state).toBe("TIME-WAIT");
    peer.expects(ack({ ack: 102 }));
  });
});

describe("reassembly", () => {
  test("text that overlaps what waits is taken once", () => {
    const { peer, user } = accepted();
    peer.sends(text("CDE", { seq: 103 }), text("GH", { seq: 107 }), text("DEFG", { seq: 104 }));
    peer.sends(text("AB", { seq: 101 }));
    expect(user.reads()).toBe("ABCDEFGH");
  });

  test("the text of a segment that fills a hole in part is readable as far as it goes", () => {
    const { peer, user } = accepted();
    peer.sends(text("EF", { seq: 105 }), text("AB", { seq: 101 }));
    expect(user.reads()).toBe("AB");
    peer.sends(text("CD", { seq: 103 }));
    expect(user.reads()).toBe("CDEF");
  });

  test("a peer that sends every second byte: 1024 ranges wait, the rest comes again (CVE-2018-6922)", () => {
    const { peer, user, connection } = accepted();
    for (let i = 0; i < 1_024; i++) expect(peer.sends(text(1, { seq: 103 + 2 * i }))).toBeUndefined();
    peer.takes();
    expect(peer.sends(text(1, { seq: 10_000 }))).toBe("tcp-receive-buffer-full");
    peer.expects(ack({ ack: 101 }));
    expect(connection.receiveBuffer.outOfOrder.count).toBe(1_024);
    expect(peer.sends(text(2, { seq: 101 }))).toBeUndefined();
    expect(peer.sends(text(1, { seq: 10_000 }))).toBeUndefined();
    expect(user.reads()).toHaveLength(3);
  });

  test("a peer that sends small segments and a user who does not read: the buffer keeps its limit", () => {
    const { peer, connection } = accepted({ config: { receiveBuffer: 100_000 }, offer: { windowScale: 7 } });
    for (let i = 0; i < 1_200; i++) peer.sends(text(100, { seq: connection.tcb.rcv.nxt as number }));
    expect(connection.readable).toBeGreaterThan(99_000);
    expect(connection.readable).toBeLessThanOrEqual(100_000 + (1 << connection.tcb.rcv.wscale));
  });

  test("random segments in any order, with overlaps and repetitions, give the original", () => {
    const piece = fc.record({ at: fc.nat(3_000), length: fc.integer({ min: 1, max: 700 }) });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 25 }), fc.boolean(), fc.boolean(), (pieces, sack, wraps) => {
        const bench = accepted({
          config: { receiveBuffer: 12_000 },
          ...(wraps ? { peerBase: -1_500 } : {}),
          ...(sack ? { offer: SACK } : {}),
        });
        const { peer, user } = bench;
        for (const { at, length } of pieces) peer.sends(text(length, { seq: 101 + at }));
        for (let at = 0; at < 3_700; at += 500) {
          peer.sends(text(Math.min(500, 3_700 - at), { seq: 101 + at }));
        }
        const read = user.readsBytes();
        expect(read.length).toBe(3_700);
        for (let i = 0; i < read.length; i++) {
          if (read[i] !== patternAt(101 + i)) expect.fail(`byte ${i} is wrong`);
        }
      }),
      { numRuns: 60 },
    );
  });
});
