/** Keywords and identifiers of the filter language: `[proto] [dir] [type] id`. pcap-filter(7). */

import { IpAddress } from "../../wire/address.ts";
import {
  type Arithmetic,
  both,
  type Condition,
  compare,
  constant,
  either,
  type LoadSize,
} from "./condition.ts";
import { known } from "./known-name.ts";
import type { LinkLayout } from "./link-layout.ts";
import { type Direction, NETWORK_PROTOCOLS, Primitives, TRANSPORT_PROTOCOLS } from "./primitives.ts";
import { PROTOCOL_NUMBERS, portOf, portRange } from "./service-names.ts";
import { found, type TokenReader } from "./token-reader.ts";
import { FilterError, type Token } from "./tokens.ts";

type IdentifierType = "host" | "net" | "port" | "portrange" | "proto";

/** The keywords before an identifier. */
interface Keywords {
  readonly protocol: string | undefined;
  readonly direction: Direction;
  readonly type: IdentifierType | undefined;
}

const TYPES: readonly string[] = ["host", "net", "port", "portrange", "proto"];
const UNSUPPORTED: readonly string[] = [
  "protochain",
  "gateway",
  "inbound",
  "outbound",
  "ifindex",
  "mpls",
  "pppoed",
  "pppoes",
  "geneve",
];
const MAX_PORT = 0xffff;

export class PrimitiveParser {
  readonly #reader: TokenReader;
  readonly #link: LinkLayout;
  readonly #primitives: Primitives;
  /** Parses a whole term: what stands after keywords may be parentheses or a `not`. */
  readonly #term: () => Condition;
  /** The keywords of the identifier before. */
  #keywords: Keywords | undefined;

  constructor(reader: TokenReader, link: LinkLayout, term: () => Condition) {
    this.#reader = reader;
    this.#link = link;
    this.#primitives = new Primitives(link);
    this.#term = term;
  }

