/**
 * Path MTU by destination: RFC 1191 §6.3 and §7.1, RFC 8201 §4 and §5.3.
 *
 * Only ICMP errors that a transport has found to quote a packet of its own should get here (RFC 5927 §7.2).
 * To quote a datagram one need know but an open port, to whomever it is said to have gone: so there are two
 * such caches, and what TCP goes by is what TCP has put there.
 * For IPv4 the lowest value taken is 552, not the 68 of RFC 791: docs/decisions/min-path-mtu.md.
 */
import { type Duration, type Instant, instantAfter, NEVER, seconds } from "../base/time.ts";
import type { IpAddress } from "../wire/address.ts";
import { type AddressKey, addressKey } from "./address-key.ts";

/** RFC 1191 §6.3, RFC 8201 §5.3: ten minutes after the last decrease, a larger packet may be tried. */
export const PATH_MTU_LIFETIME: Duration = seconds(600);
export const MIN_PATH_MTU_V4 = 552;
/** RFC 8200 §5: every IPv6 link carries this much. */
export const MIN_PATH_MTU_V6 = 1_280;

/**
 * RFC 1191 §7.1, table 7-1: common MTUs, for errors of old routers, which do not say theirs; those below the
 * least that is taken left out.
 */
const PLATEAUS = [65_535, 32_000, 17_914, 8_166, 4_352, 2_002, 1_492, 1_006] as const;

interface Entry {
  mtu: number;
  /** The router takes less than we will send, so it may cut. */
  isTooSmall: boolean;
  expiresAt: Instant;
}

export class PathMtuCache {
  /** Grows at each change: whoever keeps a path MTU asks again when this differs. */
  generation = 0;
  /** In the order of expiry: an entry moves to the end when it is lowered. */
  readonly #entries = new Map<AddressKey, Entry>();
  readonly #limit: number;

  /** @param limit Destinations held; beyond it the one that was lowered longest ago is forgotten. */
  constructor(limit = 4_096) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The largest packet known to reach `remote`, where that is less than its link allows. */
  get(remote: IpAddress, now: Instant): number | undefined {
    if (this.#entries.size === 0) return undefined;
    const entry = this.#entries.get(addressKey(remote));
    return entry === undefined || entry.expiresAt <= now ? undefined : entry.mtu;
  }

  /**
   * A router said that packets to `remote` may have `mtu` bytes, or 0 when it did not say how many;
   * `currentMtu` is what has been sent until now. True when that lowers the path MTU; it is never raised.
   */
  lower(remote: IpAddress, mtu: number, currentMtu: number, now: Instant): boolean {
    const taken = remote.family === 4 ? sensibleV4(mtu, currentMtu) : mtu;
    // RFC 8201 §4: a message that reports less than the minimum must be discarded.
    if (remote.family === 6 && taken < MIN_PATH_MTU_V6) return false;
    const key = addressKey(remote);
    const isTooSmall = remote.family === 4 && mtu > 0 && mtu < MIN_PATH_MTU_V4;
    const known = this.get(remote, now) ?? currentMtu;
    if (taken >= Math.min(known, currentMtu)) {
      if (isTooSmall) this.#mark(key);
      return false;
    }
    this.#entries.delete(key);
    this.#entries.set(key, { mtu: taken, isTooSmall, expiresAt: instantAfter(now, PATH_MTU_LIFETIME) });
    if (this.#entries.size > this.#limit) this.#forgetOldest();
    this.generation++;
    return true;
  }

  /** Its path carries less than the least that is believed: its packets may be cut on the way. */
  isTooSmall(remote: IpAddress): boolean {
    return this.#entries.get(addressKey(remote))?.isTooSmall === true;
  }

  /** When `expire` has something to do. */
  get deadline(): Instant {
    if (this.#entries.size === 0) return NEVER;
    for (const entry of this.#entries.values()) return entry.expiresAt;
    return NEVER;
  }

  /** Forgets what is ten minutes old, so that larger packets are tried again. */
  expire(now: Instant): void {
    while (this.deadline <= now) {
      this.#forgetOldest();
      this.generation++;
    }
  }

  #mark(key: AddressKey): void {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.isTooSmall) return;
    entry.isTooSmall = true;
    this.generation++;
  }

  #forgetOldest(): void {
    for (const key of this.#entries.keys()) {
      this.#entries.delete(key);
      return;
    }
  }
}

function sensibleV4(mtu: number, currentMtu: number): number {
  const said = mtu > 0 ? mtu : (PLATEAUS.find(plateau => plateau < currentMtu) ?? 0);
  return Math.max(said, MIN_PATH_MTU_V4);
}
