import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { accepted, FULL, MODERN } from "../../../test/tcp/fixtures.ts";
import { ack, fin, text } from "../../../test/tcp/segments.ts";
import { milliseconds } from "../../base/time.ts";
import { setReceiveBuffer, setReceiveLowWater, setWindowClamp } from "../connection-options.ts";
import { tcpConfig } from "../tcp-config.ts";
import { ReceiveWindow, type WindowLimits } from "./receive-window.ts";

const MSS = 1_000;
const BUFFER = 100_000;

/** As after a handshake that told `told`. */
function windowOf(
  told: number,
  buffer: number,
  scale: number,
  limits: Partial<WindowLimits> = {},
): ReceiveWindow {
  const window = new ReceiveWindow(tcpConfig(limits));
  window.begin(told, buffer, MSS, scale);
  return window;
}

describe("ReceiveWindow.begin", () => {
  test("keeps one segment of the buffer back, for a user who is late", () => {
    expect(windowOf(60_000, BUFFER, 2)).toMatchObject({ clamp: 99_000, threshold: 60_000 });
    expect(windowOf(100_000, BUFFER, 2)).toMatchObject({ clamp: 99_000, threshold: 99_000 });
    expect(windowOf(1_500, 1_500, 2)).toMatchObject({ clamp: 1_500 });
  });

  test("or a share of it: tcp_app_win; or nothing", () => {
    expect(windowOf(60_000, BUFFER, 2, { applicationWindow: 2 }).clamp).toBe(75_000);
    expect(windowOf(60_000, BUFFER, 2, { applicationWindow: 0 }).clamp).toBe(100_000);
  });

  test("never tells more than the field can, or the user allows", () => {
    expect(windowOf(60_000, BUFFER, 0).clamp).toBe(0xffff);
    expect(windowOf(60_000, BUFFER, 2, { windowClamp: 5_000 })).toMatchObject({
      clamp: 5_000,
      threshold: 5_000,
    });
  });
});

describe("the window opens with the flow", () => {
  test("by two segments for each that arrives, up to the clamp", () => {
    const window = windowOf(60_000, BUFFER, 2);
    expect(window.arrived(MSS, BUFFER - MSS, MSS)).toBe(true);
    expect(window.threshold).toBe(62_000);
    window.arrived(10 * MSS, BUFFER - MSS, MSS);
    expect(window.threshold).toBe(82_000);
    for (let i = 0; i < 20; i++) window.arrived(MSS, BUFFER, MSS);
    expect(window.threshold).toBe(99_000);
    expect(window.arrived(MSS, BUFFER, MSS)).toBe(false);
  });

  test("not for small segments, nor beyond the room there is", () => {
    const window = windowOf(60_000, BUFFER, 2);
    expect(window.arrived(127, BUFFER, MSS)).toBe(false);
    expect(window.arrived(MSS, 60_000, MSS)).toBe(false);
    expect(window.arrived(MSS, 60_500, MSS)).toBe(true);
    expect(window.threshold).toBe(60_500);
  });

  test("TCP_WINDOW_CLAMP narrows it; widening takes effect with what was told", () => {
    const window = windowOf(60_000, BUFFER, 2);
    window.clampTo(20_000, 60_000);
    expect(window).toMatchObject({ clamp: 20_000, threshold: 20_000 });
    window.clampTo(80_000, 30_000);
    expect(window).toMatchObject({ clamp: 80_000, threshold: 30_000 });
    window.widen(1 << 20);
    expect(window.clamp).toBe(80_000);
  });
});

