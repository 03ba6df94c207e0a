/** Words of the filter language that are a primitive alone, or with a number or a name behind. */
import { LINK_TYPE } from "../link-type.ts";
import { ETHER_TYPE_PPPOE_DISCOVERY, ETHER_TYPE_PPPOE_SESSION, mayCarry, SAP_OSI } from "./carriage.ts";
import { INTERFACE_AT, PACKET_OUTGOING, PACKET_TYPE_AT } from "./circumstances.ts";
import { type Arithmetic, type Condition, compare, constant, equals, load, not } from "./condition.ts";
import { enterGeneve, MOST_TUNNELS } from "./geneve.ts";
import type { LinkLayout } from "./link-layout.ts";
import { isLlcFrame, LLC_KINDS } from "./llc.ts";
import { osiWord } from "./osi.ts";
import { found, type TokenReader } from "./token-reader.ts";
import { FilterError, type Token } from "./tokens.ts";

const MAX_VLAN = 0x0fff;
const MAX_LABEL = 0xf_ffff;
const MAX_SESSION = 0xffff;
const MAX_GENEVE = 0xff_ffff;
const MAX_NUMBER = 0xffff_ffff;

export class LoneWords {
  readonly #reader: TokenReader;
  readonly #link: LinkLayout;
  /** Those that the filter names: a packet's is compared by its place here, from 1. */
  readonly interfaceNames: string[] = [];
  #tunnels = 0;

  constructor(reader: TokenReader, link: LinkLayout) {
    this.#reader = reader;
    this.#link = link;
  }

  /** The condition of the word that comes next; undefined: it is none of these. */
  read(): Condition | undefined {
    const token = this.#reader.peek();
    if (token.kind !== "word") return undefined;
    const isOsi = osiWord(this.#link, token.text);
    if (isOsi === undefined) return this.#read(token);
    this.mustCarry(token, SAP_OSI);
    this.#reader.next();
    return isOsi;
  }

  /** @throws FilterError: not behind MPLS labels. */
  mustCarry(token: Token, protocol: number): void {
    if (!mayCarry(this.#link, protocol)) {
      throw new FilterError({ kind: "behind-mpls", text: token.text }, token.at);
    }
  }

  #read(token: Token): Condition | undefined {
    const reader = this.#reader;
    if (reader.takes("less")) return compare({ kind: "length" }, "<=", constant(reader.number(MAX_NUMBER)));
    if (reader.takes("greater")) {
      return compare({ kind: "length" }, ">=", constant(reader.number(MAX_NUMBER)));
    }
    if (reader.takes("inbound")) return not(equals(this.#packetType(), PACKET_OUTGOING));
    if (reader.takes("outbound")) return equals(this.#packetType(), PACKET_OUTGOING);
    if (reader.takes("ifname", "on")) return this.#interfaceName();
    if (reader.takes("ifindex")) return this.#interfaceIndex(token);
    if (reader.takes("llc")) return this.#llc(token);
    return this.#layer(token);
  }

  /** Those that move what follows to what the packet carries. */
  #layer(token: Token): Condition | undefined {
    const reader = this.#reader;
    const link = this.#link;
    if (reader.takes("vlan")) {
      if (!link.mayBeTagged) throw new FilterError({ kind: "needs-untagged", text: token.text }, token.at);
      return link.enterVlan(this.#number(MAX_VLAN));
    }
    if (reader.takes("mpls")) {
      if (!link.mayBeLabelled) throw new FilterError({ kind: "needs-ethernet", text: token.text }, token.at);
      return link.enterLabel(this.#number(MAX_LABEL));
    }
    if (reader.takes("pppoed")) {
      this.mustCarry(token, ETHER_TYPE_PPPOE_DISCOVERY);
      return link.carries(ETHER_TYPE_PPPOE_DISCOVERY);
    }
    if (reader.takes("pppoes")) {
      this.mustCarry(token, ETHER_TYPE_PPPOE_SESSION);
      return link.enterSession(this.#number(MAX_SESSION));
    }
    if (!reader.takes("geneve")) return undefined;
    if (this.#tunnels === MOST_TUNNELS) {
      throw new FilterError({ kind: "too-many-tunnels", limit: MOST_TUNNELS }, token.at);
    }
    return enterGeneve(link, this.#number(MAX_GENEVE), this.#tunnels++);
  }

  #number(limit: number): number | undefined {
    return this.#reader.peek().kind === "number" ? this.#reader.number(limit) : undefined;
  }

  #llc(token: Token): Condition {
    if (!this.#link.isEthernet) throw new FilterError({ kind: "needs-ethernet", text: token.text }, token.at);
    const kind = this.#reader.peek();
    const isKind = kind.kind === "word" && LLC_KINDS.includes(kind.text);
    if (isKind) this.#reader.next();
    return isLlcFrame(this.#link, isKind ? kind.text : undefined);
  }

  /** Linux's cooked headers say it; other captures say it beside the packet, or not. */
  #packetType(): Arithmetic {
    switch (this.#link.linkType) {
      case LINK_TYPE.linuxCooked:
        return load(0, 2);
      case LINK_TYPE.linuxCooked2:
        return load(10, 1);
      default:
        return load(PACKET_TYPE_AT, 2);
    }
  }

  /** libpcap has it for logs of pf only; here it asks for the name that the capture gives the interface. */
  #interfaceName(): Condition {
    const token = this.#reader.next();
    if (token.kind !== "word")
      throw new FilterError({ kind: "interface-expected", found: found(token) }, token.at);
    const names = this.interfaceNames;
    const name = token.text.replace(/^\\/, "");
    if (!names.includes(name)) names.push(name);
    return equals(load(INTERFACE_AT, 4), names.indexOf(name) + 1);
  }

  #interfaceIndex(token: Token): Condition {
    if (this.#link.linkType !== LINK_TYPE.linuxCooked2) {
      throw new FilterError({ kind: "no-interface-index" }, token.at);
    }
    return equals(load(4, 4), this.#reader.number(MAX_NUMBER));
  }
}
