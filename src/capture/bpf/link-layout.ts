/** Where the layers of a packet are, by link type, and how the network layer's protocol shows. */
import { ETHER_TYPE } from "../../wire/protocol.ts";
import { LINK_TYPE, LINUX_COOKED_LENGTH, LINUX_COOKED2_LENGTH, NULL_LENGTH } from "../link-type.ts";
import { type Condition, either, equals, load, maskedEquals, NEVER_TRUE } from "./condition.ts";

const ETHERNET_LENGTH = 14;
const TAG_LENGTH = 4;
const TAG_TYPES: readonly number[] = [ETHER_TYPE.vlan, 0x88a8, 0x9100];
/** AF_INET, and AF_INET6 of the BSDs and of Linux. */
const FAMILIES: Readonly<Record<number, readonly number[]>> = {
  [ETHER_TYPE.ipv4]: [2],
  [ETHER_TYPE.ipv6]: [10, 24, 28, 30],
};

export class LinkLayout {
  readonly linkType: number;
  /**
   * The offset of the network layer. The keyword `vlan` moves it, and the type, for all that follows in the
   * text.
   */
  network: number;
  #type: number;

  private constructor(linkType: number, network: number, type: number) {
    this.linkType = linkType;
    this.network = network;
    this.#type = type;
  }

  /** Undefined: filters are not made for this link type. */
  static of(linkType: number): LinkLayout | undefined {
    switch (linkType) {
      case LINK_TYPE.ethernet:
        return new LinkLayout(linkType, ETHERNET_LENGTH, 12);
      case LINK_TYPE.raw:
      case LINK_TYPE.ipv4:
      case LINK_TYPE.ipv6:
        return new LinkLayout(linkType, 0, 0);
      case LINK_TYPE.null:
        return new LinkLayout(linkType, NULL_LENGTH, 0);
      case LINK_TYPE.linuxCooked:
        return new LinkLayout(linkType, LINUX_COOKED_LENGTH, 14);
      case LINK_TYPE.linuxCooked2:
        return new LinkLayout(linkType, LINUX_COOKED2_LENGTH, 0);
      default:
        return undefined;
    }
  }

  get isEthernet(): boolean {
    return this.linkType === LINK_TYPE.ethernet;
  }

  /** Whether the network layer is of this EtherType. */
  carries(etherType: number): Condition {
    switch (this.linkType) {
      case LINK_TYPE.raw:
      case LINK_TYPE.ipv4:
      case LINK_TYPE.ipv6: {
        const version = etherType === ETHER_TYPE.ipv4 ? 4 : etherType === ETHER_TYPE.ipv6 ? 6 : undefined;
        return version === undefined ? NEVER_TRUE : maskedEquals(load(0, 1), 0xf0, version << 4);
      }
      case LINK_TYPE.null:
        // In the byte order of the machine that captured.
        return either(
          ...(FAMILIES[etherType] ?? []).flatMap(family => [
            equals(load(0, 4), family),
            equals(load(0, 4), family * 0x100_0000),
          ]),
        );
      default:
        return equals(load(this.#type, 2), etherType);
    }
  }

  /** Whether a VLAN tag comes next; from here on, what it holds is meant. Ethernet only. */
  enterVlan(identifier: number | undefined): Condition[] {
    const conditions = [either(...TAG_TYPES.map(type => this.carries(type)))];
    if (identifier !== undefined) conditions.push(maskedEquals(load(this.network, 2), 0x0fff, identifier));
    this.network += TAG_LENGTH;
    this.#type += TAG_LENGTH;
    return conditions;
  }
}
