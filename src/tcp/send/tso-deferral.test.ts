import { describe, expect, test } from "vitest";
import { milliseconds } from "../../base/time.ts";
import { type DeferralCase, deferredFor } from "./tso-deferral.ts";

/** One segment of 1,000 bytes may go, of a window of ten, in the middle of a row of acknowledgments. */
const IN_A_ROW: DeferralCase = {
  sendWindow: 50_000,
  cwndRoom: 1_000,
  windows: 10_000,
  waiting: 20_000,
  mayGrow: true,
  unit: 2_000,
  mss: 1_000,
  sinceSent: 0,
  untilAck: 0,
  srtt: milliseconds(50),
  divisor: 3,
};

function waits(changes: Partial<DeferralCase>): string {
  return deferredFor({ ...IN_A_ROW, ...changes }) ?? "goes";
}

describe("whether a unit waits for a larger one: Linux's tcp_tso_should_defer", () => {
  test("in a row of acknowledgments it waits for whichever window is the smaller", () => {
    expect(waits({})).toBe("cwnd");
    expect(waits({ sendWindow: 1_000, cwndRoom: 50_000 })).toBe("window");
  });

  test("it goes when nothing has been sent for a millisecond", () => {
    expect(waits({ sinceSent: 999 })).toBe("cwnd");
    expect(waits({ sinceSent: 1_000 })).toBe("goes");
  });

  test("it goes when it is of full size, or all that there will be", () => {
    expect(waits({ cwndRoom: 2_000 })).toBe("goes");
    expect(waits({ waiting: 1_500, cwndRoom: 1_600, mayGrow: false })).toBe("goes");
    expect(waits({ waiting: 1_500, cwndRoom: 1_600 })).toBe("text");
  });

  test("it goes when it uses a third of the windows; without a divisor, when it has more than three segments", () => {
    expect(waits({ windows: 3_000 })).toBe("goes");
    expect(waits({ windows: 3_003 })).toBe("cwnd");
    expect(waits({ divisor: 0, unit: 9_000, cwndRoom: 3_000 })).toBe("cwnd");
    expect(waits({ divisor: 0, unit: 9_000, cwndRoom: 3_001 })).toBe("goes");
  });

  test("it goes when the next acknowledgment is more than a millisecond away, or half a near round trip", () => {
    expect(waits({ untilAck: 1_000 })).toBe("cwnd");
    expect(waits({ untilAck: 1_001 })).toBe("goes");
    expect(waits({ untilAck: 600, srtt: milliseconds(1) })).toBe("goes");
  });
});
