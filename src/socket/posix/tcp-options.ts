/** The options of SOL_TCP: Linux's net/ipv4/tcp.c, do_tcp_setsockopt and do_tcp_getsockopt. */
import { secondsOf, timeoutsFor } from "../../tcp/handshake/defer-accept.ts";
import { FAST_OPEN } from "../../tcp/handshake/fast-open/modes.ts";
import { SOL_TCP } from "./constants.ts";
import type { Errno } from "./errno.ts";
import * as name from "./option-names.ts";
import {
  asGiven,
  type BytesOption,
  between,
  FLAG,
  type IntOption,
  type OptionTable,
  type SocketOption,
  zeroOrOne,
} from "./option-table.ts";
import type { SocketFile } from "./socket-file.ts";
import { fastOpenKey } from "./tcp-fast-open.ts";
import { tcpInfoBytes } from "./tcp-info-struct.ts";
import {
  congestionControl,
  congestionInfo,
  maximumSegment,
  setCongestionControl,
  setMd5Signature,
  takeSavedSyn,
  timestampClock,
} from "./tcp-settings.ts";
import type { TcpSocket } from "./tcp-socket.ts";

const INT_MAX = 0x7fff_ffff;
/** TCP_MIN_MSS and MAX_TCP_WINDOW. */
const LEAST_MSS = 88;
const LARGEST_WINDOW = 32_767;
/** Half of SOCK_MIN_RCVBUF. */
const LEAST_CLAMP = 1_152;
/** TCP_FIN_TIMEOUT_MAX, in seconds. */
const LONGEST_LINGER = 120;
const CA_NAME_SIZE = 16;
const SECOND = 1_000_000;
/** struct tcp_md5sig. */
const MD5_SIGNATURE_SIZE = 216;

/** This table is for TCP sockets alone. */
const tcp = (socket: SocketFile): TcpSocket => socket as TcpSocket;

/** In seconds; the host's configuration, in µs, as long as nobody set it. */
function secondsOption(option: number, most: number, fromHost: (socket: TcpSocket) => number): IntOption {
  return {
    kind: "int",
    read: socket => socket.options.get(SOL_TCP, option) ?? Math.floor(fromHost(tcp(socket)) / SECOND),
    check: between(1, most),
  };
}

function countOption(option: number, most: number, fromHost: (socket: TcpSocket) => number): IntOption {
  return {
    kind: "int",
    read: socket => socket.options.get(SOL_TCP, option) ?? fromHost(tcp(socket)),
    check: between(1, most),
  };
}

const maxSegmentOption: IntOption = {
  kind: "int",
  read: socket => maximumSegment(tcp(socket)),
  check: value => (value === 0 || (value >= LEAST_MSS && value <= LARGEST_WINDOW) ? value : "EINVAL"),
};

const linger2Option: IntOption = {
  kind: "int",
  read: socket => {
    const kept = socket.options.get(SOL_TCP, name.TCP_LINGER2) ?? 0;
    return kept === 0 ? Math.floor(tcp(socket).config.finTimeout / SECOND) : kept;
  },
  check: value => (value < 0 ? -1 : Math.min(value, LONGEST_LINGER)),
};

/** Kept as a number of SYN-ACK retransmissions, so that getsockopt gives the time that they take. */
const deferAcceptOption: IntOption = {
  kind: "int",
  read: socket => secondsOf(socket.options.get(SOL_TCP, name.TCP_DEFER_ACCEPT) ?? 0),
  check: value => timeoutsFor(value),
};

const windowClampOption: IntOption = {
  kind: "int",
  read: socket => {
    const { connection, options } = tcp(socket);
    return connection?.receiveWindow.clamp ?? options.get(SOL_TCP, name.TCP_WINDOW_CLAMP) ?? 0;
  },
  check: (value, socket) => {
    if (value === 0) return tcp(socket).state === "CLOSED" ? 0 : "EINVAL";
    return value < 0 ? LEAST_CLAMP : Math.max(value, LEAST_CLAMP);
  },
};

/** What the flow made of it: an interactive one is not quick. */
const quickAckOption: IntOption = {
  kind: "int",
  initial: 1,
  read: socket => {
    const { connection, options } = tcp(socket);
    if (connection === undefined) return options.get(SOL_TCP, name.TCP_QUICKACK) === 0 ? 0 : 1;
    return connection.delayedAck.quick.isInteractive ? 0 : 1;
  },
  check: asGiven,
};

const congestionOption: BytesOption = {
  kind: "bytes",
  least: 1,
  read: socket => {
    const bytes = new Uint8Array(CA_NAME_SIZE);
    const text = congestionControl(tcp(socket));
    for (let i = 0; i < Math.min(text.length, CA_NAME_SIZE); i++) bytes[i] = text.charCodeAt(i);
    return bytes;
  },
  write: (socket, bytes) => setCongestionControl(tcp(socket), cString(bytes, CA_NAME_SIZE - 1)),
};

function cString(bytes: Uint8Array, most: number): string {
  const end = bytes.indexOf(0);
  return String.fromCharCode(...bytes.subarray(0, Math.min(end < 0 ? bytes.length : end, most)));
}

