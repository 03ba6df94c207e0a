/**
 * The server's cookies: RFC 7413 §4.1.2. A cookie is a keyed hash of both addresses, so that nothing is kept
 * for a client, and only who receives at an address can have its cookie. As on Linux it is SipHash-2-4 of
 * source and destination, 8 bytes: hosts behind one address that share a key know each other's cookies.
 *
 * Keys change by keeping the old one as a backup: its cookies still open, and are answered with new ones
 * (§4.1.2, "key rotation").
 */
import { sameBytes, writeUint32 } from "../../../base/bytes.ts";
import { SipHash } from "../../../base/siphash.ts";
import type { IpAddress } from "../../../wire/address.ts";

export const COOKIE_SIZE = 8;
/** Bytes of one key. */
export const KEY_SIZE = 16;

/** Which key a cookie was made with. */
export type KeyAge = "primary" | "backup";

export class FastOpenKeys {
  /** One key, or two: the primary one and the backup. */
  readonly bytes: Uint8Array;
  readonly #hashes: readonly SipHash[];
  readonly #addresses = new Uint8Array(32);

  /** @param bytes 16 bytes, or 32 with the backup key */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    const hashes: SipHash[] = [];
    for (let at = 0; at + KEY_SIZE <= bytes.length; at += KEY_SIZE) {
      hashes.push(new SipHash(bytes.subarray(at, at + KEY_SIZE)));
    }
    this.#hashes = hashes;
  }

  /** The cookie that a client shall use from now on. */
  cookieFor(client: IpAddress, server: IpAddress): Uint8Array {
    const [primary] = this.#hashes;
    return primary === undefined ? new Uint8Array(0) : this.#cookie(primary, client, server);
  }

  /** Which key made the cookie; undefined: none of ours, or not for these addresses. */
  ageOf(cookie: Uint8Array, client: IpAddress, server: IpAddress): KeyAge | undefined {
    const index = this.#hashes.findIndex(hash => sameBytes(this.#cookie(hash, client, server), cookie));
    if (index < 0) return undefined;
    return index === 0 ? "primary" : "backup";
  }

  #cookie(hash: SipHash, client: IpAddress, server: IpAddress): Uint8Array {
    const { size } = client;
    client.write(this.#addresses, 0);
    server.write(this.#addresses, size);
    const [low, high] = hash.hash(this.#addresses, 0, 2 * size);
    const cookie = new Uint8Array(COOKIE_SIZE);
    writeUint32(cookie, 0, swapped(low));
    writeUint32(cookie, 4, swapped(high));
    return cookie;
  }
}

/** The hash is told with its lowest byte first, as a little-endian machine keeps it. */
function swapped(word: number): number {
  return ((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
}
