/** What stands behind the keywords of a filter: addresses, networks, ports, numbers of protocols. */
import { IpAddress } from "../../wire/address.ts";
import { known } from "./known-name.ts";
import { OSI_PROTOCOLS } from "./osi.ts";
import { ETHER_NAMES, NETWORK_PROTOCOLS, TRANSPORT_PROTOCOLS } from "./protocols.ts";
import { PROTOCOL_NUMBERS, portOf, portRange } from "./service-names.ts";
import { found, type TokenReader } from "./token-reader.ts";
import { FilterError, type Token } from "./tokens.ts";

const MAX_PORT = 0xffff;

export interface Network {
  readonly address: IpAddress;
  /** How many of its bits count. */
  readonly prefix: number;
}

/** An address with the bits that count. `type`: "host" takes no part of an address, "net" does. */
export function readNetwork(reader: TokenReader, token: Token, type: string | undefined): Network {
  const parts = partsOf(token, type);
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
  const prefix = type === "host" ? undefined : readPrefix(reader, size);
  if (!isWhole && prefix === undefined && type !== "net") {
    throw new FilterError({ kind: "not-whole", text: token.text }, token.at);
  }
  const bits = prefix ?? (isWhole ? size : 8 * (parts?.length ?? 0));
  if (!isClear(address, bits)) throw new FilterError({ kind: "bits-beyond", bits }, token.at);
  return { address, prefix: bits };
}

/** The bytes of an IPv4 address that are given; undefined: it is none. */
function partsOf(token: Token, type: string | undefined): readonly number[] | undefined {
  if (token.kind === "number" && type === "net") return [token.value];
  return token.kind === "ipv4" ? token.parts : undefined;
}

/** `/24` or `mask 255.255.255.0`. */
function readPrefix(reader: TokenReader, size: number): number | undefined {
  if (reader.takes("/")) return reader.number(size);
  if (size !== 32 || !reader.takes("mask")) return undefined;
  const token = reader.next();
  if (token.kind !== "ipv4") {
    throw new FilterError({ kind: "mask-expected", found: found(token) }, token.at);
  }
  const mask = fromParts(token.parts).w3;
  const bits = Math.clz32(~mask);
  if (bits < 32 && mask << bits !== 0) throw new FilterError({ kind: "mask-with-holes" }, token.at);
  return bits;
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

/** The ports that are meant, ends included. `22-80`, `ssh-http`: names may have hyphens too. */
export function readPorts(reader: TokenReader, token: Token, isRange: boolean): readonly [number, number] {
  if (!isRange) return [port(token), port(token)];
  if (reader.takes("-")) return [port(token), port(reader.next())];
  const range = token.kind === "word" && portOf(token.text) === undefined ? portRange(token.text) : undefined;
  return range ?? [port(token), port(token)];
}

function port(token: Token): number {
  const number = token.kind === "number" ? token.value : portOf(token.text);
  if (number === undefined) throw new FilterError({ kind: "port-expected", found: found(token) }, token.at);
  if (number > MAX_PORT) throw new FilterError({ kind: "no-port", text: token.text }, token.at);
  return number;
}

/** `ether proto \arp`. */
export function etherTypeOf(token: Token): number {
  const name = nameIn(token);
  const type =
    token.kind === "number" ? token.value : (known(NETWORK_PROTOCOLS, name) ?? known(ETHER_NAMES, name));
  if (type === undefined || type > 0xffff) {
    throw new FilterError({ kind: "no-ethertype", text: token.text }, token.at);
  }
  return type;
}

/** `ip proto \udp`. */
export function ipProtocolOf(token: Token): number {
  const name = nameIn(token);
  const named = known(TRANSPORT_PROTOCOLS, name)?.number ?? known(PROTOCOL_NUMBERS, name);
  return byteOf(token, named, "no-ip-protocol");
}

/** `iso proto \clnp`. */
export function osiProtocolOf(token: Token): number {
  return byteOf(token, known(OSI_PROTOCOLS, nameIn(token)), "no-osi-protocol");
}

function byteOf(token: Token, named: number | undefined, kind: "no-ip-protocol" | "no-osi-protocol"): number {
  const number = token.kind === "number" ? token.value : named;
  if (number === undefined || number > 0xff) throw new FilterError({ kind, text: token.text }, token.at);
  return number;
}

function nameIn(token: Token): string {
  return token.text.replace(/^\\/, "");
}
