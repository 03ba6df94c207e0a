/** Keywords and identifiers of the filter language: `[proto] [dir] [type] id`. pcap-filter(7). */
import { type Arithmetic, type Condition, either, type LoadSize } from "./condition.ts";
import { etherTypeOf, ipProtocolOf, osiProtocolOf, readNetwork, readPorts } from "./identifiers.ts";
import type { LinkLayout } from "./link-layout.ts";
import { LoneWords } from "./lone-words.ts";
import { isOsi } from "./osi.ts";
import { type Direction, type PacketBytes, Primitives } from "./primitives.ts";
import { chainHas } from "./protocol-chain.ts";
import { hasBytes, isNetwork, NETWORK_PROTOCOLS, protocolName, TRANSPORT_PROTOCOLS } from "./protocols.ts";
import { refusedAs } from "./refused-words.ts";
import { portOf, portRange } from "./service-names.ts";
import { found, type TokenReader } from "./token-reader.ts";
import { FilterError, type Token } from "./tokens.ts";

type IdentifierType = "host" | "net" | "port" | "portrange" | "proto" | "protochain";

/** The keywords before an identifier. */
interface Keywords {
  readonly protocol: string | undefined;
  readonly direction: Direction;
  readonly type: IdentifierType | undefined;
}

const TYPES: readonly string[] = ["host", "net", "port", "portrange", "proto", "protochain"];
const WITH_PORTS: readonly string[] = ["tcp", "udp", "sctp"];

export class PrimitiveParser {
  readonly #reader: TokenReader;
  readonly #link: LinkLayout;
  readonly #primitives: Primitives;
  readonly #lone: LoneWords;
  /** Parses a whole term: what stands after keywords may be parentheses or a `not`. */
  readonly #term: () => Condition;
  /** The keywords of the identifier before. */
  #keywords: Keywords | undefined;

  constructor(reader: TokenReader, link: LinkLayout, netmask: number, term: () => Condition) {
    this.#reader = reader;
    this.#link = link;
    this.#primitives = new Primitives(link, netmask);
    this.#lone = new LoneWords(reader, link);
    this.#term = term;
  }

  /** Names of interfaces that were asked for. */
  get interfaceNames(): readonly string[] {
    return this.#lone.interfaceNames;
  }

  /** The bytes of a protocol, as in `tcp[13]`. */
  bytes(protocol: Token, index: Arithmetic, size: LoadSize): PacketBytes {
    this.#mustBeKnown(protocol);
    const name = protocolName(protocol.text);
    if (name === undefined || !hasBytes(name)) {
      throw new FilterError({ kind: "no-bytes", text: protocol.text }, protocol.at);
    }
    this.#mustCarry(protocol, name);
    return this.#primitives.bytes(name, index, size);
  }

  /**
   * A primitive: keywords with what they apply to, or an identifier that takes over the keywords before it.
   */
  primitive(): Condition {
    const token = this.#reader.peek();
    if (token.kind !== "word") return this.inherited(this.#reader.next());
    this.#mustBeKnown(token);
    const lone = this.#lone.read();
    if (lone !== undefined) {
      this.#keywords = undefined;
      return lone;
    }
    const protocol = this.#protocol();
    const group = this.#group(protocol);
    if (group !== undefined) return group;
    const direction = this.#direction();
    const type = this.#type();
    if (direction === undefined && type === undefined) return this.#withoutIdentifier(protocol);
    this.#keywords = { protocol, direction: direction ?? "src or dst", type };
    const next = this.#reader.peek();
    if (next.text === "(" || next.text === "not" || next.text === "!") return this.#term();
    return this.inherited(this.#reader.next());
  }

  #protocol(): string | undefined {
    const token = this.#reader.peek();
    const name = token.kind === "word" ? protocolName(token.text) : undefined;
    if (name === undefined) return undefined;
    this.#mustCarry(token, name);
    this.#reader.next();
    return name;
  }

  /** @throws FilterError: it is a word of the language for what is not here. */
  #mustBeKnown({ kind, text, at }: Token): void {
    const refused = kind === "word" ? refusedAs(text) : undefined;
    if (refused !== undefined) throw new FilterError(refused, at);
  }

