import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { accepted, FULL } from "../../../test/tcp/fixtures.ts";
import { ack, fin, text } from "../../../test/tcp/segments.ts";
import { milliseconds } from "../../base/time.ts";
import { isWorthAnUpdate, windowField, windowScaleFor, windowToAdvertise } from "./receive-window.ts";

const MSS = 1_000;

describe("windowScaleFor: RFC 7323 §2.3", () => {
  test.each([
    [0xffff, 0],
    [0x1_0000, 1],
    [1 << 20, 5],
    [6 << 20, 7],
    [2 ** 30 - 1, 14],
    [2 ** 31 - 1, 14],
  ])("for %d bytes the shift is %d", (limit, shift) => {
    expect(windowScaleFor(limit)).toBe(shift);
  });

  test("the smallest that can tell the limit", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffff << 14 }), limit => {
        const shift = windowScaleFor(limit);
        expect(limit >> shift).toBeLessThanOrEqual(0xffff);
        if (shift > 0) expect(limit >> (shift - 1)).toBeGreaterThan(0xffff);
      }),
    );
  });
});

describe("windowToAdvertise: RFC 9293 §3.8.6.2.2 (MUST-39)", () => {
  test("the right edge moves by a segment or more", () => {
    expect(windowToAdvertise(5_000, 5_999, 100_000, MSS)).toBe(5_000);
    expect(windowToAdvertise(5_000, 6_000, 100_000, MSS)).toBe(6_000);
  });

  test("or by half of a small buffer", () => {
    expect(windowToAdvertise(0, 399, 800, MSS)).toBe(0);
    expect(windowToAdvertise(0, 400, 800, MSS)).toBe(400);
  });

  test("it never moves left, even when there is less room than was told (SHLD-14)", () => {
    expect(windowToAdvertise(5_000, 100, 100_000, MSS)).toBe(5_000);
  });
});

describe("windowField", () => {
  test("is the window, shifted", () => {
    expect(windowField(128_000, 0, 7, 128_000)).toBe(1_000);
  });

  test("an edge that was told is rounded up, not down", () => {
    expect(windowField(1_000, 1_000, 7, 1_000)).toBe(8);
    expect(windowField(1_023, 1_023, 7, 1_023)).toBe(8);
    expect(windowField(1_024, 1_024, 7, 1_024)).toBe(8);
    expect(windowField(1_025, 1_025, 7, 1_025)).toBe(9);
  });

  test("but not again and again: only as long as the room lasts, to within the rounding", () => {
    expect(windowField(1_000, 1_000, 7, 897)).toBe(8);
    expect(windowField(1_000, 1_000, 7, 896)).toBe(7);
  });

  test("never exceeds its 16 bits", () => {
    expect(windowField(1 << 20, 0, 0, 1 << 20)).toBe(0xffff);
  });

  test("promises no more than the room and one unit of rounding", () => {
    const size = fc.integer({ min: 0, max: 1 << 24 });
    fc.assert(
      fc.property(size, size, fc.integer({ min: 0, max: 14 }), (current, room, shift) => {
        const window = windowToAdvertise(current, room, 1 << 24, MSS);
        const told = windowField(window, current, shift, room) << shift;
        if (current <= room) {
          expect(told).toBeLessThan(room + (1 << shift));
          if (current <= 0xffff << shift)
            expect(told).toBeGreaterThanOrEqual(Math.min(current, 0xffff << shift));
        }
      }),
    );
  });
});

describe("isWorthAnUpdate", () => {
  test("a closed window that opens by two segments is", () => {
    expect(isWorthAnUpdate(0, 2 * MSS - 1, 100_000, MSS)).toBe(false);
    expect(isWorthAnUpdate(0, 2 * MSS, 100_000, MSS)).toBe(true);
  });

  test("or by half of a small buffer", () => {
    expect(isWorthAnUpdate(0, 500, 1_000, MSS)).toBe(true);
    expect(isWorthAnUpdate(0, 499, 1_000, MSS)).toBe(false);
  });

  test("a wide window has to double", () => {
    expect(isWorthAnUpdate(50_000, 90_000, 100_000, MSS)).toBe(false);
    expect(isWorthAnUpdate(50_000, 100_000, 100_000, MSS)).toBe(true);
  });

  test("without an opening there is nothing to tell", () => {
    expect(isWorthAnUpdate(5_000, 5_000, 10_000, MSS)).toBe(false);
    expect(isWorthAnUpdate(5_000, 0, 10_000, MSS)).toBe(false);
  });
});

describe("the window that reading opens: RFC 9293 §3.8.6.2.2 (MUST-39)", () => {
  const small = { config: { receiveBuffer: 4 * FULL } };

  test("a little is not told", () => {
    const { peer, user } = accepted(small);
    peer.sends(text(FULL), text(FULL), text(FULL), text(FULL));
    peer.expects(ack({ window: 2 * FULL }));
    peer.expects(ack({ window: 0 }));
    user.reads(FULL);
    peer.expectsNothing();
    user.reads(FULL);
    peer.expects(ack({ window: 2 * FULL }));
  });

  test("a window that is still wide is not told of at once, but with the next segment", () => {
    const { peer, user } = accepted({ config: { receiveBuffer: 40 * FULL } });
    peer.sends(text(FULL), text(FULL));
    peer.expects(ack({ window: 38 * FULL }));
    user.reads();
    peer.expectsNothing();
    user.sends("x");
    peer.expects(text("x", { window: 40 * FULL }));
  });

  test("without window scaling a wide buffer has no more to tell than 65535 bytes", () => {
    const { peer, user } = accepted();
    peer.sends(text("abc"));
    user.reads();
    peer.expects(ack({ ack: 104, window: 0xffff }));
  });

  test("after the peer's FIN there is nothing to tell", () => {
    const { peer, user } = accepted(small);
    peer.sends(text(3 * FULL), fin());
    peer.takes();
    user.reads();
    peer.expectsNothing();
  });

  test("the right edge never moves left (SHLD-14)", () => {
    const { peer, connection } = accepted({ config: { receiveBuffer: 10_000 } });
    let edge = 0;
    for (let i = 0; i < 20; i++) {
      peer.sends(text(500));
      peer.advance(milliseconds(40));
      for (const seen of peer.takes()) {
        expect((seen.ack ?? 0) + seen.window).toBeGreaterThanOrEqual(edge);
        edge = (seen.ack ?? 0) + seen.window;
      }
    }
    expect(connection.readable).toBe(10_000);
    expect(edge).toBe(10_101);
  });
});
