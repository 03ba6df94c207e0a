/**
 * One end of UDP communication: RFC 768 "User Interface", RFC 1122 §4.1. What a socket is made of.
 *
 * An IPv6 endpoint that is not `v6only` speaks IPv4 as well (RFC 3493 §3.7). IPv4-mapped addresses are
 * taken for the IPv4 addresses that they are, and IPv4 addresses are what it reports.
 */
import type { ErrorCode } from "../base/errors.ts";
import type { PacketBuffer } from "../base/packet-buffer.ts";
import type { IpAddress, IpFamily } from "../wire/address.ts";
import { Association, isPort } from "./association.ts";
import { DatagramPaths } from "./datagram-paths.ts";
import { GroupMemberships } from "./group-memberships.ts";
import { ownForm } from "./own-form.ts";
import { type Datagram, ReceiveQueue } from "./receive-queue.ts";
import { cuttingProblem, datagramsIn, isDatagramSize, takesWhole } from "./super-datagram.ts";
import type { Delivery, IcmpError, NetPath, UdpContext } from "./udp-context.ts";
import { newUdpEndpointCounters, type UdpCounters, type UdpEndpointCounters } from "./udp-counters.ts";
import { type QueuedError, UdpErrors } from "./udp-errors.ts";
import { LARGEST_PAYLOAD_V4, LARGEST_PAYLOAD_V6, type UdpOutput } from "./udp-output.ts";
import type { Binding, UdpTable } from "./udp-table.ts";

/** Linux's net.core.rmem_default. */
export const RECEIVE_BUFFER_SIZE = 212_992;

export interface UdpOptions {
  readonly family: IpFamily;
  readonly v6only?: boolean | undefined;
  /** Several endpoints may have one address and port if all of them say so. */
  readonly reuseAddress?: boolean | undefined;
  /** Likewise, and flows are spread over them. */
  readonly reusePort?: boolean | undefined;
  readonly receiveBufferSize?: number | undefined;
}

export interface UdpDestination {
  readonly address: IpAddress;
  readonly port: number;
  /** For addresses that mean something on one link only: the interface to it. 0 or undefined: any. */
  readonly interfaceIndex?: number | undefined;
}

/** What the endpoint shares with the others; `Udp` owns it. */
export interface UdpShared {
  readonly context: UdpContext;
  readonly table: UdpTable<UdpEndpoint>;
  readonly counters: UdpCounters;
  readonly output: UdpOutput;
  /** The endpoint has something to tell its user. */
  ready(endpoint: UdpEndpoint): void;
  /** The endpoint wants to know when a device has room. */
  refused(endpoint: UdpEndpoint): void;
}

export class UdpEndpoint implements Binding {
  readonly family: IpFamily;
  readonly v6only: boolean;
  readonly reuseAddress: boolean;
  readonly reusePort: boolean;
  /** May send to broadcast addresses. */
  broadcast = false;
  /** 0: the default. */
  hopLimit = 0;
  /** RFC 1112 §6.1: multicast stays on the link unless told otherwise. 0: it stays in this host. */
  multicastHopLimit = 1;
  /** RFC 1112 §6.1: the group's members on this host hear it as well. */
  multicastLoop = true;
  trafficClass = 0;
  /**
   * True: datagrams that come joined from a device stay so, and their `segmentSize` tells (Linux's UDP_GRO).
   * They take the receive buffer's room together or not at all.
   */
  takesJoined = false;
  /** True: what does not fit the path is refused with EMSGSIZE, and routers may not cut it either. */
  dontFragment = false;
  /**
   * Called after the pump, not from within `receive`: datagrams, or errors, have come since the last call.
   * Who does not take them all is not called again before more come.
   */
  onReadable: (() => void) | undefined;
  onError: (() => void) | undefined;
  /** Called likewise: there is room again, after `send` has answered ENOBUFS. */
  onWritable: (() => void) | undefined;
  readonly counters: UdpEndpointCounters = newUdpEndpointCounters();

  readonly #shared: UdpShared;
  readonly #queue: ReceiveQueue;
  readonly #errors = new UdpErrors();
  readonly #memberships: GroupMemberships;
  readonly #paths: DatagramPaths;
  readonly #ends: Association;
  #hasNews = false;
  #hasErrors = false;
  #hasRoom = false;
  #isClosed = false;