/** How many requests of Fast Open a listener admits. */
const fastOpenOption: IntOption = {
  kind: "int",
  check: (value, socket) => {
    const { state, config } = tcp(socket);
    if (value < 0 || (state !== "CLOSED" && state !== "LISTEN")) return "EINVAL";
    return Math.min(value, config.acceptBacklogLimit);
  },
};

const fastOpenConnectOption: IntOption = {
  kind: "int",
  check: (value, socket) => {
    if (value < 0 || value > 1) return "EINVAL";
    const { config, state } = tcp(socket);
    if ((config.fastOpen & FAST_OPEN.client) === 0) return "EOPNOTSUPP";
    return state === "CLOSED" ? value : "EINVAL";
  },
};

const fastOpenNoCookieOption: IntOption = {
  kind: "int",
  check: (value, socket) => {
    if (value < 0 || value > 1) return "EINVAL";
    const { state } = tcp(socket);
    return state === "CLOSED" || state === "LISTEN" ? value : "EINVAL";
  },
};

/** One key of 16 bytes, or two: the primary one and its predecessor. */
const fastOpenKeyOption: BytesOption = {
  kind: "bytes",
  least: 16,
  read: socket => fastOpenKey(tcp(socket)),
  write: (socket, bytes): Errno | undefined => {
    if (bytes.length !== 16 && bytes.length !== 32) return "EINVAL";
    tcp(socket).fastOpenKey = bytes.slice();
    return undefined;
  },
};

const md5Option = (isExtended: boolean): BytesOption => ({
  kind: "bytes",
  least: MD5_SIGNATURE_SIZE,
  write: (socket, bytes) => setMd5Signature(tcp(socket), bytes, isExtended),
});

const upperLayerOption: BytesOption = {
  kind: "bytes",
  least: 1,
  read: () => new Uint8Array(0),
  write: () => "ENOENT",
};

/** A time as its unit has it, within Linux's bounds. */
function boundedOption(initial: number, least: number, most: number): IntOption {
  return { kind: "int", initial, check: between(least, most) };
}

export const TCP_OPTIONS_TABLE: OptionTable = new Map<number, SocketOption>([
  [name.TCP_NODELAY, FLAG],
  [name.TCP_MAXSEG, maxSegmentOption],
  [name.TCP_CORK, FLAG],
  [name.TCP_KEEPIDLE, secondsOption(name.TCP_KEEPIDLE, 32_767, ({ config }) => config.keepaliveTime)],
  [name.TCP_KEEPINTVL, secondsOption(name.TCP_KEEPINTVL, 32_767, ({ config }) => config.keepaliveInterval)],
  [name.TCP_KEEPCNT, countOption(name.TCP_KEEPCNT, 127, ({ config }) => config.keepaliveProbes)],
  [name.TCP_SYNCNT, countOption(name.TCP_SYNCNT, 127, ({ config }) => config.synRetries)],
  [name.TCP_LINGER2, linger2Option],
  [name.TCP_DEFER_ACCEPT, deferAcceptOption],
  [name.TCP_WINDOW_CLAMP, windowClampOption],
  [name.TCP_INFO, { kind: "bytes", least: 4, read: socket => tcpInfoBytes(tcp(socket)) }],
  [name.TCP_QUICKACK, quickAckOption],
  [name.TCP_CONGESTION, congestionOption],
  [name.TCP_MD5SIG, md5Option(false)],
  [name.TCP_MD5SIG_EXT, md5Option(true)],
  [name.TCP_THIN_LINEAR_TIMEOUTS, { kind: "int", check: zeroOrOne }],
  [name.TCP_THIN_DUPACK, { kind: "int", check: value => (value === 0 || value === 1 ? 0 : "EINVAL") }],
  [name.TCP_USER_TIMEOUT, { kind: "int", check: between(0, INT_MAX) }],
  [name.TCP_REPAIR, { kind: "int", check: value => (value === 0 ? 0 : "EPERM") }],
  [name.TCP_FASTOPEN, fastOpenOption],
  [name.TCP_TIMESTAMP, { kind: "int", read: socket => timestampClock(tcp(socket)), check: () => "EPERM" }],
  [name.TCP_NOTSENT_LOWAT, { kind: "int", check: asGiven }],
  [name.TCP_CC_INFO, { kind: "bytes", least: 4, read: socket => congestionInfo(tcp(socket)) }],
  [name.TCP_SAVE_SYN, { kind: "int", check: between(0, 2) }],
  [name.TCP_SAVED_SYN, { kind: "bytes", least: 4, read: (socket, room) => takeSavedSyn(tcp(socket), room) }],
  [name.TCP_FASTOPEN_CONNECT, fastOpenConnectOption],
  [name.TCP_ULP, upperLayerOption],
  [name.TCP_FASTOPEN_KEY, fastOpenKeyOption],
  [name.TCP_FASTOPEN_NO_COOKIE, fastOpenNoCookieOption],
  [name.TCP_INQ, { kind: "int", check: zeroOrOne }],
  [name.TCP_TX_DELAY, { kind: "int", check: between(0, INT_MAX) }],
  [name.TCP_IS_MPTCP, { kind: "int" }],
  [name.TCP_RTO_MAX_MS, boundedOption(120_000, 1_000, 120_000)],
  [name.TCP_RTO_MIN_US, boundedOption(200_000, 20_000, 200_000)],
  [name.TCP_DELACK_MAX_US, boundedOption(200_000, 20_000, 200_000)],
]);
