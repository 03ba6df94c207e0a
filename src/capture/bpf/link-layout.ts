/**
 * Where the layers of a packet are, by link type. The words `vlan`, `mpls`, `pppoes` and `geneve` move them,
 * for all that follows in the text: what these carry is meant then.
 */
import { ETHER_TYPE } from "../../wire/protocol.ts";
import { LINK_TYPE, LINUX_COOKED_LENGTH, LINUX_COOKED2_LENGTH, NULL_LENGTH } from "../link-type.ts";
import { carries, ETHER_TYPE_MPLS, ETHER_TYPE_PPPOE_SESSION } from "./carriage.ts";
import { ALWAYS, both, type Condition, either, maskedEquals } from "./condition.ts";
import { behind, loadAt, type Place, place } from "./place.ts";

const ETHERNET_LENGTH = 14;
const TAG_LENGTH = 4;
const TAG_TYPES: readonly number[] = [ETHER_TYPE.vlan, 0x88a8, 0x9100];
/** RFC 3032 §2.1: label (20 bits), traffic class, bottom of stack (1 bit), TTL. */
const LABEL_LENGTH = 4;
/** RFC 2516 §4: version, code, session, length; then PPP's protocol. */
const PPPOE_LENGTH = 6;
const PPP_LENGTH = 2;

export type LinkKind = "ethernet" | "cooked" | "raw" | "null" | "ppp";

export class LinkLayout {
  /** Of the packet as it was captured. */
  readonly linkType: number;
  kind: LinkKind;
  /** The link layer's header: of a tunnel, the inner one. */
  header: Place;
  /** What the payload is. */
  type: Place;
  /** Behind the link layer: LLC, or MPLS labels. */
  payload: Place;
  /** Behind the labels. */
  network: Place;
  /** How many MPLS labels have been looked at. */
  labels = 0;
  /** What must hold for the packet to have a link layer. */
  hasHeader: Condition = ALWAYS;

  private constructor(linkType: number, kind: LinkKind, length: number, type: number) {
    this.linkType = linkType;
    this.kind = kind;
    this.header = place(0);
    this.type = place(type);
    this.payload = place(length);
    this.network = this.payload;
  }

  /** Undefined: filters are not made for this link type. */
  static of(linkType: number): LinkLayout | undefined {
    switch (linkType) {
      case LINK_TYPE.ethernet:
        return new LinkLayout(linkType, "ethernet", ETHERNET_LENGTH, 12);
      case LINK_TYPE.raw:
      case LINK_TYPE.ipv4:
      case LINK_TYPE.ipv6:
        return new LinkLayout(linkType, "raw", 0, 0);
      case LINK_TYPE.null:
        return new LinkLayout(linkType, "null", NULL_LENGTH, 0);
      case LINK_TYPE.linuxCooked:
        return new LinkLayout(linkType, "cooked", LINUX_COOKED_LENGTH, 14);
      case LINK_TYPE.linuxCooked2:
        return new LinkLayout(linkType, "cooked", LINUX_COOKED2_LENGTH, 0);
      default:
        return undefined;
    }
  }

  get isEthernet(): boolean {
    return this.kind === "ethernet";
  }

  /** Whether VLAN tags and MPLS labels may come next. */
  get mayBeTagged(): boolean {
    return this.kind === "ethernet" && this.labels === 0;
  }

  get mayBeLabelled(): boolean {
    return this.kind === "ethernet" || this.kind === "ppp";
  }

  /** Whether the payload is of this protocol: `carriage` has the numbers. */
  carries(protocol: number): Condition {
    return carries(this, protocol);
  }

  /** Whether a VLAN tag comes next; from here on, what it holds is meant. */
  enterVlan(identifier: number | undefined): Condition {
    const isTagged = either(...TAG_TYPES.map(type => this.carries(type)));
    const isThat =
      identifier === undefined ? ALWAYS : maskedEquals(loadAt(this.payload, 0, 2), 0x0fff, identifier);
    this.type = behind(this.type, TAG_LENGTH);
    this.payload = behind(this.payload, TAG_LENGTH);
    this.network = this.payload;
    return both(isTagged, isThat);
  }

  /** RFC 3032: whether an MPLS label comes next; from here on, what is behind it is meant. */
  enterLabel(label: number | undefined): Condition {
    // Behind another label this one comes, unless that was the last.
    const isLabelled =
      this.labels === 0 ? this.carries(ETHER_TYPE_MPLS) : maskedEquals(loadAt(this.network, -2, 1), 1, 0);
    const isThat =
      label === undefined ? ALWAYS : maskedEquals(loadAt(this.network, 0, 4), 0xffff_f000, label << 12);
    this.network = behind(this.network, LABEL_LENGTH);
    this.labels++;
    return both(isLabelled, isThat);
  }

  /** RFC 2516: whether a packet of a PPP session comes next; from here on, what it carries is meant. */
  enterSession(session: number | undefined): Condition {
    const isSession = this.carries(ETHER_TYPE_PPPOE_SESSION);
    const isThat = session === undefined ? ALWAYS : maskedEquals(loadAt(this.payload, 0, 4), 0xffff, session);
    this.header = behind(this.payload, PPPOE_LENGTH);
    this.type = this.header;
    this.payload = behind(this.header, PPP_LENGTH);
    this.network = this.payload;
    this.kind = "ppp";
    return both(isSession, isThat);
  }

  /** A tunnel's packet is meant from here on: `geneve`. */
  enterTunnel(header: Place, type: Place, payload: Place, hasHeader: Condition): void {
    this.kind = "ethernet";
    this.header = header;
    this.type = type;
    this.payload = payload;
    this.network = payload;
    this.labels = 0;
    this.hasHeader = hasHeader;
  }
}
