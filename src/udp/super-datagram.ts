/**
 * Super-datagrams: several datagrams of one size behind one header, the last of what is left. A sender hands
 * them down in one piece, and a device cuts them (Linux's UDP_SEGMENT, the USO of VIRTIO 1.2 §5.1.6); so
 * they come from a device that joins them (UDP_GRO). On the wire there are only datagrams: RFC 768.
 */
import type { ErrorCode } from "../base/errors.ts";
import { UDP_HEADER_SIZE } from "../wire/udp.ts";
import type { NetPath } from "./udp-context.ts";

/** UDP_MAX_SEGMENTS of Linux 6.9 and later. */
const MAX_DATAGRAMS = 128;

/** How many datagrams so much payload is, at `size` bytes each; 0: it is one. */
export function datagramsIn(length: number, size: number): number {
  return size === 0 ? 1 : Math.max(1, Math.ceil(length / size));
}

/** Whether a size of datagrams has a meaning: 0 stands for no cutting. */
export function isDatagramSize(size: number): boolean {
  return Number.isInteger(size) && size >= 0 && size <= 65_535;
}

/** Why so much payload cannot be sent at `size` bytes a datagram, if so. Fragments are not made of these. */
export function cuttingProblem(path: NetPath, length: number, size: number): ErrorCode | undefined {
  if (path.headerSize + UDP_HEADER_SIZE + Math.min(length, size) > path.mtu) return "EMSGSIZE";
  return length > size * MAX_DATAGRAMS ? "EINVAL" : undefined;
}

/** Whether the device is given them in one piece. */
export function takesWhole({ offload, headerSize }: NetPath, length: number): boolean {
  return offload.cutsUdp && headerSize + UDP_HEADER_SIZE + length <= offload.maxSuperSegment;
}
