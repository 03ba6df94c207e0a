/**
 * The listeners of a host, by port. Who listens on the destination itself goes before who listens on every
 * address, and of those who serves one family before who serves both. Several may share one claim
 * (SO_REUSEPORT): each four-tuple then belongs to one of them, by rendezvous hashing (Thaler and
 * Ravishankar, 1998), so that one that comes or goes takes or leaves its own share and moves no other's.
 */
import type { Instant } from "../../base/time.ts";
import type { IpAddress } from "../../wire/address.ts";
import type { FourTuple } from "../tcp-probe.ts";
import type { Listener, PortClaim } from "./listener.ts";

/** A keyed hash of a four-tuple, that no stranger can aim. */
export type FourTupleHash = (
  local: IpAddress,
  localPort: number,
  remote: IpAddress,
  remotePort: number,
) => number;

const NO_MATCH = 0;

export class Listeners {
  readonly #byPort = new Map<number, Listener[]>();
  readonly #hash: FourTupleHash;

  constructor(hash: FourTupleHash) {
    this.#hash = hash;
  }

  /** The listener for a SYN to `local` and `port`. */
  lookup(local: IpAddress, port: number, remote: IpAddress, remotePort: number): Listener | undefined {
    const listeners = this.#byPort.get(port);
    if (listeners === undefined) return undefined;
    let best: Listener | undefined;
    let bestFit = NO_MATCH;
    let sharers = 0;
    for (const listener of listeners) {
      const fit = fitOf(listener, local);
      if (fit === NO_MATCH || fit < bestFit) continue;
      sharers = fit === bestFit ? sharers + 1 : 1;
      if (fit > bestFit) best = listener;
      bestFit = fit;
    }
    if (sharers <= 1) return best;
    return ownerOf(listeners, local, bestFit, this.#hash(local, port, remote, remotePort));
  }

  /** Whether somebody listens on the address and port. */
  covers(local: IpAddress, port: number): boolean {
    return (this.#byPort.get(port) ?? []).some(listener => fitOf(listener, local) !== NO_MATCH);
  }

  /** Whether another listener's claim to addresses on this port overlaps, and is not to be shared. */
  conflicts(claim: PortClaim): boolean {
    const others = this.#byPort.get(claim.port) ?? [];
    return others.some(other => overlap(other, claim) && !(claim.reusePort && other.reusePort));
  }

  /** Takes its place. Those who share it have sent cookies whose answers may now come to this one. */
  join(listener: Listener): void {
    const others = this.#byPort.get(listener.port);
    if (others === undefined) {
      this.#byPort.set(listener.port, [listener]);
      return;
    }
    for (const other of others) listener.overflowedAt = later(listener.overflowedAt, other.overflowedAt);
    others.push(listener);
  }

  remove(listener: Listener): void {
    const left = (this.#byPort.get(listener.port) ?? []).filter(other => other !== listener);
    if (left.length === 0) this.#byPort.delete(listener.port);
    else this.#byPort.set(listener.port, left);
    for (const other of left) other.overflowedAt = later(other.overflowedAt, listener.overflowedAt);
  }

  /** Who shares the place of a listener that has gone, for one of its connections. */
  heir(gone: Listener, { local, remote, remotePort }: Omit<FourTuple, "localPort">): Listener | undefined {
    const heir = this.lookup(local, gone.port, remote, remotePort);
    return heir !== undefined && shares(heir, gone) ? heir : undefined;
  }

  *[Symbol.iterator](): Generator<Listener> {
    for (const listeners of this.#byPort.values()) yield* listeners;
  }
}

function later(a: Instant, b: Instant): Instant {
  return a > b ? a : b;
}

/** How well a listener's claim fits the address; 0: not at all. */
function fitOf({ address, families }: Listener, local: IpAddress): number {
  if (address !== undefined) return address.equals(local) ? 3 : NO_MATCH;
  if (families === "both") return 1;
  return families === local.family ? 2 : NO_MATCH;
}

/** Of the listeners that fit alike, the one that the four-tuple belongs to. */
function ownerOf(
  listeners: readonly Listener[],
  local: IpAddress,
  fit: number,
  hash: number,
): Listener | undefined {
  let owner: Listener | undefined;
  let highest = -1;
  for (const listener of listeners) {
    if (fitOf(listener, local) !== fit) continue;
    const weight = mixed(hash ^ listener.share);
    if (weight <= highest) continue;
    highest = weight;
    owner = listener;
  }
  return owner;
}

/** The finalizer of MurmurHash3 (Appleby): each bit depends on each. */
function mixed(word: number): number {
  let mix = Math.imul(word ^ (word >>> 16), 0x85eb_ca6b);
  mix = Math.imul(mix ^ (mix >>> 13), 0xc2b2_ae35);
  return (mix ^ (mix >>> 16)) >>> 0;
}

type Claimed = Pick<PortClaim, "address" | "families">;

function overlap(a: Claimed, b: Claimed): boolean {
  if (a.address !== undefined && b.address !== undefined) return a.address.equals(b.address);
  if (a.address !== undefined) return serves(b.families, a.address.family);
  if (b.address !== undefined) return serves(a.families, b.address.family);
  return a.families === "both" || b.families === "both" || a.families === b.families;
}

function shares(a: PortClaim, b: PortClaim): boolean {
  if (!a.reusePort || !b.reusePort || a.families !== b.families) return false;
  return a.address === undefined ? b.address === undefined : b.address?.equals(a.address) === true;
}

function serves(families: PortClaim["families"], family: 4 | 6): boolean {
  return families === "both" || families === family;
}
