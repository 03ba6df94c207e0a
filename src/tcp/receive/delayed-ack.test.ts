import { describe, expect, test } from "vitest";
import { accepted, closeWait, established, FULL } from "../../../test/tcp/fixtures.ts";
import { ack, text } from "../../../test/tcp/segments.ts";
import { milliseconds, seconds } from "../../base/time.ts";
import { DelayedAck } from "./delayed-ack.ts";

const MSS = 1_000;

describe("DelayedAck: RFC 9293 §3.8.6.3, RFC 5681 §4.2", () => {
  test("nothing came: nothing to say", () => {
    expect(new DelayedAck().urgency).toBe("none");
  });

  test("one full segment can wait, the second cannot (MUST-58, MUST-59)", () => {
    const ack = new DelayedAck();
    ack.textArrived(MSS, MSS);
    expect(ack.urgency).toBe("delayed");
    ack.textArrived(MSS, MSS);
    expect(ack.urgency).toBe("now");
  });

  test("small ones add up to two full ones", () => {
    const ack = new DelayedAck();
    for (let i = 0; i < 19; i++) ack.textArrived(100, MSS);
    expect(ack.urgency).toBe("delayed");
    ack.textArrived(100, MSS);
    expect(ack.urgency).toBe("now");
  });

  test("an acknowledgment that went out counts from nothing again", () => {
    const ack = new DelayedAck();
    ack.textArrived(MSS, MSS);
    ack.sent();
    expect(ack.urgency).toBe("none");
    ack.textArrived(MSS, MSS);
    expect(ack.urgency).toBe("delayed");
  });

  test("what has to be answered at once is not delayed by text that follows", () => {
    const ack = new DelayedAck();
    ack.atOnce();
    ack.textArrived(1, MSS);
    expect(ack.urgency).toBe("now");
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
