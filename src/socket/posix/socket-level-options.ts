/** The options of SOL_SOCKET: Linux's net/core/sock.c, sk_setsockopt and sk_getsockopt. */
import type { Duration } from "../../base/time.ts";
import {
  AF_UNIX,
  SOCK_STREAM,
  SOF_TIMESTAMPING_MASK,
  SOF_TIMESTAMPING_OPT_ID,
  SOF_TIMESTAMPING_OPT_ID_TCP,
  SOF_TIMESTAMPING_OPT_STATS,
  SOF_TIMESTAMPING_OPT_TSONLY,
  SOL_SOCKET,
} from "./constants.ts";
import { ERRNO, type Errno } from "./errno.ts";
import * as name from "./option-names.ts";
import {
  asFlag,
  asGiven,
  between,
  FLAG,
  type IntOption,
  type OptionTable,
  type SocketOption,
  zeroOrOne,
} from "./option-table.ts";
import { durationOf, NO_PACING, type SocketFile } from "./socket-file.ts";

/** net.core.wmem_max and rmem_max: 4 MB since Linux 6.17. */
const LARGEST_BUFFER = 4 << 20;
/** SOCK_MIN_SNDBUF and SOCK_MIN_RCVBUF, with the size of Linux's struct sk_buff. */
const LEAST_SEND_BUFFER = 4_608;
const LEAST_RECEIVE_BUFFER = 2_304;
const INT_MAX = 0x7fff_ffff;

/** Doubled, as Linux does for its own bookkeeping: getsockopt gives twice what setsockopt took. */
function bufferSize(least: number, most: number): NonNullable<IntOption["check"]> {
  return value => Math.max(2 * Math.min(value < 0 ? most : value, most), least);
}

function timestampOption(unit: "microseconds" | "nanoseconds"): IntOption {
  return {
    kind: "int",
    read: socket => (socket.timestamp === unit ? 1 : 0),
    check: (value, socket) => {
      if (value !== 0) socket.timestamp = unit;
      else if (socket.timestamp === unit) socket.timestamp = "none";
      return asFlag(value, socket);
    },
  };
}

function timeoutOption(field: "receiveTimeout" | "sendTimeout"): SocketOption {
  return {
    kind: "bytes",
    least: 16,
    read: socket => timeval(socket[field]),
    write: (socket, bytes) => {
      const view = viewOf(bytes);
      const seconds = Number(view.getBigInt64(0, true));
      const micros = Number(view.getBigInt64(8, true));
      if (micros < 0 || micros >= 1_000_000) return "EDOM";
      // Linux's sock_set_timeout: nothing is for ever, a negative time is none.
      if (seconds < 0) socket[field] = 0 as Duration;
      else socket[field] = seconds === 0 && micros === 0 ? undefined : durationOf(seconds, micros);
      return undefined;
    },
  };
}

function timeval(duration: Duration | undefined): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = viewOf(bytes);
  view.setBigInt64(0, BigInt(Math.floor((duration ?? 0) / 1_000_000)), true);
  view.setBigInt64(8, BigInt((duration ?? 0) % 1_000_000), true);
  return bytes;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

const lingerOption: SocketOption = {
  kind: "bytes",
  least: 8,
  read: ({ linger }) => {
    const bytes = new Uint8Array(8);
    viewOf(bytes).setInt32(0, linger.on ? 1 : 0, true);
    viewOf(bytes).setInt32(4, linger.seconds, true);
    return bytes;
  },
  write: (socket, bytes) => {
    const on = viewOf(bytes).getInt32(0, true) !== 0;
    socket.linger = { on, seconds: on ? viewOf(bytes).getInt32(4, true) : socket.linger.seconds };
    return undefined;
  },
};

