/**
 * Initial sequence numbers: RFC 6528 §3, ISN = M + F(four-tuple, secret), M a clock of 4 µs ticks (RFC 9293
 * §3.4.1, MUST-8, MUST-9, SHLD-1). The same keyed hash offsets timestamps (RFC 7323 §7.1) and ephemeral
 * ports (RFC 6056 §3.3.3).
 */
import { writeUint16, writeUint32 } from "../../base/bytes.ts";
import type { Random } from "../../base/random.ts";
import { type Seq, seq } from "../../base/seq.ts";
import { SipHash } from "../../base/siphash.ts";
import type { Instant } from "../../base/time.ts";
import type { IpAddress } from "../../wire/address.ts";

const TICK = 4; // µs

export class TupleHash {
  readonly #isn: SipHash;
  readonly #timestamp: SipHash;
  readonly #port: SipHash;
  /** Both addresses in 16 bytes each, both ports. */
  readonly #tuple = new Uint8Array(36);

  constructor(random: Random) {
    this.#isn = SipHash.keyedBy(random);
    this.#timestamp = SipHash.keyedBy(random);
    this.#port = SipHash.keyedBy(random);
  }

  isn(local: IpAddress, localPort: number, remote: IpAddress, remotePort: number, now: Instant): Seq {
    this.#fill(local, localPort, remote, remotePort);
    return seq(this.#isn.hash32(this.#tuple) + (Math.floor(now / TICK) | 0));
  }

  /** Per pair of addresses, as Linux: so that TIME-WAIT can tell old from new across ports. */
  timestampOffset(local: IpAddress, remote: IpAddress): number {
    this.#fill(local, 0, remote, 0);
    return this.#timestamp.hash32(this.#tuple);
  }

  portOffset(local: IpAddress, remote: IpAddress, remotePort: number): number {
    this.#fill(local, 0, remote, remotePort);
    return this.#port.hash32(this.#tuple) >>> 0;
  }

  #fill(local: IpAddress, localPort: number, remote: IpAddress, remotePort: number): void {
    const tuple = this.#tuple;
    words(tuple, 0, local);
    words(tuple, 16, remote);
    writeUint16(tuple, 32, localPort);
    writeUint16(tuple, 34, remotePort);
  }
}

function words(bytes: Uint8Array, at: number, address: IpAddress): void {
  writeUint32(bytes, at, address.w0);
  writeUint32(bytes, at + 4, address.w1);
  writeUint32(bytes, at + 8, address.w2);
  writeUint32(bytes, at + 12, address.w3);
}
