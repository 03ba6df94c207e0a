/** The list of TCP options between `<` and `>`: in wire order, and a multiple of four bytes. */
import type { TcpOptionSpec } from "./script.ts";
import { optionsSize } from "./tcp-option-bytes.ts";
import type { TokenReader } from "./token-reader.ts";

const HEX = /[0-9a-fA-F]+(?![A-Za-z0-9_])/y;
const MD5_DIGITS = 32;

/** Undefined: `<...>`. */
export function parseTcpOptions(reader: TokenReader, direction: "in" | "out"): TcpOptionSpec[] | undefined {
  const { place } = reader;
  reader.expect("<", "TCP options");
  if (reader.take("...")) {
    if (direction === "in") throw reader.fail("<...> is for expected packets only");
    reader.expect(">", "TCP options");
    return undefined;
  }
  const options: TcpOptionSpec[] = [];
  if (!reader.is(">")) {
    do options.push(parseOption(reader));
    while (reader.take(","));
  }
  const size = optionsSize(options);
  if (size % 4 !== 0) {
    throw reader.fail(
      `the TCP options of line ${place.line} are ${size} bytes: nop or eol make them a multiple of 4`,
    );
  }
  if (size > 40)
    throw reader.fail(`the TCP options of line ${place.line} are ${size} bytes: 40 is the limit`);
  reader.expect(">", "TCP options");
  return options;
}

function parseOption(reader: TokenReader): TcpOptionSpec {
  const name = reader.expectKind("word", "the name of an option", "TCP options").text;
  switch (name) {
    case "mss":
      return { kind: "mss", value: reader.expectInteger("a number", "mss") };
    case "wscale":
      return { kind: "wscale", value: reader.expectInteger("a number", "wscale") };
    case "sackOK":
    case "nop":
    case "eol":
      return { kind: name };
    case "sack":
      return { kind: "sack", blocks: parseBlocks(reader) };
    case "TS":
      return parseTimestamps(reader);
    case "md5":
      return { kind: "md5", digest: parseDigest(reader) };
    case "FO":
    case "FOEXP":
      return { kind: name, cookie: parseHex(reader, name) };
    case "ECN":
      return parseAccEcn(reader);
    default:
      throw reader.fail(
        `“${name}” is no TCP option: mss, wscale, sackOK, sack, TS, nop, eol, md5, FO, FOEXP, ECN`,
      );
  }
}

function parseBlocks(reader: TokenReader): Array<readonly [number, number]> {
  const blocks: Array<readonly [number, number]> = [];
  while (reader.isKind("integer")) {
    const left = reader.next().value;
    reader.expect(":", "SACK block");
    blocks.push([left, reader.expectInteger("a number", "SACK block")]);
  }
  if (blocks.length === 0) throw reader.wanted("a block A:B", "sack");
  return blocks;
}

function parseTimestamps(reader: TokenReader): TcpOptionSpec {
  reader.expect("val", "TS");
  const value = reader.expectInteger("a number", "TS val");
  reader.expect("ecr", "TS");
  return { kind: "TS", value, echo: reader.expectInteger("a number", "TS ecr") };
}

function parseDigest(reader: TokenReader): string {
  const digest = parseHex(reader, "md5");
  if (digest.length !== MD5_DIGITS) throw reader.fail("md5 has 32 hexadecimal digits");
  return digest;
}

/** The token's own text: a word that was defined has been replaced. */
function parseHex(reader: TokenReader, name: string): string {
  const { kind, text } = reader.token;
  const isHex = (kind === "word" || kind === "integer") && /^[0-9a-fA-F]+$/.test(text);
  if (!isHex) {
    if (kind === "word" && reader.looksAt(HEX)) throw reader.wanted("hexadecimal digits", name);
    return "";
  }
  if (text.length % 2 !== 0) throw reader.fail(`${name}: an even number of hexadecimal digits is wanted`);
  reader.next();
  return text.toLowerCase();
}

function parseAccEcn(reader: TokenReader): TcpOptionSpec {
  const first = reader.is("e1b") ? "e1b" : "e0b";
  const names = first === "e0b" ? ["e0b", "ceb", "e1b"] : ["e1b", "ceb", "e0b"];
  const counters: number[] = [];
  for (const name of names) {
    if (!reader.take(name)) break;
    counters.push(reader.expectInteger("a number", `ECN ${name}`));
  }
  if (counters.length === 0) throw reader.wanted("e0b or e1b", "ECN");
  return { kind: "ECN", first, counters };
}
