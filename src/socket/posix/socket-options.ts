/**
 * getsockopt and setsockopt: the rules of each level about lengths and null pointers, over tables that say
 * for each option what it takes and gives. Measured on Linux 6.18 (posix/options.test.ts names the cases).
 */
import {
  AF_INET,
  AF_INET6,
  IPPROTO_TCP,
  IPPROTO_UDP,
  SOL_IP,
  SOL_IPV6,
  SOL_SOCKET,
  SOL_TCP,
  SOL_UDP,
} from "./constants.ts";
import type { Errno } from "./errno.ts";
import type { IntReference } from "./file.ts";
import { IP_OPTIONS_TABLE, IPV6_OPTIONS_TABLE } from "./ip-options.ts";
import type { IntOption, OptionTable } from "./option-table.ts";
import type { SocketFile } from "./socket-file.ts";
import { SOCKET_OPTIONS_TABLE } from "./socket-level-options.ts";
import { fail, OK, outcomeOf, type SysResult } from "./sys-result.ts";
import { TCP_OPTIONS_TABLE } from "./tcp-options.ts";
import { UDP_OPTIONS_TABLE } from "./udp-options.ts";

const INT_SIZE = 4;

export function getOption(
  socket: SocketFile,
  level: number,
  name: number,
  value: Uint8Array | null,
  length: IntReference | null,
): SysResult {
  const table = tableFor(socket, level);
  if (table === undefined) return fail("EOPNOTSUPP");
  if (length === null) return fail("EFAULT");
  if (length.value < 0) return fail("EINVAL");
  const option = table.get(name);
  if (option === undefined) return fail("ENOPROTOOPT");
  const bytes =
    option.kind === "int"
      ? intBytes(readInt(socket, level, name, option), level, length.value)
      : (option.read?.(socket, length.value) ?? "ENOPROTOOPT");
  if (typeof bytes === "string") return fail(bytes);
  const count = Math.min(length.value, bytes.length);
  if (count > 0) {
    if (value === null) return fail("EFAULT");
    value.set(bytes.subarray(0, Math.min(count, value.length)));
  }
  length.value = count;
  return OK;
}

export function setOption(
  socket: SocketFile,
  level: number,
  name: number,
  value: Uint8Array | null,
  length: number,
): SysResult {
  if (length < 0) return fail("EINVAL");
  const table = tableFor(socket, level);
  if (table === undefined)
    return fail(socket.domain === AF_INET || isInet6(socket) ? "ENOPROTOOPT" : "EOPNOTSUPP");
  const option = table.get(name);
  if (option?.kind === "bytes") {
    if (option.write === undefined) return fail(length < INT_SIZE ? "EINVAL" : "ENOPROTOOPT");
    if (length < option.least) return fail("EINVAL");
    if (value === null) return fail("EFAULT");
    const error = option.write(socket, value.subarray(0, length));
    if (error === undefined) socket.optionSet(level, name);
    return outcomeOf(error);
  }
  const given = intFrom(level, option, value, length);
  if (typeof given === "string") return fail(given);
  if (option?.check === undefined) return fail("ENOPROTOOPT");
  const kept = option.check(given, socket);
  if (typeof kept === "string") return fail(kept);
  socket.options.set(level, name, kept);
  socket.optionSet(level, name);
  return OK;
}

function tableFor(socket: SocketFile, level: number): OptionTable | undefined {
  if (level === SOL_SOCKET) return SOCKET_OPTIONS_TABLE;
  const isInet = socket.domain === AF_INET || isInet6(socket);
  if (!isInet) return undefined;
  switch (level) {
    case SOL_TCP:
      return socket.protocol === IPPROTO_TCP ? TCP_OPTIONS_TABLE : undefined;
    case SOL_UDP:
      return socket.protocol === IPPROTO_UDP ? UDP_OPTIONS_TABLE : undefined;
    case SOL_IP:
      return IP_OPTIONS_TABLE;
    case SOL_IPV6:
      return isInet6(socket) ? IPV6_OPTIONS_TABLE : undefined;
    default:
      return undefined;
  }
}

function isInet6(socket: SocketFile): boolean {
  return socket.domain === AF_INET6;
}

function readInt(socket: SocketFile, level: number, name: number, option: IntOption): number | Errno {
  if (option.read !== undefined) return option.read(socket);
  return socket.options.get(level, name) ?? option.initial ?? 0;
}

/** SOL_IP gives a value that fits in a byte to who has no room for an int. */
function intBytes(value: number | Errno, level: number, room: number): Uint8Array | Errno {
  if (typeof value === "string") return value;
  const bytes = new Uint8Array(INT_SIZE);
  new DataView(bytes.buffer).setInt32(0, value, true);
  const isByte = level === SOL_IP && room > 0 && room < INT_SIZE && value >= 0 && value <= 0xff;
  return isByte ? bytes.subarray(0, 1) : bytes;
}

/**
 * SOL_IP takes a byte for an int, and nothing for 0; SOL_IPV6 takes a null pointer for 0; the others take
 * ints.
 */
function intFrom(
  level: number,
  option: IntOption | undefined,
  value: Uint8Array | null,
  length: number,
): number | Errno {
  if (level === SOL_IP) {
    if (option === undefined) return "ENOPROTOOPT";
    if (value === null) return option.check === undefined ? "ENOPROTOOPT" : "EFAULT";
    if (length >= INT_SIZE) return readInt32(value);
    if (length >= 1) return value[0] ?? 0;
    return option.needsValue === true ? "EINVAL" : 0;
  }
  if (level === SOL_IPV6) {
    if (option === undefined) return "ENOPROTOOPT";
    if (value === null) return 0;
    if (length >= INT_SIZE) return readInt32(value);
    return option.needsValue === false ? 0 : "EINVAL";
  }
  if (length < INT_SIZE) return "EINVAL";
  return value === null ? "EFAULT" : readInt32(value);
}

function readInt32(bytes: Uint8Array): number {
  if (bytes.length < INT_SIZE) return bytes[0] ?? 0;
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getInt32(0, true);
}
