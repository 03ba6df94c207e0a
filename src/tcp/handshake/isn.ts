/**
 * Initial sequence numbers: RFC 6528 §3, ISN = M + F(four-tuple, secret), M a clock of 4 µs ticks (RFC 9293
 * §3.4.1, MUST-8, MUST-9, SHLD-1). The same keyed hash offsets timestamps (RFC 7323 §7.1) and ephemeral
 * ports (RFC 6056 §3.3.3).
 */
import type { Random } from "../../base/random.ts";
import { type Seq, seq } from "../../base/seq.ts";
import { SipHash } from "../../base/siphash.ts";
import type { Instant } from "../../base/time.ts";
import type { IpAddress } from "../../wire/address.ts";
import { TUPLE_SIZE, writeTuple } from "./tuple-bytes.ts";

const TICK = 4; // µs

export class TupleHash {
  readonly #isn: SipHash;
  readonly #timestamp: SipHash;
  readonly #port: SipHash;
  readonly #tuple = new Uint8Array(TUPLE_SIZE);

  constructor(random: Random) {
    this.#isn = SipHash.keyedBy(random);
    this.#timestamp = SipHash.keyedBy(random);
    this.#port = SipHash.keyedBy(random);
  }

  isn(local: IpAddress, localPort: number, remote: IpAddress, remotePort: number, now: Instant): Seq {
    const hash = this.#hash(this.#isn, local, localPort, remote, remotePort);
    return seq(hash + (Math.floor(now / TICK) | 0));
  }

  /** Per pair of addresses, as Linux: so that TIME-WAIT can tell old from new across ports. */
  timestampOffset(local: IpAddress, remote: IpAddress): number {
    return this.#hash(this.#timestamp, local, 0, remote, 0);
  }

  portOffset(local: IpAddress, remote: IpAddress, remotePort: number): number {
    return this.#hash(this.#port, local, 0, remote, remotePort) >>> 0;
  }

  #hash(hash: SipHash, local: IpAddress, localPort: number, remote: IpAddress, remotePort: number): number {
    return hash.hash32(this.#tuple, 0, writeTuple(this.#tuple, local, localPort, remote, remotePort));
  }
}
