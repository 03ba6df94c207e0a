import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { accepted, established } from "../../../test/tcp/fixtures.ts";
import { ack, fin, text } from "../../../test/tcp/segments.ts";
import { seq, seqAdd } from "../../base/seq.ts";
import { milliseconds } from "../../base/time.ts";
import { TCP_FLAG } from "../../wire/tcp.ts";
import { Segment } from "../segment.ts";
import { Tcb } from "../tcb.ts";
import { isAcceptable } from "./acceptable.ts";

/** A segment at an offset from RCV.NXT. */
function at(tcb: Tcb, offset: number, length: number): Segment {
  const segment = new Segment();
  segment.seq = seqAdd(tcb.rcv.nxt, offset);
  segment.textEnd = length;
  segment.flags = TCP_FLAG.ack;
  return segment;
}

function tcbWith(nxt: number, window: number): Tcb {
  const tcb = new Tcb();
  tcb.rcv.nxt = seq(nxt);
  tcb.rcv.adv = seq(nxt + window);
  return tcb;
}

describe("the four cases of RFC 9293 §3.10.7.4, table 6", () => {
  const open = tcbWith(1_000, 100);
  const shut = tcbWith(1_000, 0);

  test("no text, window closed: only at RCV.NXT", () => {
    expect(isAcceptable(shut, at(shut, 0, 0))).toBe(true);
    expect(isAcceptable(shut, at(shut, 1, 0))).toBe(false);
    expect(isAcceptable(shut, at(shut, -1, 0))).toBe(false);
  });

  test("no text, window open: anywhere in it, and at its right edge as on Linux", () => {
    expect(isAcceptable(open, at(open, 0, 0))).toBe(true);
    expect(isAcceptable(open, at(open, 99, 0))).toBe(true);
    expect(isAcceptable(open, at(open, 100, 0))).toBe(true);
    expect(isAcceptable(open, at(open, 101, 0))).toBe(false);
    expect(isAcceptable(open, at(open, -1, 0))).toBe(false);
  });

  test("text, window closed: at RCV.NXT, for its ACK alone (MUST-66)", () => {
    expect(isAcceptable(shut, at(shut, 0, 10))).toBe(true);
    expect(isAcceptable(shut, at(shut, 1, 10))).toBe(false);
    expect(isAcceptable(shut, at(shut, -5, 10))).toBe(false);
  });

  test("text, window open: if its first or its last byte lies in it", () => {
    expect(isAcceptable(open, at(open, 0, 100))).toBe(true);
    expect(isAcceptable(open, at(open, 99, 10))).toBe(true);
    expect(isAcceptable(open, at(open, 100, 10))).toBe(false);
    expect(isAcceptable(open, at(open, -10, 10))).toBe(false);
    expect(isAcceptable(open, at(open, -10, 11))).toBe(true);
  });

  test("text that begins before the window and ends behind it has all of it", () => {
    expect(isAcceptable(open, at(open, -50, 500))).toBe(true);
  });

  test("the sequence space wraps: a segment shares a number with the window, or it is not acceptable", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }),
        fc.integer({ min: 1, max: 5_000 }),
        fc.integer({ min: -6_000, max: 6_000 }),
        fc.integer({ min: 1, max: 2_000 }),
        (nxt, window, offset, length) => {
          const tcb = tcbWith(nxt, window);
          const shares = offset < window && offset + length > 0;
          expect(isAcceptable(tcb, at(tcb, offset, length))).toBe(shares);
        },
      ),
    );
  });
});

describe("trimming to the window: RFC 9293 §3.10.7.4", () => {
  test("what was received before is cut off the front", () => {
    const { peer, user } = established();
    peer.sends(text("hello"), text("loworld", { seq: 104 }));
    expect(user.reads()).toBe("helloworld");
  });

  test("a repeated segment's FIN counts when its text is old", () => {
    const { peer, user } = established();
    peer.sends(text("hello"));
    peer.takes();
    peer.sends(fin({ seq: 101, text: "hello" }));
    peer.expects(ack({ ack: 107 }));
    expect(peer.state).toBe("CLOSE-WAIT");
    expect(user.reads()).toBe("hello");
  });

  test("what lies behind the window is cut off the end, FIN first, and told at once", () => {
    const { peer, user } = established({ config: { receiveBuffer: 8 } });
    peer.sends(fin({ text: "123456789" }));
    peer.expects(ack({ ack: 109, window: 0 }));
    expect(peer.state).toBe("ESTABLISHED");
    expect(user.reads()).toBe("12345678");
  });

  test("a FIN right behind a full window is not taken", () => {
    const { peer, user } = established({ config: { receiveBuffer: 8 } });
    peer.sends(fin({ text: "12345678" }));
    peer.expects(ack({ ack: 109, window: 0 }));
    expect(peer.state).toBe("ESTABLISHED");
    expect(user.reads()).toBe("12345678");
    peer.expects(ack({ ack: 109, window: 8 }));
    peer.sends(fin({ seq: 109 }));
    expect(peer.state).toBe("CLOSE-WAIT");
  });

  test("text into a closed window is not taken, but its ACK is, and it is answered (MUST-66)", () => {
    const { peer, user, connection } = established({ config: { receiveBuffer: 8 } });
    peer.sends(text("12345678"));
    peer.takes();
    user.sends("abc");
    peer.takes();
    peer.sends(text("x", { seq: 109, ack: 4 }));
    peer.expects(ack({ seq: 4, ack: 109, window: 0 }));
    expect(connection.info().unacknowledged).toBe(0);
    expect(user.reads()).toBe("12345678");
  });

  test("a window never accepts more than it told, even if room has grown since", () => {
    const { peer, user } = accepted({ config: { receiveBuffer: 1_000 } });
    peer.sends(text(900));
    user.reads();
    peer.takes();
    expect(peer.sends(text(10, { seq: 101 + 1_900 }))).toBe("tcp-out-of-window");
  });
});

describe("the ACK field of an old segment: docs/decisions/acks-of-old-segments.md", () => {
  test("counts when the segment reaches RCV.NXT; its text is old, and is answered", () => {
    const { peer, user, connection } = accepted();
    peer.sends(text("abc"));
    peer.advance(milliseconds(40));
    peer.takes();
    user.sends("hello");
    peer.takes();
    expect(peer.sends(text("abc", { seq: 101, ack: 6 }))).toBe("tcp-out-of-window");
    peer.expects(ack({ seq: 6, ack: 104 }));
    expect(connection.tcb.snd.una).toBe(connection.tcb.snd.nxt);
  });

  test("does not when the segment lies wholly before what was acknowledged", () => {
    const { peer, user, connection } = accepted();
    peer.sends(text("abc"));
    peer.advance(milliseconds(40));
    user.sends("hello");
    peer.takes();
    peer.sends(text("ab", { seq: 101, ack: 6 }));
    expect(connection.tcb.snd.una).not.toBe(connection.tcb.snd.nxt);
  });
});
