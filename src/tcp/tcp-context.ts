/**
 * All that `tcp/` knows of the world outside. `host/` provides it; tests provide their own.
 */

import type { ErrorCode } from "../base/errors.ts";
import type { PacketBuffer } from "../base/packet-buffer.ts";
import type { Random } from "../base/random.ts";
import type { Instant } from "../base/time.ts";
import type { IpAddress } from "../wire/address.ts";
import type { TcpConfig } from "./tcp-config.ts";
import type { TcpCounters } from "./tcp-counters.ts";
import type { TcpProbe } from "./tcp-probe.ts";

/** A way to a remote address; `net/` has the real one. */
export interface NetPath {
  readonly local: IpAddress;
  readonly remote: IpAddress;
  /** The largest IP packet known to get through, in bytes. */
  readonly mtu: number;
  /** The MTU of the first link, in bytes, or less where the route says so. */
  readonly linkMtu: number;
  /** What the route says: the MSS to offer, and the initial congestion window in segments. */
  readonly advertisedMss: number | undefined;
  readonly initialWindow: number | undefined;
  /** 20 or 40: the IP header that `send` prepends. */
  readonly headerSize: number;
  readonly offload: {
    readonly checksum: boolean;
    readonly maxSuperSegment: number;
    /** A super-segment's text may stay where it is: `PacketBuffer.tail`. */
    readonly gathers: boolean;
  };
  readonly isLoopback: boolean;
  hopLimit: number;
  trafficClass: number;
  /** IPv4's DF bit. */
  dontFragment: boolean;
  /** What others than TCP have been told of packets too big does not count: RFC 5927 §7.2. */
  needsProof: boolean;
  send(packet: PacketBuffer, protocol: number): ErrorCode | undefined;
  /** A router takes no larger packet, and is believed; 0: it did not say. True: that lowers `mtu`. */
  lowerMtu(mtu: number): boolean;
  confirmReachable(): void;
}

/** What the IP header said of an arriving segment. Borrowed. */
export interface Delivery {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly trafficClass: number;
  readonly isGroup: boolean;
}

/** An ICMP error about a segment of ours. */
export interface IcmpError {
  readonly kind: string;
  readonly code: ErrorCode;
  readonly mtu: number;
  readonly type: number;
  readonly icmpCode: number;
  /** Who sent the error. */
  readonly reporter: IpAddress;
  readonly local: IpAddress;
  readonly remote: IpAddress;
  /** The quoted TCP header: at least 8 bytes. */
  readonly quote: Uint8Array;
}

export interface TcpContext {
  /** The time of the event being processed. */
  readonly now: Instant;
  readonly random: Random;
  readonly config: TcpConfig;
  readonly counters: TcpCounters;
  readonly probe: TcpProbe | undefined;
  /** The scratch packet that segments are built in, empty, with headroom. */
  packet(): PacketBuffer;
  /** The way to `remote`, from `local` if one is given; or why there is none. */
  pathTo(remote: IpAddress, local?: IpAddress): NetPath | ErrorCode;
  /** The way back to whom a segment came from, for one answer: borrowed until the next call. */
  pathBack(remote: IpAddress, local: IpAddress): NetPath | ErrorCode;
  /** Whether the address is one of this host's. */
  isLocal(address: IpAddress): boolean;
  /**
   * The segment belongs to nothing here. True: it has been handed to a host that may know it, and is not to
   * be answered.
   */
  unclaimed?(packet: PacketBuffer): boolean;
  /** There is work for `Tcp.pump` or a new deadline for `Tcp.deadline`. */
  wake(): void;
}
