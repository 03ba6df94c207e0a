/**
 * What Fast Open (RFC 7413) has for a whole host: the cookies that it was given, the suspicion of a
 * blackhole, and the keys of the cookies that it gives.
 */
import type { Random } from "../../../base/random.ts";
import { BlackholeWatch } from "./blackhole.ts";
import { CookieCache } from "./cookie-cache.ts";
import { FastOpenKeys, KEY_SIZE } from "./server-keys.ts";

export class FastOpenMemory {
  readonly cookies = new CookieCache();
  readonly blackhole = new BlackholeWatch();
  readonly #random: Random;
  #keys: FastOpenKeys | undefined = undefined;
  /** The configured bytes that `#keys` were made of. */
  #configured: Uint8Array | undefined = undefined;

  constructor(random: Random) {
    this.#random = random;
  }

  /** @param configured the keys; without any, one is drawn, and stays as long as the host */
  keys(configured: Uint8Array | undefined): FastOpenKeys {
    if (this.#keys === undefined || configured !== this.#configured) {
      this.#configured = configured;
      this.#keys = new FastOpenKeys(configured ?? this.#drawn());
    }
    return this.#keys;
  }

  #drawn(): Uint8Array {
    const key = new Uint8Array(KEY_SIZE);
    this.#random.fill(key);
    return key;
  }
}
