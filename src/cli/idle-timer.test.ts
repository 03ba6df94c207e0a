import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { IdleTimer } from "./idle-timer.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What has become of the timer by now. */
async function outcome({ expired }: IdleTimer): Promise<string> {
  let state = "running";
  expired.then(
    () => {
      state = "expired";
    },
    (error: Error) => {
      state = error.message;
    },
  );
  await Promise.resolve();
  await Promise.resolve();
  return state;
}

test("each touch starts the time again", async () => {
  const timer = new IdleTimer(1_000);
  timer.touch();
  vi.advanceTimersByTime(900);
  timer.touch();
  vi.advanceTimersByTime(900);
  expect(await outcome(timer)).toBe("running");
  vi.advanceTimersByTime(100);
  expect(await outcome(timer)).toBe("expired");
});

test("what takes too long may be an error, until something else has happened", async () => {
  const slow = new IdleTimer(1_000);
  slow.touch(new Error("too slow"));
  vi.advanceTimersByTime(1_000);
  expect(await outcome(slow)).toBe("too slow");
  const connected = new IdleTimer(1_000);
  connected.touch(new Error("too slow"));
  connected.touch();
  vi.advanceTimersByTime(1_000);
  expect(await outcome(connected)).toBe("expired");
});

test("without a limit it never runs out", async () => {
  const timer = new IdleTimer(undefined);
  timer.touch(new Error("too slow"));
  vi.advanceTimersByTime(1e9);
  expect(await outcome(timer)).toBe("running");
});
