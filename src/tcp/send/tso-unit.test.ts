import { describe, expect, test } from "vitest";
import { established, FULL } from "../../../test/tcp/fixtures.ts";
import { ack, text } from "../../../test/tcp/segments.ts";
import { type Duration, milliseconds } from "../../base/time.ts";
import { segmentsOfWindow, unitSegments } from "./tso-unit.ts";

const CONFIG = { minTsoSegments: 2, tsoRttLog: 9 };
const FAR = milliseconds(50);

describe("the size of a unit: Linux's tcp_tso_autosize", () => {
  test("is what goes out in 1/1024 s", () => {
    expect(unitSegments({ rate: 10_240_000, minRtt: FAR }, 1_000, CONFIG)).toBe(10);
  });

  test("is tcp_min_tso_segs at least, also before the pace is known", () => {
    const unknown = Number.POSITIVE_INFINITY as Duration;
    expect(unitSegments({ rate: 0, minRtt: unknown }, 1_460, CONFIG)).toBe(2);
    expect(unitSegments({ rate: 0, minRtt: unknown }, 1_460, { ...CONFIG, minTsoSegments: 5 })).toBe(5);
  });

  test("is larger for near peers, halved with each 512 µs of round trip", () => {
    const near = (rtt: number) => unitSegments({ rate: 0, minRtt: rtt as Duration }, 1_024, CONFIG);
    expect(near(511)).toBe(63);
    expect(near(512)).toBe(32);
    expect(near(1_024)).toBe(16);
    expect(near(6 * 512)).toBe(2);
  });

  test("does not follow the distance when tcp_tso_rtt_log is 0", () => {
    expect(unitSegments({ rate: 0, minRtt: 1 as Duration }, 1_000, { ...CONFIG, tsoRttLog: 0 })).toBe(2);
  });

  test("is 64 KiB at most", () => {
    expect(unitSegments({ rate: 1e12, minRtt: 1 as Duration }, 1_000, CONFIG)).toBe(65);
  });

  test("is half of the congestion window at most, and one segment at least", () => {
    expect(segmentsOfWindow(10_000, 1_000)).toBe(5);
    expect(segmentsOfWindow(3_999, 1_000)).toBe(1);
    expect(segmentsOfWindow(1_000, 1_000)).toBe(1);
  });
});

describe("PSH by units: docs/decisions/push.md", () => {
  test("a unit's last segment is pushed, a lone one only at a write's end (MUST-60, MUST-61)", () => {
    const { peer, user } = established({ rtt: 100, config: { tsoUnits: true } });
    user.sends(3 * FULL + 5);
    for (const [size, psh] of [
      [FULL, false],
      [FULL, true],
      [FULL, false],
      [5, true],
    ] as const) {
      peer.expects(text(size, { psh }));
    }
  });

  test("with a window of two segments no unit has two", () => {
    const { peer, user } = established({ rtt: 100, config: { tsoUnits: true, initialWindow: 2 } });
    user.sends(3 * FULL);
    peer.expects(text(FULL, { psh: false }));
    peer.expects(text(FULL, { psh: false }));
    peer.sends(ack({ ack: 1 + FULL }));
    peer.expects(text(FULL, { psh: true }));
  });
});
