import { describe, expect, test } from "vitest";
import { ProportionalRateReduction } from "./prr.ts";

const MSS = 1_000;

/** What a sender does: sends as much as the window lets it. Answers how many segments. */
class Sender {
  readonly prr: ProportionalRateReduction;
  readonly #ssthresh: number;
  pipe: number;

  constructor(before: number, ssthresh: number, pipe: number) {
    this.prr = new ProportionalRateReduction(before * MSS);
    this.#ssthresh = ssthresh * MSS;
    this.pipe = pipe;
  }

  /** An acknowledgment says that `delivered` segments arrived, and `lost` more have not. */
  acknowledged(delivered: number, options: { lost?: number; isSafe?: boolean } = {}): number {
    this.pipe -= delivered + (options.lost ?? 0);
    this.prr.acknowledged(delivered * MSS, this.pipe * MSS, this.#ssthresh, MSS, options.isSafe ?? false);
    let sent = 0;
    for (; (this.pipe + 1) * MSS <= this.prr.window; sent++) {
      this.pipe++;
      this.prr.sent(MSS);
    }
    return sent;
  }
}

describe("proportional rate reduction: RFC 9937 §6", () => {
  test("the first acknowledgment lets the fast retransmit go, whatever is in flight", () => {
    expect(new Sender(20, 10, 20).acknowledged(1, { lost: 1 })).toBe(1);
  });

  test("above ssthresh, for each two delivered one goes out, where the window is to be halved", () => {
    const sender = new Sender(20, 10, 20);
    const sent = Array.from({ length: 10 }, () => sender.acknowledged(1));
    expect(sent).toEqual([1, 0, 1, 0, 1, 0, 1, 0, 1, 0]);
  });

  test("at the end of the round trip ssthresh is in flight", () => {
    const sender = new Sender(20, 14, 20);
    for (let i = 0; i < 20; i++) sender.acknowledged(1);
    expect(sender.pipe).toBe(14);
  });

  test("below ssthresh as much goes out as arrives (PRR-CRB)", () => {
    const sender = new Sender(20, 10, 12);
    expect(sender.acknowledged(2, { lost: 4 })).toBe(2);
    expect(sender.acknowledged(1)).toBe(1);
    expect(sender.pipe).toBe(8);
  });

  test("and one more where SND.UNA moved and nothing more was lost (SafeACK)", () => {
    const sender = new Sender(20, 10, 12);
    sender.acknowledged(1, { lost: 6 });
    expect(sender.acknowledged(1, { isSafe: true })).toBe(2);
    expect(sender.acknowledged(1, { isSafe: false })).toBe(1);
  });

  test("never more than ssthresh", () => {
    const sender = new Sender(20, 10, 12);
    sender.acknowledged(1, { lost: 2 });
    sender.acknowledged(9, { isSafe: true });
    expect(sender.pipe).toBeLessThanOrEqual(10);
  });

  test("what was not sent earlier may go out later: for a sender with nothing to send", () => {
    const prr = new ProportionalRateReduction(10 * MSS);
    for (let pipe = 9; pipe >= 3; pipe--) prr.acknowledged(MSS, pipe * MSS, 7 * MSS, MSS, false);
    // Seven delivered, none sent, three in flight: four more until ssthresh.
    expect(prr.window).toBe(7 * MSS);
  });

  test("an acknowledgment that delivers nothing changes nothing", () => {
    const prr = new ProportionalRateReduction(10 * MSS);
    expect(prr.window).toBe(10 * MSS);
    prr.acknowledged(0, 5 * MSS, 7 * MSS, MSS, true);
    expect(prr.window).toBe(10 * MSS);
  });

  test("counts whole segments: a part of one lets one go", () => {
    const prr = new ProportionalRateReduction(10 * MSS);
    prr.acknowledged(MSS, 9 * MSS, 7 * MSS, MSS, false);
    expect(prr.window).toBe(10 * MSS);
    prr.sent(MSS);
    prr.acknowledged(MSS, 9 * MSS, 7 * MSS, MSS, false);
    expect(prr.window).toBe(10 * MSS);
    prr.sent(MSS);
    // ⌈3 · 0.7⌉ = 3, ⌈4 · 0.7⌉ = 3
    prr.acknowledged(MSS, 9 * MSS, 7 * MSS, MSS, false);
    prr.sent(MSS);
    prr.acknowledged(MSS, 9 * MSS, 7 * MSS, MSS, false);
    expect(prr.window).toBe(9 * MSS);
  });
});
