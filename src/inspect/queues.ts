/** The queues of all listeners, and what the hosts have dropped so far: few numbers, read anew each time. */
import type { Host } from "../host/host.ts";
import type { ListenerState, Queues } from "./protocol.ts";

/** A program may listen to any number of ports. */
const MOST_LISTENERS = 200;

export function queuesOf(hosts: Iterable<Host>): Pick<Queues, "listeners" | "drops"> {
  const listeners: ListenerState[] = [];
  const drops: Array<Queues["drops"][number]> = [];
  for (const host of hosts) {
    for (const listener of host.tcp.listeners()) {
      if (listeners.length === MOST_LISTENERS) break;
      const { address, port: localPort, halfOpen, waiting, backlog, counters } = listener;
      listeners.push({
        host: host.name,
        local: address?.toString() ?? "*",
        localPort,
        halfOpen,
        waiting,
        backlog,
        overflows: counters.overflows,
        drops: counters.drops,
        cookiesSent: counters.cookiesSent,
        cookiesAccepted: counters.cookiesReceived,
        cookiesRefused: counters.cookiesFailed,
      });
    }
    for (const [reason, count] of host.drops.entries()) drops.push({ host: host.name, reason, count });
  }
  return { listeners, drops };
}
