/**
 * What is given to a socket from JavaScript, where no compiler has looked: an address as text and text for
 * bytes are the usual mistakes, and would fail far from where they were made, or not at all.
 */
import type { IpAddress } from "../wire/address.ts";

/** @throws TypeError */
export function requireAddress(given: unknown, name: string): void {
  const family = (given as Partial<IpAddress> | null | undefined)?.family;
  if (family !== 4 && family !== 6)
    throw new TypeError(`${name} has to be an address, such as ip("10.0.0.2")`);
}

/** @throws TypeError */
export function requireBytes(given: unknown, taker: string): void {
  if (!(given instanceof Uint8Array)) throw new TypeError(`${taker} takes chunks of Uint8Array`);
}
