import { expect, test } from "vitest";
import { SeededRandom } from "../base/random.ts";
import { ephemeralPort, FIRST_EPHEMERAL_PORT, LAST_EPHEMERAL_PORT } from "./ephemeral-port.ts";

test("ports are spread over the whole range (RFC 6056 §3.3.1)", () => {
  const random = new SeededRandom(1);
  const ports = Array.from({ length: 2_000 }, () => ephemeralPort({ random }, () => true) ?? 0);
  expect(Math.min(...ports)).toBeGreaterThanOrEqual(32_768);
  expect(Math.max(...ports)).toBeLessThanOrEqual(60_999);
  expect(new Set(ports).size).toBeGreaterThan(1_800);
  expect(Math.max(...ports) - Math.min(...ports)).toBeGreaterThan(28_000);
});

test("the last free port is found, and its absence too", () => {
  for (const last of [FIRST_EPHEMERAL_PORT, 40_000, LAST_EPHEMERAL_PORT]) {
    expect(ephemeralPort({ random: new SeededRandom(last) }, port => port === last)).toBe(last);
  }
  expect(ephemeralPort({ random: new SeededRandom(1) }, () => false)).toBeUndefined();
});
