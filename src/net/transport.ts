/**
 * What the network layer needs of the transports above it, and what it offers them. `host/` joins the two;
 * neither
 * `tcp/` nor `udp/` imports this file (they declare their own contexts, which these shapes satisfy).
 */
import type { DropReason } from "../base/drop-reason.ts";
import type { ErrorCode } from "../base/errors.ts";
import type { PacketBuffer } from "../base/packet-buffer.ts";
import type { Offload } from "../link/net-device.ts";
import type { IpAddress } from "../wire/address.ts";

/**
 * What the IP header said of a packet that is delivered. One object, refilled for each packet: do not keep
 * it.
 */
export interface Delivery {
  source: IpAddress;
  destination: IpAddress;
  protocol: number;
  hopLimit: number;
  /** The TOS or traffic class octet; its two low bits are ECN. */
  trafficClass: number;
  /** The packet was not sent to us alone: broadcast or multicast, in the IP header or on the link. */
  isGroup: boolean;
  /** The index of the interface that it came in on. */
  interfaceIndex: number;
}

/** An ICMP or ICMPv6 error about a packet of ours, as a transport sees it. RFC 1122 §3.2.2, RFC 4443 §2.4. */
export interface IcmpError {
  readonly kind:
    | "network-unreachable"
    | "host-unreachable"
    | "protocol-unreachable"
    | "port-unreachable"
    | "prohibited"
    | "packet-too-big"
    | "time-exceeded"
    | "parameter-problem"
    | "source-quench";
  /** What a socket reports for it. */
  readonly code: ErrorCode;
  /** `packet-too-big`: the next hop's MTU in bytes, else 0. */
  readonly mtu: number;
  readonly type: number;
  readonly icmpCode: number;
  /** Who sent the error. */
  readonly reporter: IpAddress;
  /** The addresses and protocol of the packet that the error quotes: `local` sent it to `remote`. */
  readonly local: IpAddress;
  readonly remote: IpAddress;
  readonly protocol: number;
  /** The quoted transport header: at least 8 bytes, borrowed for the call. */
  readonly quote: Uint8Array;
}

/** A transport protocol, as the network layer sees it. */
export interface Transport {
  /**
   * A whole datagram has arrived: `packet.transport` is where the transport header begins, `packet.end` where
   * the payload ends. Borrowed. Answers why it was dropped, or undefined. `udp-no-port` makes the network
   * layer answer with port unreachable.
   */
  receive(packet: PacketBuffer, delivery: Readonly<Delivery>): DropReason | undefined;
  /**
   * Whether the error is about something that this transport has sent, as far as the quote tells. Who is not
   * believed here cannot lower the path MTU for anybody (RFC 5927 §7).
   */
  icmpError(error: IcmpError): boolean;
  /** A device has room again that had none: what ENOBUFS was the answer to may be tried once more. */
  writable?(): void;
  /** The transport lowers the path MTU itself (`NetPath.lowerMtu`): it may want more proof than the error. */
  readonly judgesPathMtu?: boolean;
}

/** Nobody here has asked for it. TCP, which answers by itself, asks its context before it does. */
export function isUnclaimed(dropped: DropReason | undefined): boolean {
  return dropped === "udp-no-port" || dropped === "icmp-no-socket";
}

/**
 * A way from a local to a remote address: what a connection sends through. It looks its route up again by
 * itself when routes, addresses or the path MTU change.
 */
export interface NetPath {
  readonly local: IpAddress;
  readonly remote: IpAddress;
  /** The largest IP packet known to get through, in bytes. */
  readonly mtu: number;
  /** The MTU of the first link, in bytes, or less where the route says so. */
  readonly linkMtu: number;
  /** What the route says that TCP shall offer as MSS, and begin with as congestion window, in segments. */
  readonly advertisedMss: number | undefined;
  readonly initialWindow: number | undefined;
  /** 20 or 40: the IP header that `send` prepends. */
  readonly headerSize: number;
  readonly offload: Offload;
  readonly isLoopback: boolean;
  /**
   * Settings of what is sent from now on. `hopLimit` 0 stands for the default; −1: what is sent to a group
   * stays in this host (RFC 1112 §6.1).
   */
  hopLimit: number;
  trafficClass: number;
  /** IPv4's DF bit; in IPv6: do not fragment here either. True at first. */
  dontFragment: boolean;
  /**
   * Of what errors said of packets too big only that counts which holders who need proof have believed: RFC
   * 5927 §7.2. An error that quotes a datagram proves nothing to TCP. False at first.
   */
  needsProof: boolean;
  /** Members of a group on this host receive what is sent to it: RFC 1112 §6.1. True at first. */
  multicastLoop: boolean;
  /**
   * Sends a packet whose window is the transport header and its payload, checksum done. Prepends the IP
   * header (and the link's), and leaves `start` where it was. Borrowed. Answers what a socket reports if it
   * cannot be sent: ENETUNREACH, EHOSTUNREACH, EMSGSIZE, ENOBUFS; undefined when it is on its way (or waits
   * for a neighbor).
   */
  send(packet: PacketBuffer, protocol: number): ErrorCode | undefined;
  /**
   * A router takes no packet larger than `mtu` (0: it did not say), and the error that says so is believed.
   * True when that lowers the path's MTU.
   */
  lowerMtu(mtu: number): boolean;
  /** Forward progress was made with the next hop: RFC 4861 §7.3.1. */
  confirmReachable(): void;
}
