/** Numbers of the pcapng format: draft-ietf-opsawg-pcapng, §4 (blocks) and their options. */

export const BLOCK = {
  section: 0x0a0d0d0a,
  interface: 1,
  /** Obsolete, still met: §A. */
  packet: 2,
  simplePacket: 3,
  interfaceStatistics: 5,
  enhancedPacket: 6,
} as const;

export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

/** Block type and both total lengths: no block is shorter. */
export const BLOCK_OVERHEAD = 12;

export const OPTION = {
  end: 0,
  comment: 1,
  sectionHardware: 2,
  sectionSystem: 3,
  sectionApplication: 4,
  interfaceName: 2,
  interfaceResolution: 9,
  interfaceOffset: 14,
  packetFlags: 2,
  statisticsStart: 2,
  statisticsEnd: 3,
  statisticsReceived: 4,
  statisticsDropped: 5,
} as const;

/** epb_flags, bits 0 and 1. */
export const FLAG_INBOUND = 1;
export const FLAG_OUTBOUND = 2;

/** Options and packet data are padded to 32 bits. */
export function padded(length: number): number {
  return (length + 3) & ~3;
}
