/**
 * From an arriving segment's addresses and ports to what it belongs to: a connection, a half-open one, or a
 * TIME-WAIT record. A flat hash table with random keys (RFC 6528's concern: no stranger may aim at a place):
 * the hashes lie side by side, so that a lookup touches no entry but the one it finds, and growing none.
 *
 *   hashes    | h1 |  0 | h2 | h3 |  0 | ...     an entry lies where its hash points to, or in the first
 *   entries   | e1 |  – | e2 | e3 |  – | ...     free place behind; 0 is free
 */
import type { Random } from "../base/random.ts";
import { ANY_V4, type IpAddress } from "../wire/address.ts";

/** What the table holds: it has a four-tuple. */
export interface DemuxEntry {
  readonly local: IpAddress;
  readonly localPort: number;
  readonly remote: IpAddress;
  readonly remotePort: number;
}

const FIRST_SIZE = 64;
const FREE = 0;
/** One for each half word of an address; both addresses, both ports. */
const ADDRESS_KEYS = 8;
const KEYS = 2 * ADDRESS_KEYS + 2;
/** Odd, so that nothing is lost: neighboring ports are not to lie in neighboring places. */
const SPREAD = 0x9e37_79b1;

export class Demux<Entry extends DemuxEntry> {
  readonly #keys: Int32Array;
  #hashes = new Int32Array(FIRST_SIZE);
  #entries: Array<Entry | undefined> = new Array<Entry | undefined>(FIRST_SIZE).fill(undefined);
  #size = 0;

  constructor(random: Random) {
    this.#keys = Int32Array.from({ length: KEYS }, () => random.uint32());
  }

  get size(): number {
    return this.#size;
  }

  lookup(local: IpAddress, localPort: number, remote: IpAddress, remotePort: number): Entry | undefined {
    const wanted = this.hash(local, localPort, remote, remotePort);
    const hashes = this.#hashes;
    const mask = hashes.length - 1;
    for (let at = wanted & mask; hashes[at] !== FREE; at = (at + 1) & mask) {
      if (hashes[at] !== wanted) continue;
      const entry = this.#entries[at] as Entry;
      if (
        entry.remotePort === remotePort &&
        entry.localPort === localPort &&
        entry.remote.equals(remote) &&
        entry.local.equals(local)
      ) {
        return entry;
      }
    }
    return undefined;
  }

  /** Adds an entry whose four-tuple is not in the table. */
  add(entry: Entry): void {
    if (2 * this.#size >= this.#hashes.length) this.#grow();
    this.#put(this.#hashOf(entry), entry);
    this.#size++;
  }

  /** False when the entry was not there. */
  remove(entry: Entry): boolean {
    const mask = this.#hashes.length - 1;
    let at = this.#hashOf(entry) & mask;
    while (this.#entries[at] !== entry) {
      if (this.#hashes[at] === FREE) return false;
      at = (at + 1) & mask;
    }
    this.#close(at);
    this.#size--;
    return true;
  }

  *[Symbol.iterator](): Generator<Entry> {
    for (const entry of this.#entries) if (entry !== undefined) yield entry;
  }

  #hashOf(entry: Entry): number {
    return this.hash(entry.local, entry.localPort, entry.remote, entry.remotePort);
  }

  #put(hash: number, entry: Entry): void {
    const mask = this.#hashes.length - 1;
    let at = hash & mask;
    while (this.#hashes[at] !== FREE) at = (at + 1) & mask;
    this.#hashes[at] = hash;
    this.#entries[at] = entry;
  }

  /** Frees a place; what lies behind and was only pushed there by its neighbors moves up. */
  #close(gap: number): void {
    const hashes = this.#hashes;
    const mask = hashes.length - 1;
    let free = gap;
    for (let at = (gap + 1) & mask; hashes[at] !== FREE; at = (at + 1) & mask) {
      const home = (hashes[at] as number) & mask;
      if (((at - home) & mask) < ((at - free) & mask)) continue;
      hashes[free] = hashes[at] as number;
      this.#entries[free] = this.#entries[at];
      free = at;
    }
    hashes[free] = FREE;
    this.#entries[free] = undefined;
  }

  #grow(): void {
    const hashes = this.#hashes;
    const entries = this.#entries;
    this.#hashes = new Int32Array(2 * hashes.length);
    this.#entries = new Array<Entry | undefined>(2 * hashes.length).fill(undefined);
    for (let at = 0; at < hashes.length; at++) {
      if (hashes[at] !== FREE) this.#put(hashes[at] as number, entries[at] as Entry);
    }
  }

  /**
   * Multilinear (Carter and Wegman): of any two four-tuples that a stranger chooses, hardly ever do both hash
   * alike. Never 0.
   */
  hash(local: IpAddress, localPort: number, remote: IpAddress, remotePort: number): number {
    const keys = this.#keys;
    const ports = term(keys, KEYS - 2, localPort) + term(keys, KEYS - 1, remotePort);
    const mix = (ports + addressTerms(keys, 0, local) + addressTerms(keys, ADDRESS_KEYS, remote)) | 0;
    const spread = Math.imul(mix ^ (mix >>> 16), SPREAD);
    return spread ^ (spread >>> 15) || 1;
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
