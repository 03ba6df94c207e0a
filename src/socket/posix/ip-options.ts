/** The options of SOL_IP and SOL_IPV6: Linux's net/ipv4/ip_sockglue.c and net/ipv6/ipv6_sockglue.c. */
import { IpAddress } from "../../wire/address.ts";
import { SOCK_STREAM, SOL_IP, SOL_IPV6 } from "./constants.ts";
import type { Errno } from "./errno.ts";
import * as name from "./option-names.ts";
import {
  asFlag,
  between,
  FLAG,
  type IntOption,
  type OptionTable,
  type SocketOption,
  zeroOrOne,
} from "./option-table.ts";
import type { SocketFile } from "./socket-file.ts";

export const DEFAULT_HOPS = 64;
const ECN_MASK = 3;
const isStream = (socket: SocketFile): boolean => socket.type === SOCK_STREAM;

/** A flag whose empty value is an error. */
const FLAG_WITH_VALUE: IntOption = { kind: "int", check: asFlag, needsValue: true };
const FLAG_OF_BYTES: IntOption = { kind: "int", check: asFlag, needsValue: false };

/** TCP keeps the two ECN bits for itself. */
const tosOption: IntOption = {
  kind: "int",
  check: (value, socket) => value & 0xff & (isStream(socket) ? ~ECN_MASK : 0xff),
};

const ttlOption: IntOption = {
  kind: "int",
  initial: DEFAULT_HOPS,
  needsValue: true,
  check: value => (value === -1 ? DEFAULT_HOPS : between1(value)),
};

function between1(value: number): number | Errno {
  return value >= 1 && value <= 255 ? value : "EINVAL";
}

function unlessStream(check: NonNullable<IntOption["check"]>): NonNullable<IntOption["check"]> {
  return (value, socket) => (isStream(socket) ? "EINVAL" : check(value, socket));
}

const mtuOption: IntOption = { kind: "int", read: socket => pathMtuOf(socket) };

function pathMtuOf(socket: SocketFile): number | Errno {
  return socket.pathMtu ?? "ENOTCONN";
}

/** struct ip_mreq (a group and one of our addresses) and ip_mreqn (and an interface). */
function membership(join: boolean): SocketOption {
  return {
    kind: "bytes",
    least: 8,
    write: (socket, bytes) => {
      const group = IpAddress.read(4, bytes, 0);
      const index = bytes.length >= 12 ? int32At(bytes, 8) : 0;
      return socket.changeMembership(group, index, join);
    },
  };
}

/** struct ipv6_mreq. */
function membership6(join: boolean): SocketOption {
  return {
    kind: "bytes",
    least: 20,
    write: (socket, bytes) => socket.changeMembership(IpAddress.read(6, bytes, 0), int32At(bytes, 16), join),
  };
}

function int32At(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getInt32(at, true);
}

/** No IP options are ever sent. */
const ipOptions: SocketOption = {
  kind: "bytes",
  least: 0,
  read: () => new Uint8Array(0),
  write: (_socket, bytes) => (bytes.length === 0 ? undefined : "EINVAL"),
};

const portRangeOption: SocketOption = {
  kind: "bytes",
  least: 4,
  read: socket => {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, socket.options.get(SOL_IP, name.IP_LOCAL_PORT_RANGE) ?? 0, true);
    return bytes;
  },
  write: (socket, bytes) => {
    const range = int32At(bytes, 0) >>> 0;
    const [low, high] = [range & 0xffff, range >>> 16];
    if (low !== 0 && high !== 0 && low > high) return "EINVAL";
    socket.options.set(SOL_IP, name.IP_LOCAL_PORT_RANGE, range);
    return undefined;
  },
};

