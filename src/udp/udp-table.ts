/**
 * Which endpoint a datagram is for, and which local addresses and ports are taken.
 *
 * The most specific endpoint wins: connected, then bound to the address, then of the address's own family.
 * Among equals that share by `reusePort` the flow decides, so a flow stays with one of them; else the one
 * that was bound last.
 */
import type { IpAddress, IpFamily } from "../wire/address.ts";
import { flowKey } from "./flow-key.ts";

/** What the table looks at. It may change only between `remove` and `add`. */
export interface Binding {
  readonly family: IpFamily;
  /** Of family 6: takes no IPv4. */
  readonly v6only: boolean;
  readonly reuseAddress: boolean;
  readonly reusePort: boolean;
  /** Undefined: every address of the host. */
  readonly localAddress: IpAddress | undefined;
  readonly localPort: number;
  /** Undefined: not connected. */
  readonly remoteAddress: IpAddress | undefined;
  readonly remotePort: number;
}

const CONNECTED = 4;
const BOUND_TO_ADDRESS = 2;
const SAME_FAMILY = 1;
const NO_MATCH = -1;

/** Who has one local port. */
class PortHolders<Entry extends Binding> {
  /** In the order of binding. */
  readonly all = new Set<Entry>();
  /** Those that a datagram is compared with one by one: who is connected is found by his flow. */
  readonly open: Entry[] = [];
  readonly flows = new Map<string, Entry[]>();
}

export class UdpTable<Entry extends Binding> {
  readonly #ports = new Map<number, PortHolders<Entry>>();

  add(entry: Entry): void {
    let holders = this.#ports.get(entry.localPort);
    if (holders === undefined) {
      holders = new PortHolders();
      this.#ports.set(entry.localPort, holders);
    }
    holders.all.add(entry);
    const key = keyOf(entry);
    if (key === undefined) holders.open.push(entry);
    else holders.flows.set(key, [...(holders.flows.get(key) ?? []), entry]);
  }

  remove(entry: Entry): void {
    const holders = this.#ports.get(entry.localPort);
    if (holders === undefined || !holders.all.delete(entry)) return;
    if (holders.all.size === 0) this.#ports.delete(entry.localPort);
    const key = keyOf(entry);
    if (key === undefined) {
      holders.open.splice(holders.open.indexOf(entry), 1);
      return;
    }
    const rest = holders.flows.get(key)?.filter(other => other !== entry) ?? [];
    if (rest.length > 0) holders.flows.set(key, rest);
    else holders.flows.delete(key);
  }

  /** Whether `wanted` may have this address and port beside those that have them. */
  isFree(wanted: Binding, address: IpAddress | undefined, port: number): boolean {
    for (const entry of this.#ports.get(port)?.all ?? []) {
      if (entry !== wanted && overlaps(wanted, address, entry) && !agreesToShare(wanted, entry)) return false;
    }
    return true;
  }

  /** Whether nobody has this port on this address, sharing or not. */
  isUnused(wanted: Binding, address: IpAddress | undefined, port: number): boolean {
    for (const entry of this.#ports.get(port)?.all ?? []) {
      if (overlaps(wanted, address, entry)) return false;
    }
    return true;
  }

  /** The one endpoint that a datagram from `remote` to `local` is for. */
  lookup(local: IpAddress, localPort: number, remote: IpAddress, remotePort: number): Entry | undefined {
    const holders = this.#ports.get(localPort);
    if (holders === undefined) return undefined;
    const { flows, open } = holders;
    const connected = flows.size === 0 ? undefined : flows.get(flowKey(local, remote, remotePort));
    return this.#best(connected ?? open, local, remote, remotePort);
  }

  #best(
    entries: readonly Entry[],
    local: IpAddress,
    remote: IpAddress,
    remotePort: number,
  ): Entry | undefined {
    let best: Entry | undefined;
    let bestScore = NO_MATCH;
    let equals = 0;
    for (const entry of entries) {
      const score = scoreOf(entry, local, remote, remotePort);
      if (score === NO_MATCH || score < bestScore) continue;
      equals = score === bestScore ? equals + 1 : 1;
      bestScore = score;
      best = entry;
    }
    if (equals < 2 || best?.reusePort !== true) return best;
    let turn = ((remote.hash() ^ Math.imul(remotePort, 0x9e3779b1)) >>> 0) % equals;
    return entries.find(entry => scoreOf(entry, local, remote, remotePort) === bestScore && turn-- === 0);
  }

  /** All endpoints that take a datagram to a group: RFC 1122 §4.1.3.3, and Linux for more than one. */
  all(local: IpAddress, localPort: number, remote: IpAddress, remotePort: number): Entry[] {
    const holders = this.#ports.get(localPort);
    if (holders === undefined) return [];
    const connected = holders.flows.get(flowKey(local, remote, remotePort)) ?? [];
    return [...connected, ...holders.open].filter(
      entry => scoreOf(entry, local, remote, remotePort) !== NO_MATCH,
    );
  }

  /** Every bound endpoint. */
  *entries(): Iterable<Entry> {
    for (const { all } of this.#ports.values()) yield* all;
  }
}

/** Undefined: there is an address or a port that it leaves open. */
function keyOf({ localAddress, remoteAddress, remotePort }: Binding): string | undefined {
  const isFlow = localAddress !== undefined && remoteAddress?.family === localAddress.family;
  return isFlow ? flowKey(localAddress, remoteAddress, remotePort) : undefined;
}

function scoreOf(entry: Binding, local: IpAddress, remote: IpAddress, remotePort: number): number {
  let score = entry.family === local.family ? SAME_FAMILY : 0;
  if (entry.localAddress === undefined) {
    if (!takesFamily(entry, local.family)) return NO_MATCH;
  } else {
    if (!entry.localAddress.equals(local)) return NO_MATCH;
    score += BOUND_TO_ADDRESS;
  }
  if (entry.remoteAddress !== undefined) {
    if (entry.remotePort !== remotePort || !entry.remoteAddress.equals(remote)) return NO_MATCH;
    score += CONNECTED;
  }
  return score;
}

/** RFC 3493 §3.7: an IPv6 endpoint serves IPv4 too, unless told not to (§5.3). */
function takesFamily(entry: Binding, family: IpFamily): boolean {
  return entry.family === family || (entry.family === 6 && !entry.v6only);
}

function overlaps(wanted: Binding, address: IpAddress | undefined, entry: Binding): boolean {
  if (address !== undefined && entry.localAddress !== undefined) return address.equals(entry.localAddress);
  if (address !== undefined) return takesFamily(entry, address.family);
  if (entry.localAddress !== undefined) return takesFamily(wanted, entry.localAddress.family);
  return takesFamily(wanted, entry.family) || takesFamily(entry, wanted.family);
}

function agreesToShare(a: Binding, b: Binding): boolean {
  return (a.reuseAddress && b.reuseAddress) || (a.reusePort && b.reusePort);
}