  /** The bytes of a protocol, as in `tcp[13]`. */
  bytes(
    protocol: Token,
    index: Arithmetic,
    size: LoadSize,
  ): { readonly value: Arithmetic; readonly needs: Condition } {
    const name = protocol.text === "link" ? "ether" : protocol.text;
    if (!isProtocol(name)) throw new FilterError({ kind: "no-bytes", text: name }, protocol.at);
    if (name === "ether" && !this.#link.isEthernet) throw noEthernet(protocol);
    return this.#primitives.bytes(name, index, size);
  }

  /**
   * A primitive: keywords with what they apply to, or an identifier that takes over the keywords before it.
   */
  primitive(): Condition {
    const token = this.#reader.peek();
    if (token.kind !== "word") return this.inherited(this.#reader.next());
    if (UNSUPPORTED.includes(token.text))
      throw new FilterError({ kind: "not-supported", text: token.text }, token.at);
    const plain = this.#withoutKeywords();
    if (plain !== undefined) {
      this.#keywords = undefined;
      return plain;
    }
    const protocol = this.#protocol();
    if (protocol !== undefined && protocol === "ether" && !this.#link.isEthernet) throw noEthernet(token);
    const group = this.#reader.peek();
    if (this.#reader.takes("broadcast", "multicast")) {
      this.#keywords = undefined;
      const condition = this.#primitives.group(group.text, protocol);
      if (condition === undefined) throw new FilterError({ kind: "no-group", text: group.text }, group.at);
      return condition;
    }
    const direction = this.#direction();
    const type = this.#type();
    if (direction === undefined && type === undefined) {
      if (protocol === undefined || protocol === "ether") {
        const odd = this.#reader.peek();
        if (protocol === undefined && this.#isInheritedName(odd)) return this.inherited(this.#reader.next());
        throw new FilterError(
          odd.kind === "word"
            ? { kind: "no-keyword", text: odd.text }
            : { kind: "keyword-expected", found: found(odd) },
          odd.at,
        );
      }
      this.#keywords = undefined;
      return this.#primitives.protocol(protocol);
    }
    this.#keywords = { protocol, direction: direction ?? "src or dst", type };
    const next = this.#reader.peek();
    if (next.text === "(" || next.text === "not" || next.text === "!") return this.#term();
    return this.inherited(this.#reader.next());
  }

  /** `port http or https`. */
  #isInheritedName({ kind, text }: Token): boolean {
    const type = this.#keywords?.type;
    if (kind !== "word" || (type !== "port" && type !== "portrange")) return false;
    return portOf(text) !== undefined || (type === "portrange" && portRange(text) !== undefined);
  }

  #withoutKeywords(): Condition | undefined {
    const reader = this.#reader;
    if (reader.takes("less")) return compare({ kind: "length" }, "<=", constant(reader.number(0xffff_ffff)));
    if (reader.takes("greater"))
      return compare({ kind: "length" }, ">=", constant(reader.number(0xffff_ffff)));
    const token = reader.peek();
    if (!reader.takes("vlan")) return undefined;
    if (!this.#link.isEthernet) throw noEthernet(token);
    const identifier = reader.peek().kind === "number" ? reader.number(0x0fff) : undefined;
    return both(...this.#link.enterVlan(identifier));
  }

  #protocol(): string | undefined {
    const token = this.#reader.peek();
    const name = token.text === "link" ? "ether" : token.text;
    if (token.kind !== "word" || !isProtocol(name)) return undefined;
    this.#reader.next();
    return name;
  }

  #direction(): Direction | undefined {
    const reader = this.#reader;
    const first = reader.peek();
    if (!reader.takes("src", "dst")) return undefined;
    const other = first.text === "src" ? "dst" : "src";
    const joint = reader.peek().text;
    if (reader.peek(1).text !== other || !["and", "&&", "or", "||"].includes(joint)) {
      return first.text as Direction;
    }
    reader.next();
    reader.next();
    return joint === "and" || joint === "&&" ? "src and dst" : "src or dst";
  }

  #type(): IdentifierType | undefined {
    const token = this.#reader.peek();
    if (token.kind !== "word" || !TYPES.includes(token.text)) return undefined;
    this.#reader.next();
    return token.text as IdentifierType;
  }

  /** An identifier, under the keywords that were last given. */
  inherited(token: Token): Condition {
    const keywords = this.#keywords ?? { protocol: undefined, direction: "src or dst", type: undefined };
    switch (keywords.type) {
      case "port":
      case "portrange":
        return this.#ports(token, keywords);
      case "proto":
        return this.#protocolNumber(token, keywords);
      default:
        return this.#address(token, keywords);
    }
  }

  #ports(token: Token, { protocol, direction, type }: Keywords): Condition {
    const transport = protocol === undefined ? undefined : TRANSPORT_PROTOCOLS[protocol]?.number;
    if (protocol !== undefined && !["tcp", "udp", "sctp"].includes(protocol)) {
      throw new FilterError({ kind: "no-ports", text: protocol }, token.at);
    }
    const range = type === "portrange" ? this.#range(token) : undefined;
    const [from, to] = range ?? [port(token), port(token)];
    return this.#primitives.ports(Math.min(from, to), Math.max(from, to), direction, transport);
  }

  /** `22-80`, `ssh-http`: names may have hyphens too. Undefined: one port. */
  #range(token: Token): readonly [number, number] | undefined {
    if (this.#reader.takes("-")) return [port(token), port(this.#reader.next())];
    return token.kind === "word" && portOf(token.text) === undefined ? portRange(token.text) : undefined;
  }

  /** `ip proto 6`, `ether proto \arp`. */
  #protocolNumber(token: Token, { protocol }: Keywords): Condition {
    const name = token.text.replace(/^\\/, "");
    if (protocol === "ether") {
      const type = token.kind === "number" ? token.value : known(NETWORK_PROTOCOLS, name);
      if (type === undefined || type > 0xffff)
        throw new FilterError({ kind: "no-ethertype", text: token.text }, token.at);
      return this.#link.carries(type);
    }
    const named = known(TRANSPORT_PROTOCOLS, name)?.number ?? known(PROTOCOL_NUMBERS, name);
    const number = token.kind === "number" ? token.value : named;
    if (number === undefined || number > 0xff) {
      throw new FilterError({ kind: "no-ip-protocol", text: token.text }, token.at);
    }
    if (protocol === "ip") return this.#primitives.transport(4, number);
    if (protocol === "ip6") return this.#primitives.transport(6, number);
    if (protocol !== undefined) throw new FilterError({ kind: "no-such-proto", text: protocol }, token.at);
    return either(this.#primitives.transport(4, number), this.#primitives.transport(6, number));
  }

  #address(token: Token, { protocol, direction, type }: Keywords): Condition {
    if (token.kind === "mac") {
      if (protocol !== "ether" || type === "net") {
        throw new FilterError({ kind: "misplaced-mac" }, token.at);
      }
      return this.#primitives.mac(token.mac, direction);
    }
    const network = this.#network(token, type);
    const family = network.address.family === 4 ? ["ip", "arp", "rarp"] : ["ip6"];
    if (protocol !== undefined && !family.includes(protocol)) {
      throw new FilterError({ kind: "no-such-address", protocol, text: token.text }, token.at);
    }
    return this.#primitives.address(network.address, network.prefix, direction, protocol);
  }

