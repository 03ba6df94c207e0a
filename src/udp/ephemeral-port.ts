/**
 * Ports that nobody asked for by number: RFC 6056 §3.3.1, algorithm 1. A random start, so that a stranger
 * cannot guess which port a query left from, then upward to the first that is free. The range is Linux's.
 */
import { below, type Random } from "../base/random.ts";

export const FIRST_EPHEMERAL_PORT = 32_768;
export const LAST_EPHEMERAL_PORT = 60_999;
const COUNT = LAST_EPHEMERAL_PORT - FIRST_EPHEMERAL_PORT + 1;

/** Undefined: all are taken. */
export function ephemeralPort(random: Random, isFree: (port: number) => boolean): number | undefined {
  const first = below(random, COUNT);
  for (let step = 0; step < COUNT; step++) {
    const port = FIRST_EPHEMERAL_PORT + ((first + step) % COUNT);
    if (isFree(port)) return port;
  }
  return undefined;
}
