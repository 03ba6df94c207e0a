/**
 * Signatures of segments: RFC 2385 (TCP_MD5SIG), as BGP routers still use them. A socket has keys for peers;
 * where there is one, each segment both ways carries the MD5 of pseudo-header, header without options and
 * with checksum zero, text and key. What is not signed, or badly, is dropped in silence.
 */

import { writeUint16, writeUint32 } from "../base/bytes.ts";
import { Md5 } from "../base/md5.ts";
import type { IpAddress } from "../wire/address.ts";
import { IP_PROTOCOL } from "../wire/protocol.ts";
import { TCP_HEADER_SIZE } from "../wire/tcp.ts";

/** What the option takes, with its two NOPs. */
export const SIGNATURE_SIZE = 20;
const DIGEST = 16;
const CHECKSUM_AT = 16;

interface Entry {
  readonly address: IpAddress;
  readonly prefixLength: number;
  key: Uint8Array;
}

/** The keys of a socket, by peer. */
export class Signatures {
  #entries: Entry[] = [];

  /** A key for all addresses with this prefix. An empty one takes it away; false: there was none. */
  set(address: IpAddress, prefixLength: number, key: Uint8Array): boolean {
    const isSame = (entry: Entry): boolean =>
      entry.prefixLength === prefixLength && hasPrefix(entry.address, address, prefixLength);
    const known = this.#entries.find(isSame);
    if (key.length === 0) this.#entries = this.#entries.filter(entry => entry !== known);
    else if (known !== undefined) known.key = key;
    else this.#entries.push({ address, prefixLength, key });
    return key.length > 0 || known !== undefined;
  }

  /** The key of the longest prefix that the peer has. */
  keyFor(peer: IpAddress): Uint8Array | undefined {
    let best: Entry | undefined;
    for (const entry of this.#entries) {
      if (!hasPrefix(entry.address, peer, entry.prefixLength)) continue;
      if (best === undefined || entry.prefixLength > best.prefixLength) best = entry;
    }
    return best?.key;
  }
}

function hasPrefix(a: IpAddress, b: IpAddress, length: number): boolean {
  if (a.family !== b.family) return false;
  const [left, right] = [wordsOf(a), wordsOf(b)];
  return left.every((word, i) => {
    const bits = Math.min(Math.max(length - 32 * i, 0), 32);
    return bits === 0 || (word ^ (right[i] as number)) >>> (32 - bits) === 0;
  });
}

function wordsOf({ family, w0, w1, w2, w3 }: IpAddress): number[] {
  return family === 4 ? [w3] : [w0, w1, w2, w3];
}

/** §2.0: the digest of the segment in `bytes[start, end)`, whose text begins at `text`. */
export function signatureOf(
  source: IpAddress,
  destination: IpAddress,
  bytes: Uint8Array,
  start: number,
  text: number,
  end: number,
  key: Uint8Array,
): Uint8Array {
  const hash = new Md5();
  hash.add(pseudoHeader(source, destination, end - start));
  const header = bytes.slice(start, start + TCP_HEADER_SIZE);
  writeUint16(header, CHECKSUM_AT, 0);
  hash.add(header);
  hash.add(bytes, text, end);
  hash.add(key);
  const digest = new Uint8Array(DIGEST);
  hash.finish(digest, 0);
  return digest;
}

function pseudoHeader(source: IpAddress, destination: IpAddress, length: number): Uint8Array {
  const words = [...wordsOf(source), ...wordsOf(destination)];
  const isV4 = source.family === 4;
  const bytes = new Uint8Array(4 * words.length + (isV4 ? 4 : 8));
  for (const [i, word] of words.entries()) writeUint32(bytes, 4 * i, word);
  const at = 4 * words.length;
  if (isV4) writeUint32(bytes, at, (IP_PROTOCOL.tcp << 16) | length);
  else {
    writeUint32(bytes, at, length);
    writeUint32(bytes, at + 4, IP_PROTOCOL.tcp);
  }
  return bytes;
}
