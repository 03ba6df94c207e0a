/**
 * A call that has to wait: tried again whenever one of its files wakes it, until it has a result or its time
 * is over. It is tried from within the event that woke it, so its result has that event's instant.
 */
import type { Scheduled, Scheduler } from "../../base/event-queue.ts";
import { type Duration, instantAfter } from "../../base/time.ts";
import { fail, type SysOutcome, type SysResult } from "./sys-result.ts";
import type { WaitQueue } from "./wait-queue.ts";

/** Something to wait for. */
export interface Awaited {
  readonly waiters: WaitQueue;
  /** Its last descriptor is closed. Linux would let who waits wait on; here he is told EBADF. */
  readonly isReleased: boolean;
}

export interface Sleep {
  readonly scheduler: Scheduler | undefined;
  readonly files: readonly Awaited[];
  /** A result, or undefined as long as the call has to wait. */
  readonly attempt: () => SysResult | undefined;
  /** Undefined: for ever. */
  readonly timeout: Duration | undefined;
  /** The result when the time is over. */
  readonly expired: () => SysResult;
  /** The call goes on when one of the files is closed; it is told EBADF if not said. */
  readonly survivesClose?: boolean;
}

/** The result at once if there is one, else a promise of it. */
export function attemptOrSleep(sleep: Sleep): SysOutcome {
  const now = sleep.attempt();
  if (now !== undefined) return now;
  if (sleep.timeout !== undefined && sleep.timeout <= 0) return sleep.expired();
  return new Promise(resolve => {
    let timer: Scheduled | undefined;
    let isTrying = false;
    let isWokenAgain = false;
    const finish = (result: SysResult): void => {
      for (const file of sleep.files) file.waiters.remove(wake);
      timer?.cancel();
      resolve(result);
    };
    const wake = (): void => {
      isWokenAgain = true;
      // An attempt may itself wake its file: what it gives the other end may come back at once.
      if (isTrying) return;
      isTrying = true;
      let result: SysResult | undefined;
      while (isWokenAgain && result === undefined) {
        isWokenAgain = false;
        const isClosed = sleep.survivesClose !== true && sleep.files.some(file => file.isReleased);
        result = isClosed ? fail("EBADF") : sleep.attempt();
      }
      isTrying = false;
      if (result !== undefined) finish(result);
    };
    for (const file of sleep.files) file.waiters.add(wake);
    const { scheduler, timeout } = sleep;
    if (timeout !== undefined && scheduler !== undefined) {
      timer = scheduler.schedule(instantAfter(scheduler.now(), timeout), () => finish(sleep.expired()));
    }
    // The first attempt may have woken somebody who has answered before there was anyone to wake.
    wake();
  });
}
