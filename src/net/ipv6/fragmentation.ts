/**
 * Cutting an IPv6 packet, which only its source may do: RFC 8200 §4.5.
 */
import { assert } from "../../base/assert.ts";
import { readUint8, writeUint8, writeUint16 } from "../../base/bytes.ts";
import type { ErrorCode } from "../../base/errors.ts";
import type { PacketBuffer } from "../../base/packet-buffer.ts";
import { IPV6_HEADER_SIZE } from "../../wire/ipv6.ts";
import { FRAGMENT_HEADER_SIZE, FragmentHeader } from "../../wire/ipv6-extensions.ts";
import { IP_PROTOCOL } from "../../wire/protocol.ts";
import { perFragmentHeaders } from "./header-chain.ts";

/** Takes one fragment, borrowed. What it answers other than undefined ends the cutting. */
export type EmitFragment = (fragment: PacketBuffer) => ErrorCode | undefined;

const fragmentHeader = new FragmentHeader();

/**
 * Cuts `packet` (window: IPv6 header, extension headers and payload; the transport checksum is final) into
 * fragments of at most `mtu` bytes with this 32-bit identification. Each is built in `scratch`: window and
 * `network` begin at its IPv6 header, headroom before it. EMSGSIZE: `mtu` has no room for the headers and 8
 * bytes. EINVAL: a broken chain.
 */
export function fragmentIpv6(
  packet: PacketBuffer,
  mtu: number,
  identification: number,
  scratch: PacketBuffer,
  emit: EmitFragment,
): ErrorCode | undefined {
  assert(packet.checksum !== "partial", "a packet is cut before its transport checksum is done");
  const { bytes, start } = packet;
  const headers = perFragmentHeaders(bytes, start, packet.end);
  if (headers === undefined) return "EINVAL";
  const headersLength = headers.end - start;
  const room = (mtu - headersLength - FRAGMENT_HEADER_SIZE) & ~7;
  if (room < 8) return "EMSGSIZE";
  fragmentHeader.nextHeader = readUint8(bytes, headers.nextHeaderAt);
  fragmentHeader.identification = identification;
  for (let at = headers.end; at < packet.end; at += room) {
    const length = Math.min(room, packet.end - at);
    scratch.reset();
    scratch.receivedAt = packet.receivedAt;
    scratch.network = scratch.start;
    scratch.bytes.set(bytes.subarray(start, headers.end), scratch.append(headersLength));
    writeUint8(scratch.bytes, scratch.start + headers.nextHeaderAt - start, IP_PROTOCOL.fragment);
    fragmentHeader.offset = at - headers.end;
    fragmentHeader.moreFragments = at + length < packet.end;
    fragmentHeader.write(scratch.bytes, scratch.append(FRAGMENT_HEADER_SIZE));
    scratch.transport = scratch.end;
    scratch.bytes.set(bytes.subarray(at, at + length), scratch.append(length));
    writeUint16(scratch.bytes, scratch.start + 4, scratch.length - IPV6_HEADER_SIZE);
    const error = emit(scratch);
    if (error !== undefined) return error;
  }
  return undefined;
}
