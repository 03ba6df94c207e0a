import { describe, expect, test } from "vitest";
import { seq } from "../../base/seq.ts";
import { type Instant, NEVER } from "../../base/time.ts";
import { Undo } from "./undo.ts";

const at = (time: number): Instant => time as Instant;

/** An episode in which `count` segments went out again, the first with timestamp 500. */
function episode(count: number): Undo {
  const undo = new Undo();
  undo.began(seq(1_000), 0);
  for (let i = 0; i < count; i++) undo.retransmitted(at(10 + i), 500 + i);
  return undo;
}

describe("D-SACK: RFC 3708", () => {
  test("when each retransmission is reported as a duplicate, all were needless", () => {
    const undo = episode(2);
    expect(undo.everyRetransmissionWasNeedless).toBe(false);
    undo.duplicatesReported(1);
    expect(undo.everyRetransmissionWasNeedless).toBe(false);
    undo.duplicatesReported(1);
    expect(undo.everyRetransmissionWasNeedless).toBe(true);
  });

  test("before anything went out again there is nothing needless", () => {
    const undo = episode(0);
    undo.duplicatesReported(1);
    expect(undo.everyRetransmissionWasNeedless).toBe(false);
  });

  test("one report may be of several segments, but not of more than there were", () => {
    const undo = episode(2);
    undo.duplicatesReported(9);
    expect(undo.everyRetransmissionWasNeedless).toBe(true);
    undo.retransmitted(at(50), 600);
    expect(undo.everyRetransmissionWasNeedless).toBe(false);
  });

  test("what an earlier episode sent again and is under way counts too", () => {
    const undo = new Undo();
    undo.began(seq(1_000), 2);
    undo.duplicatesReported(1);
    expect(undo.everyRetransmissionWasNeedless).toBe(false);
    undo.duplicatesReported(1);
    expect(undo.everyRetransmissionWasNeedless).toBe(true);
  });

  test("a report is of this episode if it ends after its beginning", () => {
    const undo = episode(1);
    expect([undo.covers(seq(1_000)), undo.covers(seq(1_001))]).toEqual([false, true]);
    undo.ended();
    expect(undo.covers(seq(1_001))).toBe(false);
    expect(undo.everyRetransmissionWasNeedless).toBe(false);
  });
});

describe("the Eifel algorithm: RFC 3522 §3.2", () => {
  test("an echo from before the first retransmission is that of an original", () => {
    const undo = episode(3);
    expect(undo.originalWasAcknowledged(499)).toBe(true);
    expect(undo.originalWasAcknowledged(500)).toBe(false);
    expect(undo.originalWasAcknowledged(501)).toBe(false);
  });

  test("the clock may wrap in between", () => {
    const undo = new Undo();
    undo.began(seq(0), 0);
    undo.retransmitted(at(10), -0x8000_0000);
    expect(undo.originalWasAcknowledged(0x7fff_ffff)).toBe(true);
    expect(undo.originalWasAcknowledged(-0x7fff_ffff)).toBe(false);
  });

  test("without timestamps, or with an echo of 0, nothing is known", () => {
    expect(episode(1).originalWasAcknowledged(undefined)).toBe(false);
    expect(episode(1).originalWasAcknowledged(0)).toBe(false);
  });

  test("when nothing has gone out again it can only be an original", () => {
    expect(episode(0).originalWasAcknowledged(undefined)).toBe(true);
  });

  test("the first retransmission counts until everything is in order again", () => {
    const undo = episode(2);
    expect(undo.retransmittedAt).toBe(10);
    undo.settled();
    expect(undo.retransmittedAt).toBe(NEVER);
    undo.retransmitted(at(90), 900);
    expect(undo.originalWasAcknowledged(600)).toBe(true);
  });
});

test("where ECN asked for the reduction the window is not given back (RFC 3168 §6.1.2)", () => {
  const undo = episode(1);
  expect(undo.mayRestoreWindow).toBe(true);
  undo.forbidWindow();
  expect(undo.mayRestoreWindow).toBe(false);
  undo.began(seq(5_000), 0);
  expect(undo.mayRestoreWindow).toBe(true);
});
