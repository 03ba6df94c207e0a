import { describe, expect, test } from "vitest";
import {
  accepted,
  closed,
  closeWait,
  connects,
  established,
  FULL,
  listening,
  MODERN,
  SACK,
} from "../../test/tcp/fixtures.ts";
import { ack, fin, syn, synAck, text } from "../../test/tcp/segments.ts";
import { milliseconds, seconds } from "../base/time.ts";

describe("the size of a segment: RFC 9293 §3.7.1", () => {
  test.each([
    [4, 536],
    [6, 1_220],
  ] as const)("in IPv%d a peer that names no MSS gets %d bytes (MUST-15)", (family, size) => {
    const { peer, user } = established({ family, offer: { window: 0xffff } });
    user.sends(3_000);
    peer.expects(text(size));
    peer.expects(text(size));
  });

  test("the peer's MSS is kept to, and so is the path's (MUST-16)", () => {
    const theirs = established({ offer: { mss: 900 } });
    theirs.user.sends(2_000);
    theirs.peer.expects(text(900));
    const path = established({ mtu: 1_000 });
    path.user.sends(2_000);
    path.peer.expects(text(960));
  });

  test("options take their room from the text", () => {
    const { peer, user } = established({ offer: MODERN });
    peer.sends(text("out of order", { seq: 150 }));
    peer.takes();
    user.sends(3_000);
    // Timestamps 12, one SACK block 12, and room for the block that might join it.
    const first = peer.expects(text(1_428));
    expect(first.sack).toEqual([[150, 162]]);
  });

  test("an MSS too small to be useful counts as 48, as on Linux", () => {
    const { peer, user } = established({ offer: { mss: 1 } });
    user.sends(100);
    peer.expects(text(48));
  });

  test("a path that takes less than it did: segments shrink at once (MUST-21)", () => {
    const { peer, user, path } = established({ config: { noDelay: true } });
    user.sends(FULL);
    peer.expects(text(FULL));
    peer.sends(ack());
    path.mtu = 600;
    user.sends(FULL);
    peer.expects(text(560));
    peer.expects(text(560));
    peer.expects(text(340));
  });

  test("what has to go out again is cut to the smaller path", () => {
    const { peer, user, path } = established();
    user.sends(FULL);
    peer.takes();
    path.mtu = 1_040;
    peer.advance(milliseconds(201));
    peer.expects(text(1_000, { seq: 1 }));
    peer.sends(ack({ ack: 1_001 }));
    peer.expects(text(460, { seq: 1_001 }));
  });

  test("unknown options in SYN and in text are skipped (MUST-6)", () => {
    const { peer, user } = established({ offer: { options: [253, 4, 0, 0, 2, 4, 3, 0, 77, 6, 1, 2, 3, 4] } });
    peer.sends(text("abc", { options: [99, 3, 0, 1] }));
    expect(user.reads()).toBe("abc");
    user.sends(1_000);
    peer.expects(text(768));
  });

  test("options of an illegal length do no harm (MUST-7)", () => {
    const { peer, user } = established();
    peer.sends(text("abc", { options: [5, 0, 0, 0] }), text("def", { options: [8, 40, 1, 1] }));
    expect(user.reads()).toBe("abcdef");
  });
});

describe("windows: RFC 7323 §2", () => {
  test("with scaling the field is the window divided by the scale", () => {
    const { peer, user } = accepted({ offer: MODERN, config: { receiveBuffer: 1 << 20 } });
    user.sends("x");
    expect(peer.expects(text("x")).window).toBe((1 << 20) >> 7);
  });

  test("without scaling it is at most 65535", () => {
    const { peer, user } = accepted();
    user.sends("x");
    expect(peer.expects(text("x")).window).toBe(0xffff);
  });

  test("in a SYN and a SYN-ACK it is never scaled", () => {
    const bench = closed();
    connects(bench);
    expect(bench.peer.expects(syn()).window).toBe(0xffff);
    const other = listening({ config: { receiveBuffer: 30_000 } });
    other.peer.sends(syn({ seq: 100, ...MODERN }));
    expect(other.peer.expects(synAck()).window).toBe(30_000);
  });

  test("more than 64 KiB are in flight when the peer's window is scaled", () => {
    const { peer, user } = established({ offer: MODERN, config: { initialWindow: 1_000 } });
    peer.sends(ack({ window: 0xffff }));
    user.sends(200_000);
    expect(peer.takes().reduce((sum, seen) => sum + seen.bytes.length, 0)).toBe(200_000);
  });

  test("no more than the window is ever in flight", () => {
    const { peer, user } = established({ offer: { mss: FULL, window: 5_000 } });
    peer.window = 5_000;
    user.sends(20_000);
    expect(peer.seen - 1).toBeLessThanOrEqual(5_000);
    peer.sends(ack({ ack: 1 + 2 * FULL }));
    expect(peer.seen - 1).toBeLessThanOrEqual(2 * FULL + 5_000);
  });
});

