/**
 * Cutting an IPv4 packet: RFC 791 §3.2, "An Example Fragmentation Procedure". The DF bit is the caller's
 * concern.
 */
import { assert } from "../../base/assert.ts";
import { readUint8, readUint16, writeUint8, writeUint16 } from "../../base/bytes.ts";
import { checksum } from "../../base/checksum.ts";
import type { ErrorCode } from "../../base/errors.ts";
import type { PacketBuffer } from "../../base/packet-buffer.ts";
import { IPV4_HEADER_SIZE } from "../../wire/ipv4.ts";
import { IPV4_OPTION } from "../../wire/ipv4-options.ts";

/** Takes one fragment, borrowed. What it answers other than undefined ends the cutting. */
export type EmitFragment = (fragment: PacketBuffer) => ErrorCode | undefined;

const MORE_FRAGMENTS = 0x2000;
const OFFSET = 0x1fff;
/** RFC 791 §3.1: the bit in the type of those options that every fragment repeats. */
const COPIED = 0x80;

/**
 * Cuts `packet` (window: IPv4 header and payload; the transport checksum is final) into fragments of at
 * most `mtu` bytes. Each is built in `scratch`: window and `network` begin at its IPv4 header, checksum
 * done, headroom before it. A packet that is a fragment itself is cut further. EMSGSIZE: `mtu` has no room
 * for the header and 8 bytes.
 */
export function fragmentIpv4(
  packet: PacketBuffer,
  mtu: number,
  scratch: PacketBuffer,
  emit: EmitFragment,
): ErrorCode | undefined {
  assert(packet.checksum !== "partial", "a packet is cut before its transport checksum is done");
  const { bytes, start } = packet;
  const headerLength = (readUint8(bytes, start) & 0xf) * 4;
  const room = (mtu - headerLength) & ~7;
  if (room < 8) return "EMSGSIZE";
  const flags = readUint16(bytes, start + 6);
  let at = start + headerLength;
  for (let offset = flags & OFFSET; at < packet.end; offset += room / 8) {
    const length = Math.min(room, packet.end - at);
    const isLast = at + length === packet.end;
    scratch.reset();
    scratch.receivedAt = packet.receivedAt;
    scratch.network = scratch.start;
    if (at === start + headerLength) copyHeader(scratch, bytes, start, headerLength);
    else copyLaterHeader(scratch, bytes, start, headerLength);
    scratch.transport = scratch.end;
    scratch.bytes.set(bytes.subarray(at, at + length), scratch.append(length));
    const more = isLast ? flags & MORE_FRAGMENTS : MORE_FRAGMENTS;
    finishHeader(scratch, (flags & ~(MORE_FRAGMENTS | OFFSET)) | more | offset);
    const error = emit(scratch);
    if (error !== undefined) return error;
    at += length;
  }
  return undefined;
}

function copyHeader(scratch: PacketBuffer, bytes: Uint8Array, from: number, length: number): void {
  scratch.bytes.set(bytes.subarray(from, from + length), scratch.append(length));
}

/** The fixed header and the options that are marked as copied, padded to whole words. */
function copyLaterHeader(scratch: PacketBuffer, bytes: Uint8Array, from: number, length: number): void {
  copyHeader(scratch, bytes, from, IPV4_HEADER_SIZE);
  let at = from + IPV4_HEADER_SIZE;
  while (at < from + length) {
    const kind = readUint8(bytes, at);
    if (kind === IPV4_OPTION.end) break;
    if (kind === IPV4_OPTION.noOperation) {
      at++;
      continue;
    }
    const size = at + 1 < from + length ? readUint8(bytes, at + 1) : 0;
    if (size < 2 || at + size > from + length) break;
    if ((kind & COPIED) !== 0) copyHeader(scratch, bytes, at, size);
    at += size;
  }
  while (scratch.length % 4 !== 0) writeUint8(scratch.bytes, scratch.append(1), IPV4_OPTION.end);
}

function finishHeader(scratch: PacketBuffer, flags: number): void {
  const { bytes, start } = scratch;
  const headerLength = scratch.transport - start;
  writeUint8(bytes, start, 0x40 | (headerLength / 4));
  writeUint16(bytes, start + 2, scratch.length);
  writeUint16(bytes, start + 6, flags);
  writeUint16(bytes, start + 10, 0);
  writeUint16(bytes, start + 10, checksum(bytes, start, start + headerLength));
}
