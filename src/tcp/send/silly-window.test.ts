import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { established, FULL } from "../../../test/tcp/fixtures.ts";
import { ack, text } from "../../../test/tcp/segments.ts";
import { milliseconds } from "../../base/time.ts";
import { sendableNow } from "./silly-window.ts";

describe("sendableNow: RFC 9293 §3.8.6.2.1 (MUST-38, SHLD-28)", () => {
  test("(1) a full segment", () => {
    expect(sendableNow(5_000, 5_000, 1_460, 65_535)).toBe(1_460);
  });

  test("(2) all there is", () => {
    expect(sendableNow(10, 5_000, 1_460, 65_535)).toBe(10);
    expect(sendableNow(10, 10, 1_460, 65_535)).toBe(10);
  });

  test("(3) half of the largest window", () => {
    expect(sendableNow(5_000, 500, 1_460, 1_000)).toBe(500);
    expect(sendableNow(5_000, 499, 1_460, 1_000)).toBe(0);
  });

  test("(4) otherwise nothing, until the override timeout", () => {
    expect(sendableNow(5_000, 1_459, 1_460, 65_535)).toBe(0);
  });

  test("nothing when the window is closed, or has shrunk behind what is out", () => {
    expect(sendableNow(10, 0, 1_460, 65_535)).toBe(0);
    expect(sendableNow(10, -100, 1_460, 65_535)).toBe(0);
    expect(sendableNow(0, 100, 1_460, 65_535)).toBe(0);
  });

  test("never more than there is, than the window leaves, or than a segment takes", () => {
    const size = fc.integer({ min: -2_000, max: 70_000 });
    fc.assert(
      fc.property(
        fc.nat(70_000),
        size,
        fc.integer({ min: 1, max: 9_000 }),
        fc.nat(70_000),
        (unsent, usable, limit, max) => {
          const sendable = sendableNow(unsent, usable, limit, max);
          expect(sendable).toBeGreaterThanOrEqual(0);
          expect(sendable).toBeLessThanOrEqual(Math.max(0, Math.min(unsent, usable, limit)));
        },
      ),
    );
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