/** As wide as the caller has room for; what does not fit in 32 bits is told as no limit. */
const pacingOption: SocketOption = {
  kind: "bytes",
  least: 4,
  read: ({ maxPacingRate: rate }, room) => {
    const bytes = new Uint8Array(room >= 8 ? 8 : 4);
    if (room >= 8) viewOf(bytes).setBigUint64(0, rate, true);
    else viewOf(bytes).setUint32(0, rate > 0xffff_ffffn ? 0xffff_ffff : Number(rate), true);
    return bytes;
  },
  write: (socket, bytes) => {
    if (bytes.length >= 8) socket.maxPacingRate = viewOf(bytes).getBigUint64(0, true);
    else {
      const rate = viewOf(bytes).getUint32(0, true);
      socket.maxPacingRate = rate === 0xffff_ffff ? NO_PACING : BigInt(rate);
    }
    return undefined;
  },
};

/** Flags, and the clock to bind to, which there is none of. */
const timestampingOption: SocketOption = {
  kind: "bytes",
  least: 4,
  read: (socket, room) => {
    const bytes = new Uint8Array(room < 8 ? 4 : 8);
    viewOf(bytes).setInt32(0, socket.options.get(SOL_SOCKET, name.SO_TIMESTAMPING) ?? 0, true);
    return bytes;
  },
  write: (socket, bytes) => {
    const flags = viewOf(bytes).getInt32(0, true);
    if ((flags & ~SOF_TIMESTAMPING_MASK) !== 0) return "EINVAL";
    const has = (flag: number): boolean => (flags & flag) !== 0;
    if (has(SOF_TIMESTAMPING_OPT_ID_TCP) && !has(SOF_TIMESTAMPING_OPT_ID)) return "EINVAL";
    if (has(SOF_TIMESTAMPING_OPT_STATS) && !has(SOF_TIMESTAMPING_OPT_TSONLY)) return "EINVAL";
    const had = socket.options.get(SOL_SOCKET, name.SO_TIMESTAMPING) ?? 0;
    if ((flags & ~had & SOF_TIMESTAMPING_OPT_ID) !== 0) {
      const error = socket.beginStampIds(flags);
      if (error !== undefined) return error;
    }
    socket.options.set(SOL_SOCKET, name.SO_TIMESTAMPING, flags);
    return undefined;
  },
};

/** SK_MEMINFO: nine numbers, of which we know those of the buffers. */
const memoryOption: SocketOption = {
  kind: "bytes",
  least: 4,
  read: socket => {
    const bytes = new Uint8Array(36);
    const view = viewOf(bytes);
    view.setUint32(0, socket.queuedToReceive, true);
    view.setUint32(4, receiveBuffer(socket), true);
    view.setUint32(12, sendBuffer(socket), true);
    view.setUint32(20, socket.queuedToSend, true);
    return bytes;
  },
};

const cookieOption: SocketOption = {
  kind: "bytes",
  least: 4,
  read: (socket, room) => {
    if (room < 8) return "EINVAL";
    const bytes = new Uint8Array(8);
    viewOf(bytes).setBigUint64(0, socket.cookie, true);
    return bytes;
  },
};

/** There are no other devices to bind to: only the empty name is known. */
const deviceOption: SocketOption = {
  kind: "bytes",
  least: 0,
  read: () => new Uint8Array(0),
  write: (_socket, bytes) => (bytes.length === 0 || bytes[0] === 0 ? undefined : "ENODEV"),
};

const errorOption: IntOption = {
  kind: "int",
  read: socket => {
    const error = socket.takeError() ?? socket.takeSoftError();
    return error === undefined ? 0 : ERRNO[error];
  },
};

const peerNameOption: SocketOption = {
  kind: "bytes",
  least: 4,
  read: (socket, room) => {
    const address = socket.peerAddress();
    if (typeof address === "string") return "ENOTCONN";
    return address.length < room ? address : address.subarray(0, room);
  },
};

function unlessUnix(check: NonNullable<IntOption["check"]>): NonNullable<IntOption["check"]> {
  return (value, socket): number | Errno => (socket.domain === AF_UNIX ? "EOPNOTSUPP" : check(value, socket));
}

/** Of TCP sockets alone. */
const peekOffsetOption: IntOption = {
  kind: "int",
  read: ({ peekOffset }) => peekOffset,
  check: (value, socket) => {
    if (socket.domain === AF_UNIX || socket.type !== SOCK_STREAM) return "EOPNOTSUPP";
    socket.peekOffset = value;
    return value;
  },
};