export const IP_OPTIONS_TABLE: OptionTable = new Map<number, SocketOption>([
  [name.IP_TOS, tosOption],
  [name.IP_TTL, ttlOption],
  [name.IP_HDRINCL, { kind: "int" }],
  [name.IP_OPTIONS, ipOptions],
  [name.IP_RECVOPTS, FLAG],
  [name.IP_RETOPTS, FLAG],
  [name.IP_PKTINFO, FLAG],
  [name.IP_MTU_DISCOVER, { kind: "int", initial: name.IP_PMTUDISC_WANT, check: between(0, 5) }],
  [name.IP_RECVERR, FLAG],
  [name.IP_RECVTTL, FLAG],
  [name.IP_RECVTOS, FLAG],
  [name.IP_MTU, mtuOption],
  [name.IP_FREEBIND, FLAG_WITH_VALUE],
  [name.IP_TRANSPARENT, FLAG_WITH_VALUE],
  [name.IP_RECVORIGDSTADDR, FLAG],
  [name.IP_MINTTL, { kind: "int", check: between(0, 255), needsValue: true }],
  [name.IP_CHECKSUM, FLAG],
  [name.IP_BIND_ADDRESS_NO_PORT, FLAG],
  [name.IP_RECVFRAGSIZE, { kind: "int", check: unlessStream(asFlag) }],
  [name.IP_RECVERR_RFC4884, { kind: "int", check: zeroOrOne }],
  [
    name.IP_MULTICAST_TTL,
    {
      kind: "int",
      initial: 1,
      needsValue: true,
      check: unlessStream(value => (value === -1 ? 1 : value >= 0 && value <= 255 ? value : "EINVAL")),
    },
  ],
  [name.IP_MULTICAST_LOOP, { kind: "int", initial: 1, check: asFlag, needsValue: true }],
  [name.IP_MULTICAST_ALL, { kind: "int", initial: 1, check: zeroOrOne, needsValue: true }],
  [name.IP_ADD_MEMBERSHIP, membership(true)],
  [name.IP_DROP_MEMBERSHIP, membership(false)],
  [name.IP_LOCAL_PORT_RANGE, portRangeOption],
]);

const hopsCheck: NonNullable<IntOption["check"]> = value =>
  value === -1 ? DEFAULT_HOPS : value >= 0 && value <= 255 ? value : "EINVAL";

const trafficClassOption: IntOption = {
  kind: "int",
  check: (value, socket) => {
    if (value < -1 || value > 0xff) return "EINVAL";
    return value === -1 ? 0 : value & (isStream(socket) ? ~ECN_MASK : 0xff);
  },
};

export const IPV6_OPTIONS_TABLE: OptionTable = new Map<number, SocketOption>([
  [name.IPV6_UNICAST_HOPS, { kind: "int", initial: DEFAULT_HOPS, check: hopsCheck }],
  [
    name.IPV6_MULTICAST_HOPS,
    { kind: "int", initial: 1, check: (value, socket) => multicastHops(value, socket) },
  ],
  [name.IPV6_MULTICAST_LOOP, { kind: "int", initial: 1, check: zeroOrOne }],
  [name.IPV6_JOIN_GROUP, membership6(true)],
  [name.IPV6_LEAVE_GROUP, membership6(false)],
  [name.IPV6_MTU_DISCOVER, { kind: "int", initial: name.IP_PMTUDISC_WANT, check: between(0, 5) }],
  [name.IPV6_MTU, mtuOption],
  [name.IPV6_RECVERR, FLAG],
  [
    name.IPV6_V6ONLY,
    { kind: "int", check: (value, socket) => (socket.isBound ? "EINVAL" : asFlag(value, socket)) },
  ],
  [name.IPV6_RECVERR_RFC4884, { kind: "int", check: zeroOrOne }],
  [name.IPV6_FLOWINFO_SEND, FLAG],
  [name.IPV6_RECVPKTINFO, FLAG],
  [name.IPV6_RECVHOPLIMIT, FLAG],
  [name.IPV6_DONTFRAG, FLAG_OF_BYTES],
  [name.IPV6_RECVTCLASS, FLAG],
  [name.IPV6_TCLASS, trafficClassOption],
  [name.IPV6_AUTOFLOWLABEL, { ...FLAG_OF_BYTES, initial: 1 }],
  [name.IPV6_MINHOPCOUNT, { kind: "int", check: between(0, 255) }],
  [name.IPV6_TRANSPARENT, FLAG],
  [name.IPV6_FREEBIND, FLAG],
]);

function multicastHops(value: number, socket: SocketFile): number | Errno {
  if (isStream(socket)) return "ENOPROTOOPT";
  return value === -1 ? 1 : value >= 0 && value <= 255 ? value : "EINVAL";
}

/** Whether a non-local address may be bound to: IP_FREEBIND or IP_TRANSPARENT, of either family. */
export function bindsFreely(socket: SocketFile): boolean {
  const { options } = socket;
  return (
    options.isSet(SOL_IP, name.IP_FREEBIND) ||
    options.isSet(SOL_IP, name.IP_TRANSPARENT) ||
    options.isSet(SOL_IPV6, name.IPV6_FREEBIND) ||
    options.isSet(SOL_IPV6, name.IPV6_TRANSPARENT)
  );
}
