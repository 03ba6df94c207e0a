/**
 * The end of a program. The kernel goes on with the connections of a process that has ended, until the peers
 * have everything; here that takes the process itself. Peers on the host's own loopback end along with it.
 */
import type { Host } from "../../host/host.ts";

/** How long the peers have. */
const CLOSING_MS = 5_000;
const LOOK_EVERY_MS = 5;

/** @param last what is to be done at the very end */
export function endProgram(host: Host, last: () => void): void {
  let waited = 0;
  // Nothing holds the process any more: it stays for what is on its way, and asks again.
  process.on("beforeExit", () => {
    const leaving = [...host.tcp.connections()].filter(({ path }) => !path.isLoopback);
    for (const connection of leaving) connection.release();
    if (waited >= CLOSING_MS || leaving.every(({ isOver }) => isOver)) return;
    waited += LOOK_EVERY_MS;
    setTimeout(() => undefined, LOOK_EVERY_MS);
  });
  // Whoever calls `process.exit` does not wait: the peers hear that it is over, if nothing else.
  process.on("exit", () => {
    for (const connection of [...host.tcp.connections()]) connection.abort();
    last();
  });
}
