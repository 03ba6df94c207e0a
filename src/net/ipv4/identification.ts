/**
 * The identification field: RFC 6864 §4. It matters only to datagrams that may be cut; atomic ones carry 0.
 *
 * The others take it from one of many counters, picked by a keyed hash of source, destination and protocol
 * and offset by the same hash (RFC 7739 §5.3): it repeats as late as it can, and tells strangers nothing
 * about traffic to others.
 */
import type { Random } from "../../base/random.ts";
import { SipHash } from "../../base/siphash.ts";
import type { IpAddress } from "../../wire/address.ts";

const COUNTERS = 2_048;

export class Identification {
  readonly #hash: SipHash;
  readonly #counters = new Uint16Array(COUNTERS);
  readonly #key = new Uint8Array(9);

  constructor(random: Random) {
    this.#hash = SipHash.keyedBy(random);
  }

  /** The first of `count` in a row. */
  next(source: IpAddress, destination: IpAddress, protocol: number, count = 1): number {
    source.write(this.#key, 0);
    destination.write(this.#key, 4);
    this.#key[8] = protocol;
    const mix = this.#hash.hash32(this.#key);
    const index = (mix >>> 16) % COUNTERS;
    const next = this.#counters[index] as number;
    this.#counters[index] = next + count;
    return (mix + next) & 0xffff;
  }
}
