/**
 * Ports that nobody asked for by number: RFC 6056 §3.3.1, algorithm 1. A random start, so that a stranger
 * cannot guess which port a query left from, then upward to the first that is free. The range is Linux's,
 * or what the host was told (net.ipv4.ip_local_port_range).
 */
import { below } from "../base/random.ts";
import type { UdpContext } from "./udp-context.ts";

export const FIRST_EPHEMERAL_PORT = 32_768;
export const LAST_EPHEMERAL_PORT = 60_999;

/** Undefined: all are taken. */
export function ephemeralPort(
  { random, config }: Pick<UdpContext, "random" | "config">,
  isFree: (port: number) => boolean,
): number | undefined {
  const lowest = config?.firstEphemeralPort ?? FIRST_EPHEMERAL_PORT;
  const count = (config?.lastEphemeralPort ?? LAST_EPHEMERAL_PORT) - lowest + 1;
  const first = below(random, count);
  for (let step = 0; step < count; step++) {
    const port = lowest + ((first + step) % count);
    if (isFree(port)) return port;
  }
  return undefined;
}
