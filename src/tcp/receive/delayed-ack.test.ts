import { describe, expect, test } from "vitest";
import { accepted, closeWait, established, FULL, instant } from "../../../test/tcp/fixtures.ts";
import { ack, text } from "../../../test/tcp/segments.ts";
import { type Duration, type Instant, milliseconds, NEVER, seconds } from "../../base/time.ts";
import { tcpConfig } from "../tcp-config.ts";
import { DelayedAck } from "./delayed-ack.ts";

const start = 0 as Instant;
const RTO = milliseconds(200);

function delayedAck(): DelayedAck {
  return new DelayedAck(tcpConfig({ quickAcks: 0 }), start);
}

/** Segments with so many ms between them. */
function arrivals(ack: DelayedAck, count: number, pause: number, from = 0): Instant {
  let now = from;
  for (let i = 0; i < count; i++) {
    ack.textArrived(instant(now * 1_000), RTO, 65_535, FULL);
    now += pause;
  }
  return instant((now - pause) * 1_000);
}

function waits(ack: DelayedAck, now: Instant, srtt = 0): number {
  return (ack.deadline(now, NEVER, srtt as Duration) - now) / 1_000;
}

describe("DelayedAck: RFC 9293 §3.8.6.3, RFC 5681 §4.2", () => {
  test("nothing came: nothing to say", () => {
    expect(delayedAck().urgency).toBe("none");
  });

  test("text can wait, for 40 ms to begin with (SHLD-18)", () => {
    const ack = delayedAck();
    const now = arrivals(ack, 1, 0);
    expect(ack.urgency).toBe("delayed");
    expect(waits(ack, now)).toBe(40);
  });

  test("what has to be answered at once is not delayed by text that follows", () => {
    const ack = delayedAck();
    ack.atOnce();
    arrivals(ack, 1, 0);
    expect(ack.urgency).toBe("now");
  });

  test("a quick flow keeps the timeout at 40 ms, a slower one raises it", () => {
    const quick = delayedAck();
    expect(waits(quick, arrivals(quick, 10, 5))).toBe(40);
    const slow = delayedAck();
    expect(waits(slow, arrivals(slow, 2, 30))).toBe(50);
  });

  test("it never exceeds the round trip, unless that is below 40 ms", () => {
    const slow = delayedAck();
    const now = arrivals(slow, 10, 39);
    expect(waits(slow, now, 45_000)).toBe(45);
    expect(waits(slow, now, 1_000)).toBe(40);
  });

  test("nor half a second, however slow the flow is (MUST-40)", () => {
    const ack = delayedAck();
    arrivals(ack, 1, 0);
    for (let i = 0; i < 20; i++) ack.expired(seconds(60));
    const now = arrivals(ack, 1, 0, 10);
    expect(waits(ack, now)).toBeLessThan(500);
  });

  test("a timer that ran out in vain doubles the timeout", () => {
    const ack = delayedAck();
    arrivals(ack, 1, 0);
    ack.expired(RTO);
    expect(ack.timeout).toBe(80_000);
    ack.expired(milliseconds(100));
    expect(ack.timeout).toBe(100_000);
  });

  test("with an answer it ends the conversation, and begins anew at 40 ms", () => {
    const ack = delayedAck();
    const now = arrivals(ack, 4, 30);
    ack.textSent(now);
    expect(ack.quick.isInteractive).toBe(true);
    ack.expired(RTO);
    expect(ack.quick.isInteractive).toBe(false);
    expect(ack.timeout).toBe(40_000);
  });

  test("text that goes out late is no answer", () => {
    const ack = delayedAck();
    arrivals(ack, 1, 0);
    ack.textSent(instant(40 * 1_000));
    expect(ack.quick.isInteractive).toBe(false);
    ack.textSent(instant(39 * 1_000));
    expect(ack.quick.isInteractive).toBe(true);
  });

  test("a timer that is about to run out does not wait for it", () => {
    const ack = delayedAck();
    arrivals(ack, 1, 0);
    const armed = ack.deadline(start, NEVER, 0 as Duration);
    const now = arrivals(ack, 1, 0, 30);
    expect(ack.deadline(now, armed, 0 as Duration)).toBe(now);
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

  test("of a small segment come within 40 ms, of the second full one at once (MUST-40, SHLD-19)", () => {
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
    peer.advance(milliseconds(20));
    peer.sends(text("b"));
    peer.advance(milliseconds(19));
    peer.expectsNothing();
    peer.advance(milliseconds(1));
    peer.expects(ack({ ack: 103 }));
  });

  test("small segments add up to two full ones (SHLD-19)", () => {
    const { peer, connection } = accepted({ config: { receiveBuffer: 10 * FULL } });
    peer.sends(text(FULL));
    peer.sends(text(FULL));
    peer.expects(ack({ ack: 101 + 2 * FULL }));
    // Nobody reads, so that the window does not move on.
    peer.sends(text(FULL - 10));
    peer.sends(text(10));
    peer.sends(text(FULL - 10));
    peer.expectsNothing();
    peer.sends(text(10));
    peer.expects(ack({ ack: 101 + 4 * FULL }));
    expect(connection.readable).toBe(4 * FULL);
  });

  test("more than one full segment is enough if the window moves on with it", () => {
    const { peer, user } = accepted();
    peer.sends(text(2 * FULL - 100), text(100));
    peer.expects(ack({ ack: 101 + 2 * FULL }));
    user.reads();
    peer.sends(text(FULL));
    peer.expectsNothing();
    peer.sends(text(1));
    peer.expects(ack({ ack: 102 + 3 * FULL }));
  });

  test("more than one segment that waits for its reader is acknowledged when he reads", () => {
    const { peer, user } = accepted({ config: { receiveBuffer: 10 * FULL } });
    peer.sends(text(2 * FULL));
    peer.takes();
    peer.sends(text(FULL), text(10));
    peer.expectsNothing();
    user.reads(1);
    peer.expects(ack({ ack: 111 + 3 * FULL }));
  });

  test("one is enough for a burst (MUST-58, MUST-59)", () => {
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