  constructor(shared: UdpShared, options: UdpOptions) {
    this.#shared = shared;
    this.family = options.family;
    this.v6only = options.v6only ?? false;
    this.reuseAddress = options.reuseAddress ?? false;
    this.reusePort = options.reusePort ?? false;
    this.#memberships = new GroupMemberships(shared.context);
    this.#paths = new DatagramPaths(shared.context);
    this.#ends = new Association(this, shared.context, shared.table, this.#paths);
    this.#queue = new ReceiveQueue(options.receiveBufferSize ?? RECEIVE_BUFFER_SIZE, this.counters);
  }

  /** Undefined: any address of the host, or not bound. */
  get localAddress(): IpAddress | undefined {
    return this.#ends.localAddress;
  }

  /** 0: not bound. */
  get localPort(): number {
    return this.#ends.localPort;
  }

  get remoteAddress(): IpAddress | undefined {
    return this.#ends.remoteAddress;
  }

  get remotePort(): number {
    return this.#ends.remotePort;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Datagrams that wait to be received. */
  get readable(): number {
    return this.#queue.length;
  }

  get receiveBufferSize(): number {
    return this.#queue.limit;
  }

  set receiveBufferSize(bytes: number) {
    this.#queue.limit = bytes;
  }

  /** Takes an address (undefined or unspecified: all of them) and a port (0: any free one). */
  bind(address: IpAddress | undefined, port: number): ErrorCode | undefined {
    return this.#isClosed ? "EBADF" : this.#ends.bind(address, port);
  }

  /** From now on datagrams go to this remote alone and come from it alone. May be called again. */
  connect(remote: IpAddress, port: number, interfaceIndex = 0): ErrorCode | undefined {
    return this.#isClosed ? "EBADF" : this.#ends.connect(remote, port, interfaceIndex);
  }

  /** Back to what was bound; nothing, if that was nothing. */
  disconnect(): ErrorCode | undefined {
    return this.#isClosed ? "EBADF" : this.#ends.disconnect();
  }

  /**
   * Sends a datagram to where the endpoint is connected, or to `to`. An error that is pending is reported
   * instead, once. The bytes are copied.
   */
  send(bytes: Uint8Array, to?: UdpDestination): ErrorCode | undefined {
    return this.sendMany(bytes, 0, to);
  }

  /**
   * Sends the bytes as datagrams of `size` bytes each, the last one of what is left, in one piece where the
   * device cuts it. As by Linux's UDP_SEGMENT they are 128 at most (else EINVAL), and fit the path's MTU
   * (else EMSGSIZE). `size` 0: one datagram.
   */
  sendMany(bytes: Uint8Array, size: number, to?: UdpDestination): ErrorCode | undefined {
    if (this.#isClosed) return "EBADF";
    const address = to === undefined ? this.#ends.remoteAddress : ownForm(this, to.address);
    const port = to === undefined ? this.#ends.remotePort : to.port;
    if (address === undefined) return to === undefined ? "EDESTADDRREQ" : "EAFNOSUPPORT";
    if (!isPort(port) || port === 0 || !isDatagramSize(size)) return "EINVAL";
    if (bytes.length > (address.family === 4 ? LARGEST_PAYLOAD_V4 : LARGEST_PAYLOAD_V6)) return "EMSGSIZE";
    const pending = this.#errors.takePending();
    if (pending !== undefined) return pending;
    if (!this.broadcast && this.#shared.context.isBroadcast(address)) return "EACCES";
    const path =
      to === undefined
        ? this.#paths.toPeer
        : this.#paths.to(address, this.#ends.localAddress, to.interfaceIndex ?? 0);
    if (typeof path === "string") return path;
    const problem = size === 0 ? undefined : cuttingProblem(path, bytes.length, size);
    const error = problem ?? this.#ends.autobind();
    return error ?? this.#transmit(path, port, bytes, size);
  }

  /** The oldest datagram that waits. */
  receive(): Datagram | undefined {
    return this.#queue.take();
  }

  /** The error that is pending (ECONNREFUSED and the like, when connected); it is reported once. */
  takeError(): ErrorCode | undefined {
    return this.#errors.takePending();
  }

  /** The oldest ICMP error that waits, of which 64 are kept. */
  receiveError(): QueuedError | undefined {
    return this.#errors.take();
  }

  /** `interfaceIndex` 0: the interface that leads to the group. `source`: who alone is to be heard there. */
  joinGroup(group: IpAddress, interfaceIndex = 0, source?: IpAddress): ErrorCode | undefined {
    if (this.#isClosed) return "EBADF";
    const own = ownForm(this, group) ?? group;
    if (source === undefined) return this.#memberships.join(own, interfaceIndex);
    return this.#memberships.joinSource(own, ownForm(this, source) ?? source, interfaceIndex);
  }

  leaveGroup(group: IpAddress, interfaceIndex = 0, source?: IpAddress): ErrorCode | undefined {
    const own = ownForm(this, group) ?? group;
    if (source === undefined) return this.#memberships.leave(own, interfaceIndex);
    return this.#memberships.leaveSource(own, ownForm(this, source) ?? source, interfaceIndex);
  }

  /** Whether a datagram to a group, which the network layer has asked for, is one for this endpoint. */
  wants(delivery: Readonly<Delivery>): boolean {
    return this.#memberships.wants(delivery);
  }

  /**
   * Where multicasts leave by (0: where a route leads), and from which address of the host if this endpoint
   * is bound to none.
   */
  setMulticastInterface(interfaceIndex: number, source?: IpAddress): void {
    this.#paths.setMulticastInterface(interfaceIndex, source);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#shared.table.remove(this);
    this.#memberships.leaveAll();
    this.#queue.clear();
    this.#errors.clear();
    this.#paths.disconnect();
  }

  /**
   * A datagram for this endpoint: its payload is `packet.bytes[from, to)`. Of a super-datagram that are
   * several. Answers how many the buffer had no room for.
   */
  received(
    packet: PacketBuffer,
    from: number,
    to: number,
    sourcePort: number,
    delivery: Readonly<Delivery>,
  ): number {
    const waited = this.#queue.length;
    const refused = this.#queue.receive(packet, from, to, sourcePort, delivery, this.takesJoined);
    if (this.#queue.length > waited) this.#announce();
    return refused;
  }

  /** An ICMP error about a datagram of this endpoint. */
  icmpError(error: IcmpError): void {
    this.counters.icmpErrors++;
    this.#errors.received(error, this.#ends.remoteAddress !== undefined, this.dontFragment);
    this.#hasErrors = true;
    this.#announce();
  }

  /** A device has room again. */
  roomCame(): void {
    this.#hasRoom = true;
    this.#announce();
  }

  /** Tells the user what has come. */
  deliver(): void {
    const hasErrors = this.#hasErrors;
    const hasRoom = this.#hasRoom;
    this.#hasNews = false;
    this.#hasErrors = false;
    this.#hasRoom = false;
    if (hasRoom && !this.#isClosed) this.onWritable?.();
    if (hasErrors && !this.#isClosed) this.onError?.();
    if (this.#queue.length > 0) this.onReadable?.();
  }

  #announce(): void {
    if (this.#hasNews) return;
    this.#hasNews = true;
    this.#shared.ready(this);
  }

  #transmit(path: NetPath, port: number, bytes: Uint8Array, size: number): ErrorCode | undefined {
    path.hopLimit = path.remote.isMulticast ? this.multicastHopLimit || -1 : this.hopLimit;
    path.multicastLoop = this.multicastLoop;
    path.trafficClass = this.trafficClass;
    path.dontFragment = this.dontFragment;
    const { output } = this.#shared;
    const { length } = bytes;
    const count = datagramsIn(length, size);
    if (count === 1) return this.#sent(output.send(path, this.#ends.localPort, port, bytes), 1, length);
    if (takesWhole(path, length)) {
      return this.#sent(output.sendJoined(path, this.#ends.localPort, port, bytes, size), count, length);
    }
    for (let at = 0; at < length; at += size) {
      const part = bytes.subarray(at, at + size);
      const error = this.#sent(output.send(path, this.#ends.localPort, port, part), 1, part.length);
      if (error !== undefined) return error;
    }
    return undefined;
  }

  #sent(error: ErrorCode | undefined, datagrams: number, bytes: number): ErrorCode | undefined {
    if (error === "ENOBUFS") this.#shared.refused(this);
    if (error !== undefined) return error;
    this.counters.sentDatagrams += datagrams;
    this.counters.sentBytes += bytes;
    this.#shared.counters.sentDatagrams += datagrams;
    return undefined;
  }
}
