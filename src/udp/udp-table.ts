/**
 * Which endpoint a datagram is for, and which local addresses and ports are taken.
 *
 * The most specific endpoint wins: connected, then bound to the address, then of the address's own family.
 * Among equals that share by `reusePort` the flow decides, so a flow stays with one of them; else the one
 * that was bound last.
 */
import type { IpAddress, IpFamily } from "../wire/address.ts";

/** What the table looks at. It may change only between `remove` and `add`, but for the remote side. */
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

export class UdpTable<Entry extends Binding> {
  /** By local port, in the order of binding. */
  readonly #ports = new Map<number, Entry[]>();

  add(entry: Entry): void {
    const entries = this.#ports.get(entry.localPort);
    if (entries === undefined) this.#ports.set(entry.localPort, [entry]);
    else entries.push(entry);
  }

  remove(entry: Entry): void {
    const entries = this.#ports.get(entry.localPort);
    const index = entries?.indexOf(entry) ?? -1;
    if (entries === undefined || index < 0) return;
    entries.splice(index, 1);
    if (entries.length === 0) this.#ports.delete(entry.localPort);
  }

  /** Whether `wanted` may have this address and port beside those that have them. */
  isFree(wanted: Binding, address: IpAddress | undefined, port: number): boolean {
    const entries = this.#ports.get(port);
    return (
      entries === undefined ||
      entries.every(
        entry => entry === wanted || !overlaps(wanted, address, entry) || agreesToShare(wanted, entry),
      )
    );
  }

  /** Whether nobody has this port on this address, sharing or not. */
  isUnused(wanted: Binding, address: IpAddress | undefined, port: number): boolean {
    const entries = this.#ports.get(port);
    return entries === undefined || !entries.some(entry => overlaps(wanted, address, entry));
  }

  /** The one endpoint that a datagram from `remote` to `local` is for. */
  lookup(local: IpAddress, localPort: number, remote: IpAddress, remotePort: number): Entry | undefined {
    const entries = this.#ports.get(localPort);
    if (entries === undefined) return undefined;
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
    const entries = this.#ports.get(localPort) ?? [];
    return entries.filter(entry => scoreOf(entry, local, remote, remotePort) !== NO_MATCH);
  }

  /** Every bound endpoint. */
  *entries(): Iterable<Entry> {
    for (const entries of this.#ports.values()) yield* entries;
  }
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
