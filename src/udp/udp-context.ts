/**
 * All that `udp/` knows of the world outside. `host/` provides it; tests provide their own.
 */
import type { DropReason } from "../base/drop-reason.ts";
import type { ErrorCode } from "../base/errors.ts";
import type { PacketBuffer } from "../base/packet-buffer.ts";
import type { Random } from "../base/random.ts";
import type { Instant } from "../base/time.ts";
import type { IpAddress } from "../wire/address.ts";

/** A way to a remote address; `net/` has the real one. It looks its route up again by itself. */
export interface NetPath {
  readonly local: IpAddress;
  readonly remote: IpAddress;
  /** The largest IP packet known to get through, in bytes. */
  readonly mtu: number;
  /** The MTU of the first link, in bytes. */
  readonly linkMtu: number;
  /** 20 or 40: the IP header that `send` prepends. */
  readonly headerSize: number;
  /** Whether the device cuts super-datagrams, of at most so many bytes with their headers. */
  readonly offload: { readonly cutsUdp: boolean; readonly maxSuperSegment: number };
  /** 0 stands for the default; −1: what is sent to a group stays in this host. */
  hopLimit: number;
  trafficClass: number;
  /** Members of a group on this host receive what is sent to it. */
  multicastLoop: boolean;
  /** False: the network layer may cut the datagram into fragments. */
  dontFragment: boolean;
  /** Sends a packet whose window is the UDP header and its payload. Borrowed. */
  send(packet: PacketBuffer, protocol: number): ErrorCode | undefined;
}

/** What the IP header said of an arriving datagram. Borrowed. */
export interface Delivery {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly hopLimit: number;
  readonly trafficClass: number;
  readonly isGroup: boolean;
  readonly interfaceIndex: number;
}

/** An ICMP error about a datagram of ours. Its `quote` is borrowed; the rest may be kept. */
export interface IcmpError {
  readonly kind: string;
  readonly code: ErrorCode;
  readonly mtu: number;
  readonly type: number;
  readonly icmpCode: number;
  readonly reporter: IpAddress;
  readonly local: IpAddress;
  readonly remote: IpAddress;
  /** The quoted UDP header: at least 8 bytes. */
  readonly quote: Uint8Array;
}

export interface UdpContext {
  /** The ports for who asks for none; Linux's if not said. Both ends included. */
  readonly config?: { readonly firstEphemeralPort: number; readonly lastEphemeralPort: number };
  /** The time of the event being processed. */
  readonly now: Instant;
  readonly random: Random;
  /** The way to `remote`, from `local` and by the interface if they are given; or why there is none. */
  pathTo(remote: IpAddress, local?: IpAddress, interfaceIndex?: number): NetPath | ErrorCode;
  /** Whether the address is one of this host's. */
  isLocal(address: IpAddress): boolean;
  /** Limited broadcast, or the broadcast address of one of our subnets. */
  isBroadcast(address: IpAddress): boolean;
  /**
   * The scratch packet that datagrams are built in, empty, with headroom; it has room for the largest
   * datagram.
   */
  packet(): PacketBuffer;
  dropped(reason: DropReason): void;
  /** There is work for `Udp.deliver`. */
  wake(): void;
  /** The interface on which to listen to a group; `wanted` 0: the one that leads there. Undefined: none. */
  groupInterface(group: IpAddress, wanted: number): number | undefined;
  /** Asks the network layer to receive what is sent to a group. */
  joinGroup(group: IpAddress, interfaceIndex: number): void;
  leaveGroup(group: IpAddress, interfaceIndex: number): void;
}
