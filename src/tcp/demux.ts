/**
 * From an arriving segment's addresses and ports to what it belongs to: a connection, a half-open one, or a
 * TIME-WAIT record. A chained hash table with random keys (RFC 6528's concern: no stranger may aim at a
 * chain).
 */
import type { Random } from "../base/random.ts";
import { ANY_V4, type IpAddress } from "../wire/address.ts";

/** What the table holds: the four-tuple, and the table's own chain. */
export interface DemuxEntry {
  readonly local: IpAddress;
  readonly localPort: number;
  readonly remote: IpAddress;
  readonly remotePort: number;
  hash: number;
  nextInChain: DemuxEntry | undefined;
}

const FIRST_SIZE = 64;
/** One for each half word of an address; both addresses, both ports. */
const ADDRESS_KEYS = 8;
const KEYS = 2 * ADDRESS_KEYS + 2;

export class Demux<Entry extends DemuxEntry> {
  readonly #keys: Int32Array;
  #chains: Array<Entry | undefined> = new Array<Entry | undefined>(FIRST_SIZE).fill(undefined);
  #size = 0;

  constructor(random: Random) {
    this.#keys = Int32Array.from({ length: KEYS }, () => random.uint32());
  }

  get size(): number {
    return this.#size;
  }

  lookup(local: IpAddress, localPort: number, remote: IpAddress, remotePort: number): Entry | undefined {
    const hash = this.hash(local, localPort, remote, remotePort);
    let entry = this.#chains[hash & (this.#chains.length - 1)];
    while (entry !== undefined) {
      if (
        entry.hash === hash &&
        entry.remotePort === remotePort &&
        entry.localPort === localPort &&
        entry.remote.equals(remote) &&
        entry.local.equals(local)
      ) {
        return entry;
      }
      entry = entry.nextInChain as Entry | undefined;
    }
    return undefined;
  }

  /** Adds an entry whose four-tuple is not in the table. */
  add(entry: Entry): void {
    if (this.#size >= this.#chains.length) this.#grow();
    entry.hash = this.hash(entry.local, entry.localPort, entry.remote, entry.remotePort);
    this.#link(entry);
    this.#size++;
  }

  /** False when the entry was not there. */
  remove(entry: Entry): boolean {
    const slot = entry.hash & (this.#chains.length - 1);
    let at = this.#chains[slot];
    let before: Entry | undefined;
    while (at !== undefined && at !== entry) {
      before = at;
      at = at.nextInChain as Entry | undefined;
    }
    if (at === undefined) return false;
    if (before === undefined) this.#chains[slot] = entry.nextInChain as Entry | undefined;
    else before.nextInChain = entry.nextInChain;
    entry.nextInChain = undefined;
    this.#size--;
    return true;
  }

  *[Symbol.iterator](): Generator<Entry> {
    for (const chain of this.#chains) {
      for (let entry = chain; entry !== undefined; entry = entry.nextInChain as Entry | undefined)
        yield entry;
    }
  }

  #link(entry: Entry): void {
    const slot = entry.hash & (this.#chains.length - 1);
    entry.nextInChain = this.#chains[slot];
    this.#chains[slot] = entry;
  }

  #grow(): void {
    const entries = [...this];
    this.#chains = new Array<Entry | undefined>(this.#chains.length * 2).fill(undefined);
    for (const entry of entries) this.#link(entry);
  }

  /**
   * Multilinear (Carter and Wegman): of any two four-tuples that a stranger chooses, hardly ever do both hash
   * alike.
   */
  hash(local: IpAddress, localPort: number, remote: IpAddress, remotePort: number): number {
    const keys = this.#keys;
    const ports = term(keys, KEYS - 2, localPort) + term(keys, KEYS - 1, remotePort);
    const mix = (ports + addressTerms(keys, 0, local) + addressTerms(keys, ADDRESS_KEYS, remote)) | 0;
    return mix ^ (mix >>> 16);
  }
}

function term(keys: Int32Array, at: number, half: number): number {
  return Math.imul(keys[at] as number, half);
}

function addressTerms(keys: Int32Array, at: number, { family, w0, w1, w2, w3 }: IpAddress): number {
  const low = wordTerms(keys, at, w3);
  if (family === 4) return low;
  return low + wordTerms(keys, at + 2, w2) + wordTerms(keys, at + 4, w1) + wordTerms(keys, at + 6, w0);
}

function wordTerms(keys: Int32Array, at: number, word: number): number {
  return term(keys, at, word >>> 16) + term(keys, at + 1, word & 0xffff);
}

/** The remote half of what has no remote half. */
export const NO_REMOTE = { remote: ANY_V4, remotePort: 0 } as const;
