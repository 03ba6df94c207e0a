/**
 * What a TUN or TAP device with virtio headers is granted: TUNSETOFFLOAD in
 * Documentation/networking/tuntap.rst.
 *
 * The kernel is asked for leave to hand us super-segments and unfinished checksums. Kernels refuse what they
 * do not know, so the question is repeated with less. What they take from us needs no leave, but one that
 * does not know super-datagrams of UDP (before Linux 6.2) does not take them either.
 */
import type { Offload } from "../link/net-device.ts";
import { FULL_OFFLOAD } from "../link/segmentation.ts";
import { VIRTIO_NET_HEADER_SIZE } from "../wire/virtio-net.ts";
import type { Libc } from "./ffi.ts";
import { LITTLE_ENDIAN } from "./interface-request.ts";

const TUNSETOFFLOAD = 0x4004_54d0;
const TUNSETVNETHDRSZ = 0x4004_54d8;
const TUNSETVNETLE = 0x4004_54dc;
const TUN_F_CSUM = 0x01;
const TUN_F_TSO = 0x02 | 0x04;
const TUN_F_USO = 0x20 | 0x40;

export interface Granted {
  readonly offload: Offload;
  /** Why it is not all: sentences for the user. */
  readonly notes: readonly string[];
}

export const NO_USO = "This kernel joins no datagrams of UDP (Linux 6.2 and later do): they pass one by one.";

/** From the best down. */
const RUNGS: ReadonlyArray<readonly [flags: number, granted: Granted]> = [
  [TUN_F_CSUM | TUN_F_TSO | TUN_F_USO, { offload: FULL_OFFLOAD, notes: [] }],
  [TUN_F_CSUM | TUN_F_TSO, without(NO_USO)],
  [TUN_F_CSUM, without("This kernel hands over no super-segments: what it sends comes segment by segment.")],
  [0, without("This kernel hands over neither super-segments nor unfinished checksums.")],
];

function without(note: string): Granted {
  return { offload: { ...FULL_OFFLOAD, cutsUdp: false }, notes: [note] };
}

/** Headers of ten bytes, little-endian. False: the kernel refuses. */
export function agreeHeaders(libc: Libc, descriptor: number): boolean {
  if (libc.ioctl(descriptor, TUNSETVNETHDRSZ, int32(VIRTIO_NET_HEADER_SIZE)) < 0) return false;
  return LITTLE_ENDIAN || libc.ioctl(descriptor, TUNSETVNETLE, int32(1)) >= 0;
}

export function agreeOffload(libc: Libc, descriptor: number): Granted {
  const rung = RUNGS.find(([flags]) => libc.ioctlValue(descriptor, TUNSETOFFLOAD, flags) >= 0);
  const [, granted] = rung ?? (RUNGS.at(-1) as (typeof RUNGS)[number]);
  return granted;
}

function int32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value, LITTLE_ENDIAN);
  return bytes;
}
