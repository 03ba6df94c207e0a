/** Options of a TCP socket whose value is not just a number that was set. */
import { congestionControlNamed } from "../../tcp/congestion/congestion-controls.ts";
import { setCongestionControl as changeCongestionControl } from "../../tcp/connection-options.ts";
import { Signatures } from "../../tcp/md5-signatures.ts";
import { endpointIn, givenAddress, SOCKADDR_IN_SIZE, SOCKADDR_IN6_SIZE } from "./addresses.ts";
import { AF_INET, SOL_TCP } from "./constants.ts";
import type { Errno } from "./errno.ts";
import { TCP_MAXSEG } from "./option-names.ts";
import type { TcpSocket } from "./tcp-socket.ts";

/** RFC 9293 §3.7.1: without knowledge of the path. */
const DEFAULT_MSS = 536;

const NO_RTT_YET = 0xffff_ffff;
/** BBR_UNIT. */
const GAIN_UNIT = 256;

/** TCP_MAXSEG: the connection's, or what was asked for as long as there is none. */
export function maximumSegment(socket: TcpSocket): number {
  const { connection, state } = socket;
  if (connection !== undefined && state !== "CLOSED" && state !== "LISTEN") return connection.tcb.snd.mss;
  const wanted = socket.options.get(SOL_TCP, TCP_MAXSEG) ?? 0;
  return wanted === 0 ? DEFAULT_MSS : wanted;
}

/** TCP_CONGESTION. */
export function congestionControl(socket: TcpSocket): string {
  return socket.congestion ?? socket.connection?.congestion.name ?? socket.config.congestionControl;
}

/** ENOENT, as on Linux, for names that are not known. */
export function setCongestionControl(socket: TcpSocket, wanted: string): Errno | undefined {
  const { connection, config } = socket;
  if (congestionControlNamed(wanted, config.congestionControls) === undefined) return "ENOENT";
  if (connection !== undefined) changeCongestionControl(connection, wanted);
  socket.congestion = wanted;
  return undefined;
}

/**
 * TCP_CC_INFO: struct tcp_bbr_info of a control that has a model of the path; nothing of others, as of
 * Linux's Reno and CUBIC.
 */
export function congestionInfo({ connection }: TcpSocket): Uint8Array {
  const model = connection?.congestion.model;
  if (model === undefined) return new Uint8Array(0);
  const bytes = new Uint8Array(20);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(Math.floor(model.bandwidth)), true);
  view.setUint32(8, model.minRtt ?? NO_RTT_YET, true);
  view.setUint32(12, Math.floor(model.pacingGain * GAIN_UNIT), true);
  view.setUint32(16, Math.floor(model.cwndGain * GAIN_UNIT), true);
  return bytes;
}

/** struct tcp_md5sig: a sockaddr_storage, then flags, prefix, length of the key, interface, key. */
const MD5_FLAGS_AT = 128;
const MD5_KEY_AT = 136;
const LONGEST_MD5_KEY = 80;
const MD5_FLAG_PREFIX = 1;

/** TCP_MD5SIG and, with a prefix, TCP_MD5SIG_EXT: RFC 2385. An empty key takes away. */
export function setMd5Signature(
  socket: TcpSocket,
  bytes: Uint8Array,
  isExtended: boolean,
): Errno | undefined {
  const family = bytes[0] as number;
  const given = givenAddress(bytes.subarray(0, family === AF_INET ? SOCKADDR_IN_SIZE : SOCKADDR_IN6_SIZE));
  const endpoint = typeof given === "string" ? given : endpointIn(socket.inetDomain, given);
  if (typeof endpoint === "string") return "EINVAL";
  const { address } = endpoint;
  const hasPrefix = isExtended && ((bytes[MD5_FLAGS_AT] as number) & MD5_FLAG_PREFIX) !== 0;
  const whole = address.family === 4 ? 32 : 128;
  const prefixLength = hasPrefix ? (bytes[MD5_FLAGS_AT + 1] as number) : whole;
  const length = (bytes[MD5_FLAGS_AT + 2] as number) | ((bytes[MD5_FLAGS_AT + 3] as number) << 8);
  if (prefixLength > whole || length > LONGEST_MD5_KEY) return "EINVAL";
  socket.signatures ??= new Signatures();
  const key = bytes.slice(MD5_KEY_AT, MD5_KEY_AT + length);
  if (!socket.signatures.set(address, prefixLength, key)) return "ENOENT";
  if (socket.connection !== undefined) socket.connection.signatures = socket.signatures;
  return undefined;
}

/** TCP_TIMESTAMP: what our timestamps say now. */
export function timestampClock({ connection }: TcpSocket): number {
  return connection?.timestamps.value(connection.now) ?? 0;
}

/** TCP_SAVED_SYN: the headers of the SYN, once, to who has room for all of them. */
export function takeSavedSyn({ connection }: TcpSocket, room: number): Uint8Array | Errno {
  const saved = connection?.savedSyn;
  if (connection === undefined || saved === undefined) return new Uint8Array(0);
  if (room < saved.length) return "EINVAL";
  connection.savedSyn = undefined;
  return saved;
}
