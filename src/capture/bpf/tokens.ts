/** Words, numbers, addresses and operators of the tcpdump filter language: pcap-filter(7). */
import { type IpAddress, parseIpAddress } from "../../wire/address.ts";
import { type MacAddress, parseMac } from "../../wire/mac-address.ts";
import { type FilterFault, faultText } from "./filter-fault.ts";

export type Token =
  | { readonly kind: "word"; readonly text: string; readonly at: number }
  | { readonly kind: "number"; readonly value: number; readonly text: string; readonly at: number }
  | { readonly kind: "mac"; readonly mac: MacAddress; readonly text: string; readonly at: number }
  | { readonly kind: "ipv6"; readonly address: IpAddress; readonly text: string; readonly at: number }
  /** Two to four bytes; fewer than four name a network. */
  | { readonly kind: "ipv4"; readonly parts: readonly number[]; readonly text: string; readonly at: number }
  | { readonly kind: "symbol"; readonly text: string; readonly at: number }
  | { readonly kind: "end"; readonly text: string; readonly at: number };

/**
 * What is wrong with a filter's text, and where. Thrown within `bpf/`; `compileFilter` answers it as a value.
 */
export class FilterError extends Error {
  override readonly name = "FilterError";
  readonly fault: FilterFault;
  readonly at: number;

  constructor(fault: FilterFault, at: number) {
    super(faultText(fault));
    this.fault = fault;
    this.at = at;
  }
}

const SPACE = /[ \t\r\n]*/y;
/** In six parts, in three, or in one. */
const MAC = new RegExp(
  "(?:[0-9a-f]{1,2}([:.-])(?:[0-9a-f]{1,2}\\1){4}[0-9a-f]{1,2}" +
    "|(?:[0-9a-f]{4}\\.){2}[0-9a-f]{4}|[0-9a-f]{12})(?![0-9a-z:.-])",
  "iy",
);
/** With `::`, or with all seven colons; so `ip[6:2]` is none. */
const IPV6 = /[0-9a-fA-F]*(?::[0-9a-fA-F]*)*::[0-9a-fA-F:.]*|(?:[0-9a-fA-F]{1,4}:){6,7}[0-9a-fA-F:.]+/y;
const IPV4 = /\d{1,3}(?:\.\d{1,3}){1,3}(?![0-9.])/y;
const NUMBER = /0[xX][0-9a-fA-F]+|\d+/y;
const WORD = /\\?[A-Za-z](?:[-_.A-Za-z0-9]*[A-Za-z0-9])?/y;
const SYMBOL = /&&|\|\||==|!=|<=|>=|<<|>>|[()[\]:/!<>=&|^+\-*%]/y;

/** What is longer would not fit into a program anyway; the limit bounds the depth of recursions. */
const MAX_TOKENS = 4096;

export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = skip(SPACE, text, 0);
  while (at < text.length) {
    const token = tokenAt(text, at);
    tokens.push(token);
    if (tokens.length > MAX_TOKENS) throw new FilterError({ kind: "too-long" }, at);
    at = skip(SPACE, text, at + token.text.length);
  }
  tokens.push({ kind: "end", text: "", at: text.length });
  return tokens;
}

function skip(pattern: RegExp, text: string, at: number): number {
  return at + (match(pattern, text, at)?.length ?? 0);
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function tokenAt(text: string, at: number): Token {
  const mac = match(MAC, text, at);
  if (mac !== undefined) return macToken(mac, at);
  const ipv6 = match(IPV6, text, at);
  if (ipv6 !== undefined) {
    const address = parseIpAddress(ipv6);
    if (address === undefined) throw new FilterError({ kind: "no-ipv6", text: ipv6 }, at);
    return { kind: "ipv6", address, text: ipv6, at };
  }
  const ipv4 = match(IPV4, text, at);
  if (ipv4 !== undefined) {
    const parts = ipv4.split(".").map(Number);
    if (parts.some(part => part > 255)) throw new FilterError({ kind: "no-ipv4", text: ipv4 }, at);
    return { kind: "ipv4", parts, text: ipv4, at };
  }
  const number = match(NUMBER, text, at);
  if (number !== undefined) return numberToken(number, at);
  const word = match(WORD, text, at);
  if (word !== undefined) return { kind: "word", text: word, at };
  const symbol = match(SYMBOL, text, at);
  if (symbol !== undefined) return { kind: "symbol", text: symbol, at };
  throw new FilterError({ kind: "not-understood", text: text.slice(at, at + 1) }, at);
}

function macToken(text: string, at: number): Token {
  const parts = text.split(/[:.-]/);
  const size = 12 / parts.length;
  const digits = parts.map(part => part.padStart(size, "0")).join("");
  const full = digits.replace(/..(?!$)/g, "$&:");
  return { kind: "mac", mac: parseMac(full) as MacAddress, text, at };
}

/** As in C: 0x for hexadecimal, 0 for octal. */
function numberToken(text: string, at: number): Token {
  const isOctal = /^0\d/.test(text);
  const value = isOctal ? Number.parseInt(text, 8) : Number(text);
  if (value > 0xffff_ffff || (isOctal && /[89]/.test(text))) {
    throw new FilterError({ kind: "no-32-bits", text }, at);
  }
  return { kind: "number", value, text, at };
}