export function sendBuffer(socket: SocketFile): number {
  return socket.options.get(SOL_SOCKET, name.SO_SNDBUF) ?? socket.defaultSendBuffer;
}

export function receiveBuffer(socket: SocketFile): number {
  return socket.options.get(SOL_SOCKET, name.SO_RCVBUF) ?? socket.defaultReceiveBuffer;
}

export const SOCKET_OPTIONS_TABLE: OptionTable = new Map<number, SocketOption>([
  [name.SO_DEBUG, FLAG],
  [name.SO_REUSEADDR, FLAG],
  [name.SO_REUSEPORT, { kind: "int", check: unlessUnix(asFlag) }],
  [name.SO_TYPE, { kind: "int", read: socket => socket.type }],
  [name.SO_PROTOCOL, { kind: "int", read: socket => socket.protocol }],
  [name.SO_DOMAIN, { kind: "int", read: socket => socket.domain }],
  [name.SO_ERROR, errorOption],
  [name.SO_ACCEPTCONN, { kind: "int", read: socket => (socket.isListening ? 1 : 0) }],
  [name.SO_DONTROUTE, FLAG],
  [name.SO_BROADCAST, FLAG],
  [name.SO_SNDBUF, { kind: "int", read: sendBuffer, check: bufferSize(LEAST_SEND_BUFFER, LARGEST_BUFFER) }],
  [
    name.SO_RCVBUF,
    { kind: "int", read: receiveBuffer, check: bufferSize(LEAST_RECEIVE_BUFFER, LARGEST_BUFFER) },
  ],
  [name.SO_KEEPALIVE, FLAG],
  [name.SO_OOBINLINE, FLAG],
  [name.SO_NO_CHECK, FLAG],
  [name.SO_PRIORITY, { kind: "int", check: asGiven }],
  [name.SO_LINGER, lingerOption],
  [name.SO_BSDCOMPAT, { kind: "int", check: () => 0 }],
  [
    name.SO_RCVLOWAT,
    { kind: "int", initial: 1, check: value => (value < 0 ? INT_MAX : value === 0 ? 1 : value) },
  ],
  [name.SO_SNDLOWAT, { kind: "int", initial: 1 }],
  [name.SO_RCVTIMEO, timeoutOption("receiveTimeout")],
  [name.SO_SNDTIMEO, timeoutOption("sendTimeout")],
  [name.SO_BINDTODEVICE, deviceOption],
  [name.SO_PEERNAME, peerNameOption],
  [name.SO_TIMESTAMP, timestampOption("microseconds")],
  [name.SO_TIMESTAMPNS, timestampOption("nanoseconds")],
  [name.SO_TIMESTAMPING, timestampingOption],
  [name.SO_MARK, { kind: "int", check: asGiven }],
  [name.SO_RXQ_OVFL, FLAG],
  [name.SO_PEEK_OFF, peekOffsetOption],
  [name.SO_SELECT_ERR_QUEUE, FLAG],
  [name.SO_BUSY_POLL, { kind: "int", check: between(0, INT_MAX) }],
  [name.SO_MAX_PACING_RATE, pacingOption],
  [name.SO_INCOMING_CPU, { kind: "int", initial: -1, check: asGiven }],
  [name.SO_INCOMING_NAPI_ID, { kind: "int" }],
  [name.SO_MEMINFO, memoryOption],
  [name.SO_COOKIE, cookieOption],
  [name.SO_ZEROCOPY, { kind: "int", check: unlessUnix(zeroOrOne) }],
  [name.SO_PREFER_BUSY_POLL, FLAG],
  [name.SO_BUF_LOCK, { kind: "int", check: between(0, 3) }],
  [
    name.SO_TXREHASH,
    {
      kind: "int",
      initial: 1,
      check: value => (value === -1 ? 1 : value === 0 || value === 1 ? value : "EINVAL"),
    },
  ],
  [name.SO_RCVMARK, FLAG],
]);
