/**
 * Whether an arriving segment is signed as its receiver's keys want it: RFC 2385 §2.0, before anything else
 * of it is believed. What belongs to nobody is not judged.
 */
import type { DropReason } from "../base/drop-reason.ts";
import type { IpAddress } from "../wire/address.ts";
import type { Signatures } from "./md5-signatures.ts";
import type { TcpCounters } from "./tcp-counters.ts";

/** What is looked at of a segment. */
export interface SignedSegment {
  readonly source: IpAddress;
  readonly options: { readonly md5: Uint8Array | undefined };
  /** What the signature with this key would be. */
  signature(key: Uint8Array): Uint8Array;
}

/** Whom a segment is for: a connection in whatever state, or a listener. */
export interface Addressee {
  readonly signatures: Signatures | undefined;
}

export class SignatureCheck {
  /** The keys of whom the segment at hand is for: what answers it is signed with them, too. */
  keys: Signatures | undefined = undefined;
  readonly #counters: TcpCounters;

  constructor(counters: TcpCounters) {
    this.#counters = counters;
  }

  /** Why the segment is to be dropped, in silence; undefined: it may go on. */
  judge(segment: SignedSegment, addressee: Addressee | undefined): DropReason | undefined {
    this.keys = addressee?.signatures;
    const { md5 } = segment.options;
    if (addressee === undefined || (md5 === undefined && this.keys === undefined)) return undefined;
    const key = this.keys?.keyFor(segment.source);
    const counters = this.#counters;
    if (key === undefined) {
      if (md5 === undefined) return undefined;
      counters.md5Unexpected++;
      return "tcp-md5-unexpected";
    }
    if (md5 === undefined) {
      counters.md5Missing++;
      return "tcp-md5-missing";
    }
    if (isSame(md5, segment.signature(key))) return undefined;
    counters.md5Wrong++;
    return "tcp-md5-wrong";
  }
}

/** In the same time whatever they differ in: a forger learns nothing from it. */
function isSame(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] ?? 0);
  return difference === 0;
}
