import { describe, expect, test } from "vitest";
import { accepted, closed, connects, established, FULL, listening, MODERN } from "../../test/tcp/fixtures.ts";
import { ack, syn, synAck, text } from "../../test/tcp/segments.ts";
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
    // Timestamps 12, one SACK block 12.
    const first = peer.expects(text(1_436));
    expect(first.sack).toEqual([[150, 162]]);
  });

  test("an MSS too small to be useful counts as 48, as on Linux", () => {
    const { peer, user } = established({ offer: { mss: 1 } });
    user.sends(100);
    peer.expects(text(48));
  });

  test("a path that takes less than it did: segments shrink at once (RFC 1191 §6.4)", () => {
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

  test("unknown options in SYN and in text are skipped (MUST-5, MUST-6)", () => {
    const { peer, user } = established({ offer: { options: [253, 4, 0, 0, 2, 4, 3, 0, 77, 6, 1, 2, 3, 4] } });
    peer.sends(text("abc", { options: [99, 3, 0, 1] }));
    expect(user.reads()).toBe("abc");
    peer.expects(ack({ ack: 104 }));
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
    const config = { receiveBuffer: 65_536, receiveBufferLimit: 3 << 20 };
    const { peer, user } = accepted({ offer: MODERN, config });
    user.sends("x");
    expect(peer.expects(text("x")).window).toBe(Math.ceil((45 * 1_448) / 128));
  });

  test("without scaling it is at most 65535", () => {
    const { peer, user } = accepted({ config: { receiveBuffer: 1 << 20 } });
    user.sends("x");
    expect(peer.expects(text("x")).window).toBe(0xffff);
  });

  test("in a SYN and a SYN-ACK it is never scaled", () => {
    const bench = closed();
    connects(bench);
    expect(bench.peer.expects(syn()).window).toBe(44 * FULL);
    const other = listening({ config: { receiveBuffer: 30_000 } });
    other.peer.sends(syn({ seq: 100, ...MODERN }));
    expect(other.peer.expects(synAck()).window).toBe(20 * 1_448);
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

describe("PSH: RFC 9293 §3.9.1.2", () => {
  test("marks the last segment of what the user gave (MUST-60, MUST-61)", () => {
    const { peer, user } = established();
    user.sends(2 * FULL + 5);
    peer.expects(text(FULL, { psh: false }));
    peer.expects(text(FULL, { psh: false }));
    peer.expects(text(5, { psh: true }));
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
    peer.advance(seconds(1_100));
    expect(connection.error).toBe("ENETUNREACH");
  });
});
