/** Fields of capture files, which are in the byte order of the machine that wrote them. */
import { readUint16, readUint32 } from "../base/bytes.ts";

export interface ByteOrder {
  uint16(bytes: Uint8Array, at: number): number;
  uint32(bytes: Uint8Array, at: number): number;
}

export const BIG_ENDIAN: ByteOrder = { uint16: readUint16, uint32: readUint32 };

export const LITTLE_ENDIAN: ByteOrder = {
  uint16: (bytes, at) => (bytes[at] as number) | ((bytes[at + 1] as number) << 8),
  uint32: (bytes, at) =>
    ((bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)) >>>
    0,
};

export function writeLittle16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
}

export function writeLittle32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}
