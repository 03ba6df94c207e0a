/**
 * A four-tuple as keyed hashes read it (RFC 6528 §3, RFC 6056 §3.3.3, RFC 4987 §3.6): both addresses in
 * their own lengths, then both ports. Tuples of one family differ in length from those of the other.
 */
import { writeUint16 } from "../../base/bytes.ts";
import type { IpAddress } from "../../wire/address.ts";

/** The longest: two addresses of 16 bytes, two ports. */
export const TUPLE_SIZE = 36;

/** Answers how many bytes it has written. */
export function writeTuple(
  bytes: Uint8Array,
  local: IpAddress,
  localPort: number,
  remote: IpAddress,
  remotePort: number,
): number {
  let end = local.write(bytes, 0);
  end += remote.write(bytes, end);
  writeUint16(bytes, end, localPort);
  writeUint16(bytes, end + 2, remotePort);
  return end + 4;
}
