import { describe, expect, test } from "vitest";
import { ForwardRto, type TimeoutEvidence } from "./f-rto.ts";

const NOTHING: TimeoutEvidence = {
  advanced: false,
  originalArrived: false,
  isDuplicate: false,
  recovered: false,
  newTextSent: false,
  newTextWaits: true,
};

function timedOut(): ForwardRto {
  const frto = new ForwardRto();
  frto.began();
  return frto;
}

describe("F-RTO: RFC 5682 §3.1", () => {
  test("is of no use before a timeout, and after it was ended", () => {
    expect(new ForwardRto().acknowledged({ ...NOTHING, originalArrived: true })).toBe("lost-text");
    const frto = timedOut();
    frto.ended();
    expect(frto.acknowledged({ ...NOTHING, originalArrived: true })).toBe("lost-text");
  });

  test("step 2b: when the first segment is acknowledged new text is asked for", () => {
    const frto = timedOut();
    expect(frto.acknowledged({ ...NOTHING, advanced: true })).toBe("new-text");
    expect(frto.asksForNew).toBe(true);
    frto.newTextTried(true);
    expect(frto.asksForNew).toBe(false);
  });

  test("step 3b: then the originals are acknowledged: the timeout was spurious", () => {
    const frto = timedOut();
    frto.acknowledged({ ...NOTHING, advanced: true });
    frto.newTextTried(true);
    const evidence = { ...NOTHING, advanced: true, newTextSent: true, originalArrived: true };
    expect(frto.acknowledged(evidence)).toBe("spurious");
  });

  test("step 3a: then the new text is reported out of order: the timeout was real", () => {
    const frto = timedOut();
    frto.acknowledged({ ...NOTHING, advanced: true });
    frto.newTextTried(true);
    expect(frto.acknowledged({ ...NOTHING, newTextSent: true, isDuplicate: true })).toBe("lost-text");
    // What comes later proves nothing any more.
    expect(frto.acknowledged({ ...NOTHING, originalArrived: true, newTextSent: true })).toBe("lost-text");
  });

  test.each([
    ["there is no new text", false, undefined],
    ["it could not go out after all", true, false],
  ])("step 2b, and %s: the timeout counts as real", (_name, newTextWaits, tried) => {
    const frto = timedOut();
    const next = frto.acknowledged({ ...NOTHING, advanced: true, newTextWaits });
    expect(next).toBe(newTextWaits ? "new-text" : "lost-text");
    if (tried !== undefined) frto.newTextTried(tried);
    expect(frto.asksForNew).toBe(false);
    expect(frto.acknowledged({ ...NOTHING, originalArrived: true })).toBe("lost-text");
  });

  test("SACK may show at once that an original has arrived (§3.1, 3b without 2b)", () => {
    expect(timedOut().acknowledged({ ...NOTHING, originalArrived: true })).toBe("spurious");
  });

  test("the acknowledgment of everything is not asked about", () => {
    const frto = timedOut();
    expect(frto.acknowledged({ ...NOTHING, advanced: true, recovered: true })).toBe("lost-text");
    expect(frto.asksForNew).toBe(false);
  });

  test("a duplicate before any progress leaves the question open", () => {
    const frto = timedOut();
    expect(frto.acknowledged({ ...NOTHING, isDuplicate: true })).toBe("lost-text");
    expect(frto.acknowledged({ ...NOTHING, advanced: true })).toBe("new-text");
  });
});
