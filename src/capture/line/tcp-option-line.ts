/** TCP options in a line: RFC 9293 §3.2, and the options that IANA lists ("TCP Option Kind Numbers"). */
import { hex, readUint16, readUint32 } from "../../base/bytes.ts";
import type { Line } from "./line.ts";

interface OptionForm {
  readonly name: string;
  /** The length of the value; absent: any. */
  readonly size?: number;
  readonly show?: (bytes: Uint8Array, at: number, length: number, sackBase: number) => string;
}

const END_OF_OPTIONS = 0;
const NO_OPERATION = 1;
/** RFC 6994: the experiment that Fast Open was before it had its kind. */
const FAST_OPEN_EXPERIMENT = 0xf989;

const word = (bytes: Uint8Array, at: number): string => ` ${readUint32(bytes, at)}`;

const FORMS: Readonly<Record<number, OptionForm>> = {
  [END_OF_OPTIONS]: { name: "eol", size: 0 },
  [NO_OPERATION]: { name: "nop", size: 0 },
  2: { name: "mss", size: 2, show: (bytes, at) => ` ${readUint16(bytes, at)}` },
  3: { name: "wscale", size: 1, show: (bytes, at) => ` ${bytes[at]}` },
  4: { name: "sackOK", size: 0 },
  5: { name: "sack", show: sackText },
  6: { name: "echo", size: 4, show: word },
  7: { name: "echoreply", size: 4, show: word },
  8: {
    name: "TS",
    size: 8,
    show: (bytes, at) => ` val ${readUint32(bytes, at)} ecr ${readUint32(bytes, at + 4)}`,
  },
  11: { name: "cc", size: 4, show: word },
  12: { name: "ccnew", size: 4, show: word },
  13: { name: "", size: 4, show: word },
  19: { name: "md5", size: 16, show: (bytes, at) => ` ${hex(bytes.subarray(at, at + 16))}` },
  28: { name: "uto", size: 2, show: userTimeoutText },
  29: { name: "tcp-ao", show: authenticationText },
  34: { name: "tfo", show: (bytes, at, length) => ` ${fastOpenText(bytes, at, length)}` },
  254: { name: "exp", show: experimentText },
};

/**
 * The options in `[start, end)`. False when the line ends with them: they are malformed, or not all captured.
 */
export function addTcpOptions(line: Line, start: number, end: number, sackBase: number): boolean {
  const { bytes } = line;
  line.add(", options [");
  let at = start;
  let separator = "";
  while (at < end) {
    line.add(separator);
    if (!line.has(at, 1)) return truncated(line);
    const kind = bytes[at] as number;
    const bare = kind === END_OF_OPTIONS || kind === NO_OPERATION;
    if (!bare && !line.has(at, 2)) return truncated(line);
    const length = bare ? 1 : at + 1 < end ? (bytes[at + 1] as number) : 0;
    if (length < 1 || (!bare && length < 2) || at + length > end) return bad(line, separator);
    const form = FORMS[kind];
    line.add(form === undefined ? `unknown-${kind}` : form.name);
    const valueLength = length - (bare ? 1 : 2);
    const size = form?.size ?? valueLength;
    if (at + (bare ? 1 : 2) + size > end) return bad(line, separator);
    if (!line.has(at + (bare ? 1 : 2), size)) return truncated(line);
    const show = form === undefined ? unknownText : form.show;
    if (show !== undefined) line.add(show(bytes, at + 2, size, sackBase));
    if (size !== valueLength) line.add(`[len ${length}]`);
    separator = ",";
    if (kind === END_OF_OPTIONS) break;
    at += (bare ? 1 : 2) + size;
  }
  line.add("]");
  return true;
}

function truncated(line: Line): false {
  line.truncated("tcp");
  return false;
}

function bad(line: Line, separator: string): false {
  line.add(separator === "" ? "[bad opt]" : "[bad opt]]");
  return false;
}

function unknownText(bytes: Uint8Array, at: number, length: number): string {
  return length === 0 ? "" : ` 0x${hex(bytes.subarray(at, at + length))}`;
}

/** RFC 2018 §3. */
function sackText(bytes: Uint8Array, at: number, length: number, sackBase: number): string {
  if (length % 8 !== 0) return " invalid sack";
  let text = ` ${length / 8} `;
  for (let i = at; i < at + length; i += 8) {
    text += `{${(readUint32(bytes, i) - sackBase) >>> 0}:${(readUint32(bytes, i + 4) - sackBase) >>> 0}}`;
  }
  return text;
}

/** RFC 5482 §2: the upper bit gives minutes, else seconds. (tcpdump 4.99 takes the lowest bit for it.) */
function userTimeoutText(bytes: Uint8Array, at: number): string {
  const value = readUint16(bytes, at);
  return ` 0x${value.toString(16)} ${(value & 0x7fff) * (value > 0x7fff ? 60 : 1)}`;
}

/** RFC 5925 §2.2. */
function authenticationText(bytes: Uint8Array, at: number, length: number): string {
  if (length < 2) return " (invalid)";
  const mac = length > 2 ? ` mac 0x${hex(bytes.subarray(at + 2, at + length))}` : "";
  return ` keyid ${bytes[at]} rnextkeyid ${bytes[at + 1]}${mac}`;
}

/** RFC 7413 §2. */
function fastOpenText(bytes: Uint8Array, at: number, length: number): string {
  if (length === 0) return " cookiereq";
  if (length % 2 !== 0 || length < 4 || length > 16) return " (invalid)";
  return ` cookie ${hex(bytes.subarray(at, at + length))}`;
}

function experimentText(bytes: Uint8Array, at: number, length: number): string {
  if (length < 2) return "[bad opt]";
  const experiment = readUint16(bytes, at);
  if (experiment !== FAST_OPEN_EXPERIMENT) return `-${experiment.toString(16).padStart(4, "0")}`;
  return `-tfo${fastOpenText(bytes, at + 2, length - 2)}`;
}
