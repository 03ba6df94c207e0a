import { expect, test } from "vitest";
import { seconds } from "../../base/time.ts";
import { World } from "../../sim/world.ts";
import { attemptOrSleep, type Sleep } from "./sleep.ts";
import { fail, type SysResult, succeed } from "./sys-result.ts";
import { WaitQueue } from "./wait-queue.ts";

function sleeping(changes: Partial<Sleep> = {}) {
  const world = new World();
  const file = { waiters: new WaitQueue(), isReleased: false };
  const state = { result: undefined as SysResult | undefined, attempts: 0 };
  const sleep: Sleep = {
    scheduler: world,
    files: [file],
    attempt: () => {
      state.attempts++;
      return state.result;
    },
    timeout: undefined,
    expired: () => fail("EAGAIN"),
    ...changes,
  };
  return { world, file, state, sleep };
}

test("a result that is there is given at once, and nobody waits", () => {
  const { file, state, sleep } = sleeping();
  state.result = succeed(3);
  expect(attemptOrSleep(sleep)).toEqual({ value: 3 });
  expect(file.waiters.size).toBe(0);
});

test("a wake-up without a result is not the end; the first result is", async () => {
  const { file, state, sleep } = sleeping();
  const outcome = attemptOrSleep(sleep);
  file.waiters.wake(1);
  expect(file.waiters.size).toBe(1);
  state.result = succeed(5);
  file.waiters.wake(1);
  state.result = succeed(6);
  file.waiters.wake(1);
  expect(await outcome).toEqual({ value: 5 });
  expect(file.waiters.size).toBe(0);
});

test("when the time is over nobody waits any more", async () => {
  const { world, file, sleep } = sleeping({ timeout: seconds(2) });
  const outcome = attemptOrSleep(sleep);
  world.runFor(seconds(3));
  expect(await outcome).toEqual({ value: -1, errno: "EAGAIN" });
  expect(file.waiters.size).toBe(0);
});

test("no time at all: no promise", () => {
  const { sleep } = sleeping({ timeout: seconds(0) });
  expect(attemptOrSleep(sleep)).toEqual({ value: -1, errno: "EAGAIN" });
});

test("a result takes the timer along", async () => {
  const { world, file, state, sleep } = sleeping({ timeout: seconds(2) });
  const outcome = attemptOrSleep(sleep);
  state.result = succeed(1);
  file.waiters.wake(0);
  world.runFor(seconds(3));
  expect(await outcome).toEqual({ value: 1 });
});

test("a file that is closed ends the call with EBADF, unless the call does not mind", async () => {
  const { file, sleep } = sleeping();
  const outcome = attemptOrSleep(sleep);
  file.isReleased = true;
  file.waiters.wake(0);
  expect(await outcome).toEqual({ value: -1, errno: "EBADF" });
  const other = sleeping({ survivesClose: true });
  const survivor = attemptOrSleep(other.sleep);
  other.file.isReleased = true;
  other.file.waiters.wake(0);
  other.state.result = succeed(9);
  other.file.waiters.wake(0);
  expect(await survivor).toEqual({ value: 9 });
});

test("an attempt that wakes its own file is tried once more, not within itself", async () => {
  const { file, sleep } = sleeping();
  let depth = 0;
  let count = 0;
  const outcome = attemptOrSleep({
    ...sleep,
    attempt: () => {
      expect(depth).toBe(0);
      depth++;
      if (count < 5) file.waiters.wake(1);
      depth--;
      return ++count === 5 ? succeed(5) : undefined;
    },
  });
  expect(await outcome).toEqual({ value: 5 });
});