describe("the congestion window: RFC 5681 §3.1", () => {
  test("begins with ten segments (RFC 6928)", () => {
    const { peer, user } = established();
    user.sends(30 * FULL);
    expect(peer.takes()).toHaveLength(10);
  });

  test("slow start: each acknowledged segment lets two more out", () => {
    const { peer, user } = established({ config: { sendBuffer: 100 * FULL } });
    user.sends(60 * FULL);
    peer.takes();
    peer.sends(ack({ ack: 1 + 2 * FULL }));
    expect(peer.takes()).toHaveLength(4);
    peer.sends(ack({ ack: 1 + 10 * FULL }));
    expect(peer.takes()).toHaveLength(16);
  });

  test("a fixed window stays", () => {
    const { peer, user } = established({ config: { congestionControl: "fixed", initialWindow: 4 } });
    user.sends(30 * FULL);
    expect(peer.takes()).toHaveLength(4);
    peer.sends(ack());
    expect(peer.takes()).toHaveLength(4);
  });

  test("after idling for longer than the timeout it begins anew (RFC 5681 §4.1)", () => {
    const { peer, user, connection } = established({ config: { sendBuffer: 100 * FULL } });
    user.sends(40 * FULL);
    while (connection.info().sendQueue > 0) peer.sends(ack());
    expect(connection.info().cwnd).toBeGreaterThan(20 * FULL);
    peer.takes();
    peer.advance(seconds(2));
    user.sends(40 * FULL);
    expect(peer.takes()).toHaveLength(10);
  });
});

describe("Nagle's algorithm: RFC 9293 §3.7.4", () => {
  test("a small segment waits for the acknowledgment of the one before it (SHLD-7)", () => {
    const { peer, user } = established();
    user.sends("a");
    peer.expects(text("a"));
    user.sends("b");
    user.sends("c");
    peer.expectsNothing();
    peer.sends(ack());
    peer.expects(text("bc"));
  });

  test("a full segment does not wait", () => {
    const { peer, user } = established();
    user.sends("a");
    user.sends(FULL);
    peer.expects(text("a"));
    peer.expects(text(FULL));
    peer.expectsNothing();
  });

  test("a message's last, small piece does not wait for its full ones (Minshall)", () => {
    const { peer, user } = established();
    user.sends(FULL + 10);
    peer.expects(text(FULL));
    peer.expects(text(10));
  });

  test("can be turned off (MUST-17), and what waited goes at once", () => {
    const bench = established();
    const { peer, user, connection } = bench;
    user.sends("a");
    user.sends("b");
    peer.expects(text("a"));
    peer.expectsNothing();
    connection.setNoDelay(true);
    bench.settle();
    peer.expects(text("b"));
    user.sends("c");
    peer.expects(text("c"));
  });

  test("does not hold back FIN", () => {
    const { peer, user } = established();
    user.sends("a");
    user.sends("b");
    peer.takes();
    user.closes();
    peer.expects(fin({ text: "b" }));
  });
});

describe("the sender's side of the silly window: RFC 9293 §3.8.6.2.1 (MUST-38)", () => {
  test("a small window is not used up in small pieces, until the override timeout", () => {
    const { peer, user } = established();
    peer.window = 100;
    peer.sends(ack());
    user.sends(1_000);
    peer.expectsNothing();
    peer.advance(milliseconds(199));
    peer.expectsNothing();
    peer.advance(milliseconds(2));
    peer.expects(text(100));
  });

  test("half of the largest window there ever was is enough", () => {
    const { peer, user } = established({ offer: { mss: FULL, window: 1_000 } });
    peer.window = 1_000;
    user.sends(700);
    peer.takes();
    peer.window = 500;
    peer.sends(ack());
    user.sends(600);
    peer.expects(text(500));
  });

  test("all there is, goes", () => {
    const { peer, user } = established();
    peer.window = 100;
    peer.sends(ack());
    user.sends(100);
    peer.expects(text(100));
  });
});

describe("PSH: RFC 9293 §3.9.1.2", () => {
  test("marks the last segment of what the user gave (MUST-60, MUST-61)", () => {
    const { peer, user } = established();
    user.sends(2 * FULL + 5);
    peer.expects(text(FULL, { psh: false }));
    peer.expects(text(FULL, { psh: false }));
    peer.expects(text(5, { psh: true }));
  });
});

