/**
 * TCP_DEFER_ACCEPT: a listener hears of a connection only with its first text. The time that it waits for
 * that is kept as a number of SYN-ACK timeouts, as on Linux, so that it ends with one of them.
 */

/** The first timeout and the longest, in seconds: Linux's TCP_TIMEOUT_INIT and TCP_RTO_MAX. */
const FIRST_TIMEOUT = 1;
const LONGEST_TIMEOUT = 120;
/** What fits in a byte. */
const MOST_TIMEOUTS = 255;

/** The timeouts that last for at least so many seconds. */
export function timeoutsFor(seconds: number): number {
  if (seconds <= 0) return 0;
  let timeout = FIRST_TIMEOUT;
  let period = timeout;
  let count = 1;
  while (seconds > period && count < MOST_TIMEOUTS) {
    count++;
    timeout = Math.min(timeout * 2, LONGEST_TIMEOUT);
    period += timeout;
  }
  return count;
}

/** How long so many timeouts last, in seconds. */
export function secondsOf(timeouts: number): number {
  if (timeouts === 0) return 0;
  let timeout = FIRST_TIMEOUT;
  let period = timeout;
  for (let left = timeouts - 1; left > 0; left--) {
    timeout = Math.min(timeout * 2, LONGEST_TIMEOUT);
    period += timeout;
  }
  return period;
}
