/**
 * IP and ARP in Ethernet frames: RFC 894, RFC 2464. Of the tags of IEEE 802.1Q only priority tags (VLAN 0)
 * are for the untagged interface; VLANs are devices of their own (link/vlan).
 */
import type { DropReason } from "../base/drop-reason.ts";
import type { PacketBuffer } from "../base/packet-buffer.ts";
import { ETHERNET_HEADER_SIZE, EthernetHeader } from "../wire/ethernet.ts";
import { isGroupMac, type MacAddress, ZERO_MAC } from "../wire/mac-address.ts";
import { ETHER_TYPE } from "../wire/protocol.ts";
import { VLAN_TAG_SIZE, VlanTag } from "../wire/vlan.ts";

/** The frame that has arrived, as far as its header tells. One object, refilled for each frame. */
export class ArrivedFrame {
  type = 0;
  source: MacAddress = ZERO_MAC;
  /** Broadcast or multicast on the link. */
  isGroup = false;
  readonly #header = new EthernetHeader();
  readonly #tag = new VlanTag();

  /** Reads a frame that arrived at the station `mac` and moves its start to the payload. */
  read(frame: PacketBuffer, mac: MacAddress): DropReason | undefined {
    const header = this.#header;
    const problem = header.read(frame.bytes, frame.start, frame.end);
    if (problem !== undefined) return problem;
    this.type = header.type;
    this.source = header.source;
    this.isGroup = isGroupMac(header.destination);
    if (!this.isGroup && header.destination !== mac) return "frame-not-for-us";
    // Our own broadcast, sent back by the link: it must not look like another host with our address (RFC
    // 4862 §5.4.3).
    if (header.source === mac) return "frame-not-for-us";
    frame.start += ETHERNET_HEADER_SIZE;
    return header.type === ETHER_TYPE.vlan ? this.#readTag(frame) : undefined;
  }

  #readTag(frame: PacketBuffer): DropReason | undefined {
    const problem = this.#tag.read(frame.bytes, frame.start, frame.end);
    if (problem !== undefined) return problem;
    if (this.#tag.id !== 0) return "vlan-unknown";
    this.type = this.#tag.type;
    frame.start += VLAN_TAG_SIZE;
    return undefined;
  }
}

const header = new EthernetHeader();

/** Puts an Ethernet header before the packet. */
export function prependEthernet(
  packet: PacketBuffer,
  type: number,
  source: MacAddress,
  destination: MacAddress,
): void {
  header.type = type;
  header.source = source;
  header.destination = destination;
  const at = packet.prepend(ETHERNET_HEADER_SIZE);
  header.write(packet.bytes, at);
}