describe("ReceiveWindow.select: RFC 9293 §3.8.6.2.2 (MUST-39)", () => {
  test("unscaled it is whole segments, and no edge moves by less than one", () => {
    const window = windowOf(60_000, 60_000, 0, { applicationWindow: 0 });
    expect(window.select(50_000, 50_000, 50_999, 60_000, MSS)).toBe(50_000);
    expect(window.select(50_000, 50_000, 51_000, 60_000, MSS)).toBe(51_000);
    expect(window.select(50_000, 40_000, 45_500, 60_000, MSS)).toBe(45_000);
  });

  test("with half of the buffer free it is what is free, up to the threshold", () => {
    const window = windowOf(60_000, BUFFER, 2);
    expect(window.select(60_000, 59_000, 99_000, BUFFER, MSS)).toBe(60_000);
    expect(window.select(60_000, 50_000, 55_001, BUFFER, MSS)).toBe(55_004);
    expect(window.isTight).toBe(false);
  });

  test("below, edges move by whole segments only", () => {
    const window = windowOf(99_000, BUFFER, 2);
    expect(window.select(40_000, 30_000, 30_999, BUFFER, MSS)).toBe(30_000);
    expect(window.isTight).toBe(true);
    expect(window.select(40_000, 30_000, 31_001, BUFFER, MSS)).toBe(31_000);
  });

  test("none is told for less than a segment, or a sixteenth of the buffer", () => {
    const small = windowOf(8_000, 8_000, 2);
    expect(small.select(0, 0, 999, 8_000, MSS)).toBe(0);
    expect(small.select(0, 0, 1_000, 8_000, MSS)).toBe(1_000);
    const large = windowOf(60_000, BUFFER, 2);
    expect(large.select(0, 0, 6_249, BUFFER, MSS)).toBe(0);
    expect(large.select(0, 0, 6_252, BUFFER, MSS)).toBe(6_252);
  });

  test("it never moves left, even when there is less room than was told (SHLD-14)", () => {
    const window = windowOf(60_000, BUFFER, 2);
    expect(window.select(60_000, 50_000, 100, BUFFER, MSS)).toBe(50_000);
  });

  test("but with tcp_shrink_window it does, if it is scaled", () => {
    const window = windowOf(60_000, BUFFER, 2, { shrinkWindow: true });
    expect(window.select(60_000, 50_000, 40_001, BUFFER, MSS)).toBe(40_000);
    expect(window.select(60_000, 50_000, 100, BUFFER, MSS)).toBe(0);
    const plain = windowOf(60_000, BUFFER, 0, { shrinkWindow: true });
    expect(plain.select(60_000, 50_000, 100, BUFFER, MSS)).toBe(50_000);
  });

  test("a buffer smaller than a segment is one segment", () => {
    const window = windowOf(400, 400, 0);
    expect(window.select(0, 0, 200, 400, MSS)).toBe(0);
    expect(window.select(0, 0, 201, 400, MSS)).toBe(201);
  });
});

describe("ReceiveWindow.field", () => {
  const scaled = windowOf(60_000, BUFFER, 7);

  test("is the window, shifted", () => {
    expect(scaled.field(128_000, 0, 128_000)).toBe(1_000);
  });

  test("an edge that was told is rounded up, not down", () => {
    expect(scaled.field(1_000, 1_000, 1_000)).toBe(8);
    expect(scaled.field(1_023, 1_023, 1_023)).toBe(8);
    expect(scaled.field(1_024, 1_024, 1_024)).toBe(8);
    expect(scaled.field(1_025, 1_025, 1_025)).toBe(9);
  });

  test("but not again and again: only as long as the room lasts, to within the rounding", () => {
    expect(scaled.field(1_000, 1_000, 897)).toBe(8);
    expect(scaled.field(1_000, 1_000, 896)).toBe(7);
  });

  test("never exceeds its 16 bits, or 15 for peers that want a sign", () => {
    expect(scaled.field(1 << 20, 0, 1 << 20, 0)).toBe(0xffff);
    expect(windowOf(60_000, BUFFER, 0, { signedWindows: true }).field(60_000, 0, BUFFER)).toBe(32_767);
  });

  test("promises no more than the room and one unit of rounding, and takes nothing back", () => {
    const size = fc.integer({ min: 0, max: 1 << 24 });
    fc.assert(
      fc.property(size, size, fc.integer({ min: 0, max: 14 }), (current, room, scale) => {
        const window = windowOf(0xffff, 1 << 24, scale);
        const chosen = window.select(current, current, room, 1 << 24, MSS);
        const told = window.field(chosen, current, room) << scale;
        if (current > room) return;
        expect(told).toBeLessThan(room + (1 << scale));
        if (current <= 0xffff << scale)
          expect(told).toBeGreaterThanOrEqual(Math.min(current, 0xffff << scale));
      }),
    );
  });
});

describe("what is worth an update of its own", () => {
  const window = windowOf(60_000, BUFFER, 2);

  test("a closed window that opens", () => {
    expect(window.isWorthAnUpdate(0, 0)).toBe(false);
    expect(window.isWorthAnUpdate(0, 4)).toBe(true);
  });

  test("a wide window has to double, and not from half of the widest on", () => {
    expect(window.isWorthAnUpdate(40_000, 79_999)).toBe(false);
    expect(window.isWorthAnUpdate(40_000, 80_000)).toBe(true);
    expect(window.mayUpdate(49_500)).toBe(true);
    expect(window.mayUpdate(49_501)).toBe(false);
  });
});

