/**
 * TCP options as a script writes them, to bytes and back: each by itself, padding included, so that order
 * and padding can be compared. RFC 9293 §3.2, 7323, 2018, 2385, 7413, 6994, 9768 §3.2.3.
 */
import { hex, readUint16, readUint32, writeUint16, writeUint32 } from "../base/bytes.ts";
import { TCP_OPTION } from "../wire/tcp-options.ts";
import type { TcpOptionSpec } from "./script.ts";

const FAST_OPEN_MAGIC = 0xf989;
const MD5_LENGTH = 18;
const ACC_ECN_0 = 172;
const ACC_ECN_1 = 174;

export function optionsSize(options: readonly TcpOptionSpec[]): number {
  return options.reduce((sum, option) => sum + optionSize(option), 0);
}

function optionSize(option: TcpOptionSpec): number {
  switch (option.kind) {
    case "nop":
    case "eol":
      return 1;
    case "mss":
      return 4;
    case "wscale":
      return 3;
    case "sackOK":
      return 2;
    case "sack":
      return 2 + 8 * option.blocks.length;
    case "TS":
      return 10;
    case "md5":
      return MD5_LENGTH;
    case "FO":
      return 2 + option.cookie.length / 2;
    case "FOEXP":
      return 4 + option.cookie.length / 2;
    case "ECN":
      return 2 + 3 * option.counters.length;
    case "other":
      return 2 + option.content.length / 2;
  }
}

/** Writes the options with the numbers as they are; answers how many bytes. */
export function writeOptions(options: readonly TcpOptionSpec[], bytes: Uint8Array, start: number): number {
  let at = start;
  for (const option of options) {
    const size = optionSize(option);
    writeOption(option, size, bytes, at);
    at += size;
  }
  return at - start;
}

function writeOption(option: TcpOptionSpec, size: number, bytes: Uint8Array, at: number): void {
  bytes[at] = numberOf(option);
  if (size === 1) return;
  bytes[at + 1] = size;
  switch (option.kind) {
    case "mss":
      writeUint16(bytes, at + 2, option.value);
      break;
    case "wscale":
      bytes[at + 2] = option.value;
      break;
    case "sack":
      option.blocks.forEach(([left, right], index) => {
        writeUint32(bytes, at + 2 + 8 * index, left);
        writeUint32(bytes, at + 6 + 8 * index, right);
      });
      break;
    case "TS":
      writeUint32(bytes, at + 2, option.value);
      writeUint32(bytes, at + 6, option.echo);
      break;
    case "md5":
      bytes.set(bytesOf(option.digest), at + 2);
      break;
    case "FO":
      bytes.set(bytesOf(option.cookie), at + 2);
      break;
    case "FOEXP":
      writeUint16(bytes, at + 2, FAST_OPEN_MAGIC);
      bytes.set(bytesOf(option.cookie), at + 4);
      break;
    case "ECN":
      option.counters.forEach((counter, index) => {
        bytes[at + 2 + 3 * index] = counter >>> 16;
        writeUint16(bytes, at + 3 + 3 * index, counter);
      });
      break;
    case "other":
      bytes.set(bytesOf(option.content), at + 2);
      break;
  }
}

function numberOf(option: TcpOptionSpec): number {
  switch (option.kind) {
    case "nop":
      return TCP_OPTION.noOperation;
    case "eol":
      return TCP_OPTION.end;
    case "mss":
      return TCP_OPTION.mss;
    case "wscale":
      return TCP_OPTION.windowScale;
    case "sackOK":
      return TCP_OPTION.sackPermitted;
    case "sack":
      return TCP_OPTION.sack;
    case "TS":
      return TCP_OPTION.timestamps;
    case "md5":
      return TCP_OPTION.md5;
    case "FO":
      return TCP_OPTION.fastOpen;
    case "FOEXP":
      return TCP_OPTION.experimental;
    case "ECN":
      return option.first === "e0b" ? ACC_ECN_0 : ACC_ECN_1;
    case "other":
      return option.number;
  }
}

function bytesOf(digits: string): Uint8Array {
  const bytes = new Uint8Array(digits.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** Reads `bytes[start, end)`, padding included; undefined if an option has an impossible length. */
export function readOptions(bytes: Uint8Array, start: number, end: number): TcpOptionSpec[] | undefined {
  const options: TcpOptionSpec[] = [];
  for (let at = start; at < end; ) {
    const number = bytes[at] as number;
    if (number === TCP_OPTION.end || number === TCP_OPTION.noOperation) {
      options.push({ kind: number === TCP_OPTION.end ? "eol" : "nop" });
      at++;
      continue;
    }
    const length = at + 1 < end ? (bytes[at + 1] as number) : 0;
    if (length < 2 || at + length > end) return undefined;
    options.push(readOption(number, bytes, at + 2, at + length));
    at += length;
  }
  return options;
}

function readOption(number: number, bytes: Uint8Array, start: number, end: number): TcpOptionSpec {
  const size = end - start;
  const content = (from = start): string => hex(bytes.subarray(from, end));
  if (number === TCP_OPTION.mss && size === 2) return { kind: "mss", value: readUint16(bytes, start) };
  if (number === TCP_OPTION.windowScale && size === 1)
    return { kind: "wscale", value: bytes[start] as number };
  if (number === TCP_OPTION.sackPermitted && size === 0) return { kind: "sackOK" };
  if (number === TCP_OPTION.sack && size > 0 && size % 8 === 0) {
    return { kind: "sack", blocks: readBlocks(bytes, start, end) };
  }
  if (number === TCP_OPTION.timestamps && size === 8) {
    return { kind: "TS", value: readUint32(bytes, start), echo: readUint32(bytes, start + 4) };
  }
  if (number === TCP_OPTION.md5 && size === MD5_LENGTH - 2) return { kind: "md5", digest: content() };
  if (number === TCP_OPTION.fastOpen) return { kind: "FO", cookie: content() };
  if (number === TCP_OPTION.experimental && size >= 2 && readUint16(bytes, start) === FAST_OPEN_MAGIC) {
    return { kind: "FOEXP", cookie: content(start + 2) };
  }
  if ((number === ACC_ECN_0 || number === ACC_ECN_1) && size > 0 && size % 3 === 0 && size <= 9) {
    const counters: number[] = [];
    for (let at = start; at < end; at += 3)
      counters.push(((bytes[at] as number) << 16) | readUint16(bytes, at + 1));
    return { kind: "ECN", first: number === ACC_ECN_0 ? "e0b" : "e1b", counters };
  }
  return { kind: "other", number, content: content() };
}

function readBlocks(bytes: Uint8Array, start: number, end: number): Array<readonly [number, number]> {
  const blocks: Array<readonly [number, number]> = [];
  for (let at = start; at < end; at += 8) blocks.push([readUint32(bytes, at), readUint32(bytes, at + 4)]);
  return blocks;
}
