/**
 * What a user of a packet socket should know when the kernel has addresses on the same interface: the two are
 * neighbors on one wire, but what one of them transmits there the other does not hear.
 */
import type { AddressWithPrefix } from "../quantities.ts";

/** @param present the kernel's addresses */
export function addressNotes(
  name: string,
  ours: readonly AddressWithPrefix[],
  present: readonly string[],
): string[] {
  const own = ours.map(({ address }) => address.toString());
  // Every interface has a link-local one.
  const others = present.filter(address => !own.includes(address) && !address.startsWith("fe80:"));
  const notes = present
    .filter(address => own.includes(address))
    .map(
      address =>
        `The kernel has our address ${address} on ${name} too, and resets the connections that it does not ` +
        "know: give another one with --address.",
    );
  if (others.length > 0) {
    notes.push(
      `The kernel's own addresses on ${name} (${others.join(", ")}) are out of our reach: ` +
        "it does not hear what we send there, nor we what it sends.",
    );
  }
  return notes;
}
