/** Packets of a script: direction, what of the IP header is named, and a TCP, UDP or ICMP body. */
import { TCP_FLAG } from "../wire/tcp.ts";
import type {
  EcnCode,
  IcmpQuote,
  IcmpSpec,
  IpSpec,
  PacketAction,
  Ports,
  TcpSpec,
  UdpSpec,
} from "./script.ts";
import { parseTcpOptions } from "./tcp-option-parser.ts";
import type { TokenReader } from "./token-reader.ts";

const FLAGS = /[A-Z.0-7]+(?![A-Za-z0-9_])|-(?=\s)/y;
const PORTS = /\d+\s*>/y;
const ENCAPSULATION = /(?:ipv4|ipv6|gre|mpls|encap)\b/y;
const UNTIL_BODY = /[^<`\n]*?(?=\s[SFRPUEWA.0-7]*[SFRPUEWA.]\s+\d+:)/y;
const ECN_CODES: readonly string[] = ["noecn", "ect0", "ect1", "ce", "ect01"];
const FLAG_OF: Readonly<Record<string, number>> = {
  S: TCP_FLAG.syn,
  F: TCP_FLAG.fin,
  R: TCP_FLAG.rst,
  P: TCP_FLAG.psh,
  ".": TCP_FLAG.ack,
  U: TCP_FLAG.urg,
  E: TCP_FLAG.ece,
  W: TCP_FLAG.cwr,
  A: TCP_FLAG.ae,
};

export function parsePacket(reader: TokenReader): PacketAction {
  const direction = reader.next().text === "<" ? "in" : "out";
  const ip = parseIp(reader, direction);
  const encapsulation = reader.looksAt(ENCAPSULATION) ? parseEncapsulation(reader) : undefined;
  return { kind: "packet", direction, ip, encapsulation, body: parseBody(reader, direction) };
}

/** Kept as text only: a script that wraps its packets is told that this is not supported, when it runs. */
function parseEncapsulation(reader: TokenReader): string {
  const text = reader.raw(UNTIL_BODY);
  if (text === undefined) throw reader.fail("a TCP packet is wanted within the encapsulation");
  return text.trim();
}

function parseIp(reader: TokenReader, direction: "in" | "out"): IpSpec {
  let ecn: EcnCode | undefined;
  let trafficClass: number | undefined;
  let flowLabel: number | undefined;
  let hopLimit: number | undefined;
  const end = reader.take("[") ? "]" : reader.take("(") ? ")" : undefined;
  if (end !== undefined) {
    do {
      const { text } = reader.token;
      if (ECN_CODES.includes(text)) {
        ecn = reader.next().text as EcnCode;
        if (ecn === "ect01" && direction === "in") throw reader.fail("ect01 is for expected packets only");
      } else if (reader.take("tos")) trafficClass = expectUpTo(reader, 0xff, "the traffic class");
      else if (reader.take("flowlabel")) flowLabel = expectUpTo(reader, 0xfffff, "the flow label");
      else if (reader.take("ttl")) hopLimit = expectUpTo(reader, 0xff, "the hop limit");
      else throw reader.wanted("ect0, ce, tos, ttl, flowlabel or the like", "IP header");
    } while (reader.take(","));
    reader.expect(end, "IP header");
  }
  return { ecn, trafficClass, flowLabel, hopLimit };
}

function expectUpTo(reader: TokenReader, limit: number, what: string): number {
  const value = reader.expectInteger("a number", what);
  if (value > limit) throw reader.fail(`${what} is at most ${limit}`);
  return value;
}

function parseBody(reader: TokenReader, direction: "in" | "out"): PacketAction["body"] {
  if (reader.take("icmp")) return parseIcmp(reader);
  if (reader.take("udp")) return parseUdp(reader);
  return parseTcp(reader, direction);
}

function parsePorts(reader: TokenReader): Ports | undefined {
  if (!reader.looksAt(PORTS)) return undefined;
  const source = expectUpTo(reader, 0xffff, "the source port");
  reader.expect(">", "ports");
  return { source, destination: expectUpTo(reader, 0xffff, "the destination port") };
}

function parseTcp(reader: TokenReader, direction: "in" | "out"): TcpSpec {
  const ports = parsePorts(reader);
  const { place } = reader;
  const letters = reader.raw(FLAGS);
  if (letters === undefined) throw reader.wanted("the flags, such as S. or P.", "TCP packet");
  const { flags, ace } = flagsOf(reader, letters, place);
  const { sequence, length } = parseSequence(reader);
  const acknowledgment = reader.take("ack") ? reader.expectInteger("a number", "ack") : undefined;
  const window = reader.take("win") ? expectUpTo(reader, 0xffff, "the window") : undefined;
  if (window === undefined && direction === "in") throw reader.wanted("“win N”", "a packet on the way in");
  const urgentPointer = reader.take("urg") ? expectUpTo(reader, 0xffff, "the urgent pointer") : undefined;
  const options = reader.is("<") && isOptionList(reader) ? parseTcpOptions(reader, direction) : [];
  return {
    protocol: "tcp",
    ports,
    flags,
    ace,
    sequence,
    length,
    acknowledgment,
    window,
    urgentPointer,
    options,
  };
}

/** Without this, the packet after a packet that has no options could be taken for them. */
const OPTION_LIST = /<\s*(?:\.\.\.|mss|wscale|sackOK|sack|TS|nop|eol|md5|FOEXP|FO|ECN|>)/y;

function isOptionList(reader: TokenReader): boolean {
  return reader.looksAt(OPTION_LIST);
}

function flagsOf(
  reader: TokenReader,
  letters: string,
  place: ReturnType<TokenReader["lexer"]["placeOf"]>,
): { flags: number; ace: number | undefined } {
  let flags = 0;
  let ace: number | undefined;
  if (letters === "-") return { flags, ace };
  for (const letter of letters) {
    const flag = FLAG_OF[letter];
    if (flag !== undefined) flags |= flag;
    else if (letter >= "0" && letter <= "7" && ace === undefined) ace = Number(letter);
    else throw reader.fail(`line ${place.line}: “${letter}” is no TCP flag`);
  }
  if (ace !== undefined) {
    if ((flags & (TCP_FLAG.ae | TCP_FLAG.cwr | TCP_FLAG.ece)) !== 0) {
      throw reader.fail("the ACE field is written as a digit or as the flags A, W and E, not both");
    }
    flags |= aceFlags(ace);
  }
  return { flags, ace };
}

/** RFC 9768 §3.2: AE, CWR and ECE are the counter's bits, highest first. */
function aceFlags(ace: number): number {
  return (
    ((ace & 4) !== 0 ? TCP_FLAG.ae : 0) | ((ace & 2) !== 0 ? TCP_FLAG.cwr : 0) | (ace & 1 ? TCP_FLAG.ece : 0)
  );
}

function parseSequence(reader: TokenReader): { sequence: number; length: number } {
  const where = "sequence numbers A:B(L)";
  const sequence = reader.expectInteger("a number", where);
  reader.expect(":", where);
  const end = reader.expectInteger("a number", where);
  reader.expect("(", where);
  const length = expectUpTo(reader, 0xffff, "the length");
  if (sequence > 0xffffffff || end >>> 0 !== (sequence + length) >>> 0) {
    throw reader.fail(
      `${sequence}:${end}(${length}) is not consistent: ${sequence} + ${length} is not ${end}`,
    );
  }
  reader.expect(")", where);
  return { sequence, length };
}

function parseUdp(reader: TokenReader): UdpSpec {
  const ports = parsePorts(reader);
  reader.expect("(", "UDP packet");
  const length = expectUpTo(reader, 0xffff - 8, "the length");
  reader.expect(")", "UDP packet");
  return { protocol: "udp", ports, length };
}

function parseIcmp(reader: TokenReader): IcmpSpec {
  const type = reader.expectKind("word", "an ICMP type", "ICMP packet").text;
  let code: string | undefined;
  let mtu: number | undefined;
  let identifier: number | undefined;
  if (reader.isKind("word") && !reader.is("mtu") && !reader.is("id")) code = reader.next().text;
  for (;;) {
    if (reader.take("mtu")) mtu = reader.expectInteger("a number", "mtu");
    else if (reader.take("id")) identifier = expectUpTo(reader, 0xffff, "the identifier");
    else break;
  }
  const quote = reader.take("[") ? parseQuote(reader) : undefined;
  return { protocol: "icmp", type, code, mtu, identifier, quote };
}

function parseQuote(reader: TokenReader): IcmpQuote {
  let quote: IcmpQuote;
  if (reader.is("udp") || reader.is("raw")) {
    const kind = reader.next().text as "udp" | "raw";
    reader.expect("(", "quoted packet");
    quote = { kind, length: expectUpTo(reader, 0xffff, "the length") };
    reader.expect(")", "quoted packet");
  } else quote = { kind: "tcp", ...parseSequence(reader) };
  reader.expect("]", "quoted packet");
  return quote;
}
