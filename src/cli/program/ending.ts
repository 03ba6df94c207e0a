/**
 * The end of a program. The kernel goes on with the connections of a process that has ended, until the peers
 * have everything, and with the datagrams that it has sent; here that takes the process itself. Peers on the
 * host's own loopback end along with it.
 */
import type { Host } from "../../host/host.ts";
import type { Driver } from "../../node/driver.ts";

/** How long the peers have. */
const CLOSING_MS = 5_000;
const LOOK_EVERY_MS = 5;
/** So many looks in a row have to find nothing on its way: beyond the wire the gate has sockets to open. */
const QUIET_LOOKS = 3;

/** @param last what is to be done at the very end */
export function endProgram(host: Host, driver: Pick<Driver, "isCarrying">, last: () => void): void {
  let waited = 0;
  let quiet = 0;
  // Nothing holds the process any more: it stays for what is on its way, and asks again.
  process.on("beforeExit", () => {
    const leaving = [...host.tcp.connections()].filter(({ path }) => !path.isLoopback);
    for (const connection of leaving) connection.release();
    quiet = driver.isCarrying ? 0 : quiet + 1;
    const hasSent = host.udp.counters.sentDatagrams > 0;
    const isDone = leaving.every(({ isOver }) => isOver) && (!hasSent || quiet > QUIET_LOOKS);
    if (waited >= CLOSING_MS || isDone) return;
    waited += LOOK_EVERY_MS;
    setTimeout(() => undefined, LOOK_EVERY_MS);
  });
  // Whoever calls `process.exit` does not wait: the peers hear that it is over, if nothing else.
  process.on("exit", () => {
    for (const connection of [...host.tcp.connections()]) connection.abort();
    last();
  });
}