describe("the window that reading opens: RFC 9293 §3.8.6.2.2 (MUST-39)", () => {
  const small = { config: { receiveBuffer: 4 * FULL } };

  test("a little is not told", () => {
    const { peer, user } = accepted(small);
    peer.sends(text(FULL), text(FULL), text(FULL), text(FULL));
    peer.expects(ack({ window: 2 * FULL }));
    peer.expects(ack({ window: 0 }));
    user.reads(FULL - 1);
    peer.expectsNothing();
    user.reads(1);
    peer.expects(ack({ window: FULL }));
  });

  test("a window that is still wide is not told of at once, but with the next segment", () => {
    const { peer, user } = accepted({ config: { receiveBuffer: 40 * FULL } });
    peer.sends(text(FULL), text(FULL));
    peer.expects(ack({ window: 38 * FULL }));
    user.reads();
    peer.expectsNothing();
    user.sends("x");
    peer.expects(text("x", { window: 39 * FULL }));
  });

  test("without window scaling a wide buffer has no more to tell than 65535 bytes", () => {
    const { peer, user } = accepted({ config: { receiveBuffer: 1 << 20 } });
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

  test("closing and opening are counted", () => {
    const { peer, user, context } = accepted(small);
    peer.sends(text(4 * FULL));
    peer.expects(ack({ window: 0 }));
    user.reads();
    peer.expects(ack({ window: 3 * FULL }));
    expect(context.counters).toMatchObject({ windowsClosed: 1, windowsOpened: 1 });
  });
});

describe("SO_RCVBUF and TCP_WINDOW_CLAMP on a living connection", () => {
  test("a smaller buffer takes nothing back, but tells no more than it holds (SHLD-14)", () => {
    const { peer, user, connection } = accepted({ offer: MODERN });
    setReceiveBuffer(connection, 20_000);
    peer.sends(text(FULL - 12, { timestamps: [1_000_001, 0] }));
    user.reads();
    peer.advance(milliseconds(40));
    const { window } = peer.expects(ack());
    // To within the rounding: RFC 7323 §2.4.
    expect(window << 10).toBeGreaterThan(65_160 - FULL - 1_024);
    for (let i = 0; i < 60; i++) {
      peer.sends(text(FULL - 12, { timestamps: [1_000_001, 0] }));
      user.reads();
    }
    expect((peer.takes().at(-1)?.window ?? 0) << 10).toBeLessThanOrEqual(20_480);
  });

  test("a larger one opens the window with what comes", () => {
    const { peer, user, connection } = accepted({ offer: MODERN });
    setReceiveBuffer(connection, 200_000);
    for (let i = 0; i < 60; i++) {
      peer.sends(text(FULL - 12, { timestamps: [1_000_001, 0] }));
      user.reads();
    }
    expect((peer.takes().at(-1)?.window ?? 0) << 10).toBeGreaterThan(150_000);
  });

  test("the clamp is never exceeded, however much is read", () => {
    const { peer, user, connection } = accepted({ offer: MODERN });
    setWindowClamp(connection, 10_240);
    for (let i = 0; i < 60; i++) {
      peer.sends(text(FULL - 12, { timestamps: [1_000_001, 0] }));
      user.reads();
    }
    expect((peer.takes().at(-1)?.window ?? 0) << 10).toBe(10_240);
  });
});

describe("SO_RCVLOWAT", () => {
  test("the buffer is made to hold as much, within its limits", () => {
    const { connection } = accepted({ offer: MODERN, config: { receiveBufferLimit: 300_000 } });
    expect(setReceiveLowWater(connection, 200_000)).toBe(200_000);
    expect(connection.receiveBuffer.limit).toBe(200_000);
    expect(setReceiveLowWater(connection, 1 << 20)).toBe(300_000);
    expect(setReceiveLowWater(connection, 0)).toBe(1);
    setReceiveBuffer(connection, 50_000);
    expect(setReceiveLowWater(connection, 200_000)).toBe(50_000);
    expect(connection.receiveBuffer.limit).toBe(50_000);
  });

  test("who waits for more is helped by ACKs that do not wait, though the window does not move", () => {
    const { peer, connection } = accepted({ config: { receiveBuffer: 20 * FULL } });
    peer.sends(text(4 * FULL));
    peer.takes();
    peer.sends(text(FULL), text(1));
    peer.expectsNothing();
    setReceiveLowWater(connection, 10 * FULL);
    peer.sends(text(1));
    peer.expects(ack({ ack: 103 + 5 * FULL }));
  });
});
