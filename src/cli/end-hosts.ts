/** The end of hosts that have connections: in order if their peers let it be, else by reset. */
import type { Host } from "../host/host.ts";
import type { Driver } from "../node/driver.ts";
import { aborted } from "./interrupts.ts";

export interface EndOptions {
  readonly driver: Driver;
  readonly hosts: readonly Host[];
  /** Closes the connections in order. */
  readonly close: () => unknown;
  /** Something beside the hosts' connections is not done yet. */
  readonly isBusy?: (() => boolean) | undefined;
  /** Resets what is not a connection of the hosts. */
  readonly reset?: (() => void) | undefined;
  /** How many ms the peers have. */
  readonly within: number;
  /** Aborted when the user does not want to wait. */
  readonly hurry?: AbortSignal | undefined;
}

const LOOK_EVERY_MS = 5;
/** What was sent last is on its way for so long at most, on a wire of our own. */
const LAST_FRAMES_MS = 20;

export async function endHosts(options: EndOptions): Promise<void> {
  const { driver, hosts, close, reset, within, hurry } = options;
  close();
  const waiting = new AbortController();
  const limit = setTimeout(() => waiting.abort(), within);
  const ends = [quiet(options, waiting.signal)];
  if (hurry !== undefined) ends.push(aborted(hurry));
  await Promise.race(ends);
  waiting.abort();
  clearTimeout(limit);
  reset?.();
  for (const host of hosts)
    for (const connection of [...host.tcp.connections()]) connection.abort("ECONNABORTED");
  await passed(LAST_FRAMES_MS);
  for (const host of hosts) host.close();
  driver.close();
}

/** Resolves when no host has a connection any more (TIME-WAIT is none), or when it is to wait no longer. */
async function quiet({ hosts, isBusy }: EndOptions, noLonger: AbortSignal): Promise<void> {
  const isQuiet = (): boolean =>
    !isBusy?.() && hosts.every(({ tcp }) => tcp.connections().next().done === true);
  while (!noLonger.aborted && !isQuiet()) await passed(LOOK_EVERY_MS);
}

function passed(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms));
}
