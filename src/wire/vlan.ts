/**
 * The VLAN tag. IEEE 802.1Q §9: it stands between the Ethernet header, whose type is 0x8100 then, and the
 * payload.
 */
import { readUint16, writeUint16 } from "../base/bytes.ts";
import type { DropReason } from "../base/drop-reason.ts";

export const VLAN_TAG_SIZE = 4;
/** 0 carries only a priority; 4095 is reserved. */
export const MAX_VLAN_ID = 4094;

export class VlanTag {
  /** 0 … 7. */
  priority = 0;
  dropEligible = false;
  id = 0;
  /** The EtherType of what follows. */
  type = 0;

  /** Reads at the first byte behind the Ethernet header. */
  read(bytes: Uint8Array, start: number, end: number): DropReason | undefined {
    if (end - start < VLAN_TAG_SIZE) return "frame-truncated";
    const control = readUint16(bytes, start);
    this.priority = control >>> 13;
    this.dropEligible = (control & 0x1000) !== 0;
    this.id = control & 0xfff;
    this.type = readUint16(bytes, start + 2);
    return undefined;
  }

  write(bytes: Uint8Array, at: number): number {
    writeUint16(bytes, at, (this.priority << 13) | (this.dropEligible ? 0x1000 : 0) | this.id);
    writeUint16(bytes, at + 2, this.type);
    return VLAN_TAG_SIZE;
  }
}
