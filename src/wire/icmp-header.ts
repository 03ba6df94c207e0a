/**
 * The header that ICMP and ICMPv6 messages share. RFC 792, RFC 4443 §2.1.
 */
import { readInt32, readUint16, writeUint16, writeUint32 } from "../base/bytes.ts";
import type { DropReason } from "../base/drop-reason.ts";

export const ICMP_HEADER_SIZE = 8;

/** Codes of time exceeded, the same in both. */
export const ICMP_TIME_EXCEEDED = { hopLimit: 0, reassembly: 1 } as const;

/** Type, code, checksum and the word that each type uses in its own way. */
export class IcmpHeader {
  type = 0;
  code = 0;
  checksum = 0;
  /** The second word, signed. */
  rest = 0;

  read(bytes: Uint8Array, start: number, end: number): DropReason | undefined {
    if (end - start < ICMP_HEADER_SIZE) return "icmp-truncated";
    this.type = bytes[start] as number;
    this.code = bytes[start + 1] as number;
    this.checksum = readUint16(bytes, start + 2);
    this.rest = readInt32(bytes, start + 4);
    return undefined;
  }

  /** Writes the fields as they are, the checksum too. */
  write(bytes: Uint8Array, at: number): number {
    bytes[at] = this.type;
    bytes[at + 1] = this.code;
    writeUint16(bytes, at + 2, this.checksum);
    writeUint32(bytes, at + 4, this.rest);
    return ICMP_HEADER_SIZE;
  }

  /** Of an echo or timestamp message. */
  get identifier(): number {
    return this.rest >>> 16;
  }

  set identifier(value: number) {
    this.rest = (value << 16) | (this.rest & 0xffff);
  }

  get sequence(): number {
    return this.rest & 0xffff;
  }

  set sequence(value: number) {
    this.rest = (this.rest & ~0xffff) | (value & 0xffff);
  }
}