  /** An address with the number of bits that count. */
  #network(token: Token, type: IdentifierType | undefined): { address: IpAddress; prefix: number } {
    const parts =
      token.kind === "number" && type === "net"
        ? [token.value]
        : token.kind === "ipv4"
          ? token.parts
          : undefined;
    if (token.kind !== "ipv6" && (parts === undefined || (parts[0] as number) > 255)) {
      throw new FilterError(
        token.kind === "word"
          ? { kind: "name-not-looked-up", text: token.text }
          : { kind: "address-expected", found: found(token) },
        token.at,
      );
    }
    const address = token.kind === "ipv6" ? token.address : fromParts(parts ?? []);
    const size = 8 * address.size;
    const isWhole = parts === undefined || parts.length === 4;
    const prefix = type === "host" ? undefined : this.#prefix(size);
    if (!isWhole && prefix === undefined && type !== "net") {
      throw new FilterError({ kind: "not-whole", text: token.text }, token.at);
    }
    const bits = prefix ?? (isWhole ? size : 8 * (parts?.length ?? 0));
    if (!isClear(address, bits)) throw new FilterError({ kind: "bits-beyond", bits }, token.at);
    return { address, prefix: bits };
  }

  /** `/24` or `mask 255.255.255.0`. */
  #prefix(size: number): number | undefined {
    const reader = this.#reader;
    if (reader.takes("/")) return reader.number(size);
    if (size !== 32 || !reader.takes("mask")) return undefined;
    const token = reader.next();
    if (token.kind !== "ipv4")
      throw new FilterError({ kind: "mask-expected", found: found(token) }, token.at);
    const mask = fromParts(token.parts).w3;
    const bits = Math.clz32(~mask);
    if (bits < 32 && mask << bits !== 0) throw new FilterError({ kind: "mask-with-holes" }, token.at);
    return bits;
  }
}

function port(token: Token): number {
  const number = token.kind === "number" ? token.value : portOf(token.text);
  if (number === undefined) throw new FilterError({ kind: "port-expected", found: found(token) }, token.at);
  if (number > MAX_PORT) throw new FilterError({ kind: "no-port", text: token.text }, token.at);
  return number;
}

function isProtocol(name: string): boolean {
  return (
    name === "ether" || Object.hasOwn(NETWORK_PROTOCOLS, name) || Object.hasOwn(TRANSPORT_PROTOCOLS, name)
  );
}

function noEthernet(token: Token): FilterError {
  return new FilterError({ kind: "needs-ethernet", text: token.text }, token.at);
}

/** One to four bytes; those that are missing are 0. */
function fromParts(parts: readonly number[]): IpAddress {
  let word = 0;
  for (let i = 0; i < 4; i++) word = (word << 8) | (parts[i] ?? 0);
  return IpAddress.v4(word);
}

/** Whether all bits behind the first are 0. */
function isClear(address: IpAddress, bits: number): boolean {
  const words = address.family === 4 ? [address.w3] : [address.w0, address.w1, address.w2, address.w3];
  return words.every((word, index) => {
    const own = Math.min(32, Math.max(0, bits - 32 * index));
    return own === 32 || word << own === 0;
  });
}
