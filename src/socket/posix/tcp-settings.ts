/** Options of a TCP socket whose value is not just a number that was set. */
import { congestionControlNamed } from "../../tcp/congestion/congestion-controls.ts";
import { setCongestionControl as changeCongestionControl } from "../../tcp/connection-options.ts";
import { SOL_TCP } from "./constants.ts";
import type { Errno } from "./errno.ts";
import { TCP_MAXSEG } from "./option-names.ts";
import { knobsOf } from "./tcp-knobs.ts";
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

/** TCP_MD5SIG. */
export function setMd5Signature(socket: TcpSocket, signature: Uint8Array): Errno | undefined {
  const { connection } = socket;
  const isSet = connection !== undefined && knobsOf(connection).setMd5Signature?.(signature) === true;
  return isSet ? undefined : "ENOPROTOOPT";
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
