import { describe, expect, test } from "vitest";
import { ReceiveMss } from "./receive-mss.ts";

const MOST = 1_448;
const USUAL = 12;

/** A segment with timestamps, and perhaps more; answers whether it looks like the end of a write. */
function arrives(mss: ReceiveMss, length: number, { options = USUAL, psh = false } = {}): boolean {
  return mss.arrived(length, options, USUAL, psh, psh, MOST);
}

describe("ReceiveMss: RFC 9293 §3.8.6.3 counts in full segments", () => {
  test("begins low: with what every host takes, half the window, or what we announced", () => {
    const mss = new ReceiveMss();
    const begins = (most: number, window: number): number => {
      mss.begin(most, window);
      return mss.value;
    };
    expect([begins(1_448, 65_535), begins(400, 65_535), begins(1_448, 600), begins(1_448, 10)]).toEqual([
      536, 400, 300, 88,
    ]);
  });

  test("follows the largest, but not beyond what we announced", () => {
    const mss = new ReceiveMss();
    arrives(mss, 1_000);
    expect(mss.value).toBe(1_000);
    arrives(mss, 9_000);
    expect(mss.value).toBe(MOST);
  });

  test("goes down when two in a row are smaller and alike", () => {
    const mss = new ReceiveMss();
    arrives(mss, MOST);
    arrives(mss, 800);
    arrives(mss, 900);
    expect(mss.value).toBe(MOST);
    arrives(mss, 900);
    expect(mss.value).toBe(900);
  });

  test("SACK blocks in a segment make it no other kind", () => {
    const mss = new ReceiveMss();
    arrives(mss, MOST);
    arrives(mss, 900);
    arrives(mss, 888, { options: USUAL + 12 });
    expect(mss.value).toBe(900);
  });

  test("not for small ones that are pushed: those end a write", () => {
    const mss = new ReceiveMss();
    arrives(mss, MOST);
    expect([arrives(mss, 300, { psh: true }), arrives(mss, 300, { psh: true })]).toEqual([true, true]);
    expect(mss.value).toBe(MOST);
    expect(arrives(mss, MOST)).toBe(false);
    expect(arrives(mss, MOST, { psh: true })).toBe(true);
  });
});
