import { describe, expect, test } from "vitest";
import { afterTimeout, retriesUnderLoad } from "./syn-ack-policy.ts";

describe("how often a SYN-ACK is repeated", () => {
  test.each([
    // A queue that is less than half full, or small: as configured.
    [{ backlog: 100, halfOpen: 50, young: 0 }, 5],
    [{ backlog: 1, halfOpen: 4, young: 0 }, 5],
    // Old entries fill half of it: the fewer are young, the fewer repetitions, but two.
    [{ backlog: 100, halfOpen: 51, young: 0 }, 2],
    [{ backlog: 100, halfOpen: 60, young: 10 }, 3],
    [{ backlog: 100, halfOpen: 60, young: 20 }, 4],
    [{ backlog: 100, halfOpen: 60, young: 31 }, 5],
  ])("under load %j: %d of five", (load, expected) => {
    expect(retriesUnderLoad(5, load)).toBe(expected);
  });

  test("a setting below the two that are always left stays", () => {
    expect(retriesUnderLoad(1, { backlog: 100, halfOpen: 100, young: 0 })).toBe(1);
  });

  test.each([
    // timeouts so far, acknowledged, deferral: verdict with five repetitions
    [4, false, 0, "send again"],
    [5, false, 0, "give up"],
    [5, true, 0, "give up"],
    [0, false, 3, "send again"],
    [0, true, 3, "wait"],
    [2, true, 3, "send again"],
    [5, true, 3, "give up"],
    [5, false, 7, "give up"],
    [5, true, 7, "wait"],
    [6, true, 7, "send again"],
    [7, true, 7, "give up"],
  ] as const)(
    "after %d timeouts, acknowledged %j, deferred for %d: %s",
    (timeouts, isAcknowledged, defer, verdict) => {
      expect(afterTimeout({ timeouts, isAcknowledged }, 5, defer)).toBe(verdict);
    },
  );
});