  #mustCarry(token: Token, name: string): void {
    const protocol = isNetwork(name) ? NETWORK_PROTOCOLS[name] : undefined;
    if (protocol !== undefined) this.#lone.mustCarry(token, protocol);
  }

  /** `ip multicast`. */
  #group(protocol: string | undefined): Condition | undefined {
    const token = this.#reader.peek();
    if (!this.#reader.takes("broadcast", "multicast")) return undefined;
    this.#keywords = undefined;
    const condition = this.#primitives.group(token.text, protocol);
    if (condition === undefined) throw new FilterError({ kind: "no-group", text: token.text }, token.at);
    return condition;
  }

  /** A protocol alone; or a name that takes over the keywords before it: `port http or https`. */
  #withoutIdentifier(protocol: string | undefined): Condition {
    const odd = this.#reader.peek();
    if (protocol !== undefined && protocol !== "ether") {
      this.#keywords = undefined;
      return this.#primitives.protocol(protocol);
    }
    if (protocol === undefined && this.#isInheritedName(odd)) return this.inherited(this.#reader.next());
    this.#mustBeKnown(odd);
    throw new FilterError(
      odd.kind === "word"
        ? { kind: "no-keyword", text: odd.text }
        : { kind: "keyword-expected", found: found(odd) },
      odd.at,
    );
  }

  #isInheritedName({ kind, text }: Token): boolean {
    const type = this.#keywords?.type;
    if (kind !== "word" || (type !== "port" && type !== "portrange")) return false;
    return portOf(text) !== undefined || (type === "portrange" && portRange(text) !== undefined);
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
      case "protochain":
        return this.#protocolChain(token, keywords);
      default:
        return this.#address(token, keywords);
    }
  }

  #ports(token: Token, { protocol, direction, type }: Keywords): Condition {
    if (protocol !== undefined && !WITH_PORTS.includes(protocol)) {
      throw new FilterError({ kind: "no-ports", text: protocol }, token.at);
    }
    const transport = protocol === undefined ? undefined : TRANSPORT_PROTOCOLS[protocol]?.number;
    const [from, to] = readPorts(this.#reader, token, type === "portrange");
    return this.#primitives.ports(Math.min(from, to), Math.max(from, to), direction, transport);
  }

  /** `ip proto 6`, `ether proto \arp`, `iso proto \clnp`. */
  #protocolNumber(token: Token, { protocol }: Keywords): Condition {
    if (protocol === "ether") {
      const type = etherTypeOf(token);
      this.#lone.mustCarry(token, type);
      return this.#link.carries(type);
    }
    if (protocol === "iso") return isOsi(this.#link, osiProtocolOf(token));
    return this.#ofFamilies(token, protocol, "no-such-proto", (family, number) =>
      this.#primitives.transport(family, number),
    );
  }

  #protocolChain(token: Token, { protocol }: Keywords): Condition {
    return this.#ofFamilies(token, protocol, "no-such-chain", (family, number) =>
      chainHas(this.#link, family, number),
    );
  }

  #ofFamilies(
    token: Token,
    protocol: string | undefined,
    fault: "no-such-proto" | "no-such-chain",
    make: (family: 4 | 6, number: number) => Condition,
  ): Condition {
    if (protocol !== undefined && protocol !== "ip" && protocol !== "ip6") {
      throw new FilterError({ kind: fault, text: protocol }, token.at);
    }
    const number = ipProtocolOf(token);
    if (protocol !== undefined) return make(protocol === "ip" ? 4 : 6, number);
    return either(make(4, number), make(6, number));
  }

  #address(token: Token, { protocol, direction, type }: Keywords): Condition {
    if (token.kind === "mac") {
      if (protocol !== "ether" || type === "net") {
        throw new FilterError({ kind: "misplaced-mac" }, token.at);
      }
      if (!this.#link.isEthernet)
        throw new FilterError({ kind: "needs-ethernet", text: token.text }, token.at);
      return this.#primitives.mac(token.mac, direction);
    }
    if (protocol === "decnet") throw new FilterError({ kind: "no-decnet-address" }, token.at);
    const network = readNetwork(this.#reader, token, type);
    const family = network.address.family === 4 ? ["ip", "arp", "rarp"] : ["ip6"];
    if (protocol !== undefined && !family.includes(protocol)) {
      throw new FilterError({ kind: "no-such-address", protocol, text: token.text }, token.at);
    }
    return this.#primitives.address(network.address, network.prefix, direction, protocol);
  }
}
