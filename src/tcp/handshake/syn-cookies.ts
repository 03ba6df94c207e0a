/**
 * SYN cookies: RFC 4987 §3.6, appendix A. When the half-open queue is full, nothing is kept of a SYN: our
 * initial sequence number says it all, and the third segment brings it back.
 *
 *   ISS = hash(four-tuple) + IRS + minute·2²⁴
 *         + ((hash(four-tuple, IRS, minute) + index of the MSS) mod 2²⁴)
 *
 * As on Linux: a minute's counter, two minutes of validity, a table of four sizes. A guess is right once in
 * 2²⁹. What else the peer offered travels in the timestamp (syn-cookie-options).
 *
 * Not as on Linux: IRS is hashed, too. Were it only added, whatever has gone as far from IRS as from ISS
 * would be a cookie's return: the last ACK, come twice, of a connection with as much text one way as the
 * other.
 */
import { writeUint32 } from "../../base/bytes.ts";
import type { Random } from "../../base/random.ts";
import { type Seq, seqAdd, seqDiff } from "../../base/seq.ts";
import { SipHash } from "../../base/siphash.ts";
import { type Instant, seconds } from "../../base/time.ts";
import type { FourTuple } from "../tcp-probe.ts";
import { TUPLE_SIZE, writeTuple } from "./tuple-bytes.ts";

/** What the peer's MSS is rounded down to: Alcock and Nelson, "An Analysis of TCP Maximum Segment Sizes". */
const SIZES_V4 = [536, 1_300, 1_440, 1_460] as const;
const SIZES_V6 = [1_220, 1_420, 1_440, 8_940] as const;

const PERIOD = seconds(60);
/** Counts of the period that a cookie lives. */
const LIFE = 2;
/** How long after the last cookie an ACK may still be the answer to one. */
export const COOKIE_LIFETIME = seconds(60 * LIFE);
const DATA_MASK = 0xff_ffff;
const COUNT_BITS = 24;

export class SynCookies {
  readonly #outer: SipHash;
  readonly #inner: SipHash;
  /** The four-tuple, the count and the IRS. */
  readonly #input = new Uint8Array(TUPLE_SIZE + 8);

  constructor(random: Random) {
    this.#outer = SipHash.keyedBy(random);
    this.#inner = SipHash.keyedBy(random);
  }

  /** The initial sequence number that says it all. `mss` is what `sizeFor` gave. */
  make(tuple: FourTuple, irs: Seq, mss: number, now: Instant): Seq {
    const count = countAt(now);
    const index = sizesFor(tuple).indexOf(mss as never);
    const data = (this.#hash(this.#inner, tuple, count, irs) + index) & DATA_MASK;
    return seqAdd(irs, this.#hash(this.#outer, tuple) + (count << COUNT_BITS) + data);
  }

  /** The peer's MSS, if `iss` is a cookie that we made for this four-tuple and IRS lately. */
  check(tuple: FourTuple, irs: Seq, iss: Seq, now: Instant): number | undefined {
    const rest = seqDiff(seqAdd(iss, -this.#hash(this.#outer, tuple)), irs);
    const age = (countAt(now) - (rest >>> COUNT_BITS)) & 0xff;
    if (age >= LIFE) return undefined;
    const index = (rest - this.#hash(this.#inner, tuple, countAt(now) - age, irs)) & DATA_MASK;
    return sizesFor(tuple)[index];
  }

  #hash(hash: SipHash, tuple: FourTuple, count = 0, irs = 0): number {
    const { local, localPort, remote, remotePort } = tuple;
    const input = this.#input;
    const end = writeTuple(input, local, localPort, remote, remotePort);
    writeUint32(input, end, count);
    writeUint32(input, end + 4, irs);
    return hash.hash32(input, 0, end + 8);
  }
}

/** The largest size of the table that is not larger than the peer's MSS; at least the smallest. */
export function sizeFor(tuple: FourTuple, mss: number): number {
  const sizes = sizesFor(tuple);
  let largest: number = sizes[0];
  for (const size of sizes) if (size <= mss) largest = size;
  return largest;
}

function sizesFor({ remote }: FourTuple): typeof SIZES_V4 | typeof SIZES_V6 {
  return remote.family === 4 ? SIZES_V4 : SIZES_V6;
}

function countAt(now: Instant): number {
  return Math.floor(now / PERIOD);
}