describe("acknowledgments: RFC 9293 §3.8.6.3", () => {
  test("ride on text (SHLD-18)", () => {
    const { peer, user } = established();
    peer.sends(text("ping"));
    user.sends("pong");
    peer.expects(text("pong", { ack: 105 }));
    peer.advance(milliseconds(40));
    peer.expectsNothing();
  });

  test("of a small segment come within 40 ms, of the second full one at once (MUST-58, MUST-59)", () => {
    const { peer, context } = accepted();
    peer.sends(text("a"));
    peer.advance(milliseconds(39));
    peer.expectsNothing();
    peer.advance(milliseconds(1));
    peer.expects(ack({ ack: 102 }));
    expect(context.counters.delayedAcks).toBe(1);
    peer.sends(text(FULL));
    peer.expectsNothing();
    peer.sends(text(FULL));
    peer.expects(ack({ ack: 102 + 2 * FULL }));
    peer.advance(seconds(1));
    peer.expectsNothing();
  });

  test("the delay is counted from the first segment not acknowledged, not from the last", () => {
    const { peer } = accepted();
    peer.sends(text("a"));
    peer.advance(milliseconds(30));
    peer.sends(text("b"));
    peer.advance(milliseconds(10));
    peer.expects(ack({ ack: 103 }));
  });

  test("one is enough for a burst", () => {
    const { peer } = accepted();
    peer.sendsBurst(...Array.from({ length: 20 }, () => text(FULL)));
    peer.expects(ack({ ack: 101 + 20 * FULL }));
    peer.expectsNothing();
  });

  test("are sent after FIN too, in CLOSE-WAIT and later (RFC 9293 §3.8.6.3)", () => {
    const { peer, user } = closeWait();
    user.sends("x");
    peer.expects(text("x", { ack: 102 }));
  });
});

describe("a packet that cannot leave", () => {
  test("is a lost one: the retransmission timer sends it again", () => {
    const { peer, user, path, connection } = established();
    path.error = "ENOBUFS";
    user.sends("abc");
    peer.expectsNothing();
    path.error = undefined;
    peer.advance(milliseconds(201));
    peer.expects(text("abc", { seq: 1 }));
    peer.sends(ack());
    expect(connection.error).toBeUndefined();
  });

  test("and why, if it never leaves, is what the user hears at last", () => {
    const { peer, user, path, connection } = established();
    path.error = "ENETUNREACH";
    user.sends("abc");
    peer.advance(seconds(1_000));
    expect(connection.error).toBe("ENETUNREACH");
  });
});

describe("SACK in what we send: RFC 2018 §4", () => {
  test("the first block holds the segment that came last; the others follow by age", () => {
    const { peer } = accepted({ offer: SACK });
    peer.sends(text("bb", { seq: 110 }));
    expect(peer.expects(ack({ ack: 101 })).sack).toEqual([[110, 112]]);
    peer.sends(text("dd", { seq: 120 }));
    expect(peer.expects(ack({ ack: 101 })).sack).toEqual([
      [120, 122],
      [110, 112],
    ]);
    peer.sends(text("cc", { seq: 112 }));
    expect(peer.expects(ack({ ack: 101 })).sack).toEqual([
      [110, 114],
      [120, 122],
    ]);
    peer.sends(text("123456789", { seq: 101 }));
    expect(peer.expects(ack({ ack: 114 })).sack).toEqual([[120, 122]]);
    peer.sends(text("123456", { seq: 114 }));
    expect(peer.expects(ack({ ack: 122 })).sack).toEqual([]);
  });

  test("at most three blocks beside timestamps, four without", () => {
    const plain = accepted({ offer: SACK });
    const stamped = accepted({ offer: MODERN });
    for (const { peer } of [plain, stamped]) {
      for (let i = 0; i < 6; i++) peer.sends(text("x", { seq: 110 + 10 * i }));
    }
    expect(plain.peer.takes().at(-1)?.sack).toHaveLength(4);
    expect(stamped.peer.takes().at(-1)?.sack).toHaveLength(3);
  });

  test("text received twice is reported once, in the first block (D-SACK, RFC 2883 §4)", () => {
    const { peer } = accepted({ offer: SACK });
    peer.sends(text("abcdef"));
    peer.sends(text("cd", { seq: 103 }));
    expect(peer.expects(ack({ ack: 107 })).sack).toEqual([[103, 105]]);
    peer.sends(text("z", { seq: 120 }));
    expect(peer.expects(ack({ ack: 107 })).sack).toEqual([[120, 121]]);
  });

  test("a duplicate of what waits out of order: D-SACK, then the block that it lies in", () => {
    const { peer } = accepted({ offer: SACK });
    peer.sends(text("abcdef", { seq: 110 }));
    peer.takes();
    peer.sends(text("cd", { seq: 112 }));
    expect(peer.expects(ack({ ack: 101 })).sack).toEqual([
      [112, 114],
      [110, 116],
    ]);
  });

  test("a peer that did not offer it gets none", () => {
    const { peer } = accepted();
    peer.sends(text("b", { seq: 110 }), text("b", { seq: 110 }));
    for (const seen of peer.takes()) expect(seen.sack).toEqual([]);
  });
});
