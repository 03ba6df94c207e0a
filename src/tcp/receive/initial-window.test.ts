import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tcpConfig } from "../tcp-config.ts";
import { initialWindow, windowScaleFor } from "./initial-window.ts";

describe("windowScaleFor: RFC 7323 §2.3", () => {
  test.each([
    [0x7fff, 0],
    [0x8000, 1],
    [3 << 20, 7],
    [7_864_320, 8],
    [16 << 20, 10],
    [2 ** 29, 14],
    [2 ** 30, 14],
  ])("for a buffer that may grow to %d bytes the shift is %d, as on Linux", (receiveBufferLimit, shift) => {
    const config = tcpConfig({ receiveBuffer: 4_096, receiveBufferLimit, receiveBufferCeiling: 0 });
    expect(windowScaleFor(config)).toBe(shift);
  });

  test("what SO_RCVBUF may ask for counts too", () => {
    expect(windowScaleFor(tcpConfig({ receiveBufferLimit: 65_536 }))).toBe(7);
  });

  test("a buffer or a window that the user has fixed needs no more than it can tell", () => {
    expect(windowScaleFor(tcpConfig({ receiveBuffer: 1 << 20, receiveBufferFixed: true }))).toBe(5);
    expect(windowScaleFor(tcpConfig({ windowClamp: 65_535 }))).toBe(0);
    const both = tcpConfig({ receiveBuffer: 1 << 20, receiveBufferFixed: true, windowClamp: 200_000 });
    expect(windowScaleFor(both)).toBe(2);
  });

  test("it can tell the largest window that there may be", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 0xffff << 13 }), receiveBufferLimit => {
        const shift = windowScaleFor(tcpConfig({ receiveBufferLimit }));
        expect(receiveBufferLimit >> shift).toBeLessThanOrEqual(0xffff);
      }),
    );
  });
});

describe("initialWindow: RFC 9293 §3.10.1, RFC 7323 §2.2", () => {
  test("is the buffer in whole segments, and no more than the field takes", () => {
    expect(initialWindow(tcpConfig(), 1_460)).toBe(64_240);
    expect(initialWindow(tcpConfig(), 1_448)).toBe(65_160);
    expect(initialWindow(tcpConfig({ receiveBuffer: 270_000 }), 1_460)).toBe(65_535);
    expect(initialWindow(tcpConfig({ receiveBuffer: 1_000 }), 1_460)).toBe(1_000);
  });

  test("TCP_WINDOW_CLAMP bounds it", () => {
    expect(initialWindow(tcpConfig({ windowClamp: 10_000 }), 1_460)).toBe(8_760);
  });

  test("not beyond 32767 for peers that take it for signed", () => {
    expect(initialWindow(tcpConfig({ signedWindows: true }), 1_460)).toBe(32_767);
  });
});
