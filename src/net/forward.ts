/**
 * Packets for others, when the host is a router: RFC 1812 §5.2 and §5.3, RFC 8200 §3, RFC 4443 §3. No
 * redirects are sent, no directed broadcasts forwarded (RFC 2644), no multicast routed.
 */
import { readUint16, writeUint16 } from "../base/bytes.ts";
import { updateChecksum } from "../base/checksum.ts";
import type { DropReason } from "../base/drop-reason.ts";
import { HEADROOM, PacketBuffer } from "../base/packet-buffer.ts";
import { completeChecksum, largestWhenCut, SegmentCutter, takesWhole } from "../link/segmentation.ts";
import type { IpAddress } from "../wire/address.ts";
import { ETHERNET_HEADER_SIZE } from "../wire/ethernet.ts";
import { ICMP_TIME_EXCEEDED } from "../wire/icmp-header.ts";
import { ICMPV4_TYPE, ICMPV4_UNREACHABLE } from "../wire/icmpv4.ts";
import { ICMPV6_TYPE, ICMPV6_UNREACHABLE } from "../wire/icmpv6.ts";
import type { Ipv4Header } from "../wire/ipv4.ts";
import type { Ipv6Header } from "../wire/ipv6.ts";
import { IP_PROTOCOL } from "../wire/protocol.ts";
import type { Addresses } from "./addresses.ts";
import type { Icmpv4 } from "./icmp/icmpv4.ts";
import type { Icmpv6 } from "./icmp/icmpv6.ts";
import type { NetInterface } from "./interface.ts";
import { fragmentIpv4 } from "./ipv4/fragmentation.ts";
import { walkHeaderChain } from "./ipv6/header-chain.ts";
import type { NetConfig } from "./net-context.ts";
import type { NetCounters } from "./net-counters.ts";
import type { NextHop, NextHops } from "./next-hop.ts";

export interface ForwardParts {
  readonly config: NetConfig;
  readonly addresses: Addresses;
  readonly hops: NextHops;
  readonly icmpv4: Icmpv4;
  readonly icmpv6: Icmpv6;
  readonly counters: NetCounters;
}

export class Forward {
  readonly #parts: ForwardParts;
  readonly #cutter = new SegmentCutter();
  #scratch = new PacketBuffer(2_048);

  constructor(parts: ForwardParts) {
    this.#parts = parts;
  }

  /** `packet` is a valid one that is not for us; `header` is its header. */
  ipv4(
    packet: PacketBuffer,
    from: NetInterface,
    header: Ipv4Header,
    isGroup: boolean,
  ): DropReason | undefined {
    const { icmpv4, counters } = this.#parts;
    const { source, destination } = header;
    const { timeExceeded, destinationUnreachable } = ICMPV4_TYPE;
    if (isGroup || !this.#mayForward(source, destination)) return "ip-not-for-us";
    // RFC 1812 §5.2.7: neither 0/8 nor class E is anywhere, and link-local addresses stay on their link (RFC
    // 3927 §7).
    if (destination.w3 >>> 24 === 0 || destination.w3 >>> 28 === 0xf) return "ip-not-for-us";
    if (source.isLinkLocal || source.isUnspecified) return "ip-bad-source";
    // §5.3.1
    const hop = this.#parts.hops.toward(destination);
    if (hop === undefined) {
      icmpv4.sendError(packet, destinationUnreachable, ICMPV4_UNREACHABLE.network, false, from.index);
      return "ip-no-route";
    }
    // As on Linux, after the route: a router that knows no way says so, whatever is left of the hop limit.
    if (header.hopLimit <= 1) {
      icmpv4.sendError(packet, timeExceeded, ICMP_TIME_EXCEEDED.hopLimit, false, from.index);
      return "ip-hop-limit-exceeded";
    }
    const tooBig = largestWhenCut(packet) > hop.mtu;
    if (tooBig && header.dontFragment) {
      const { fragmentationNeeded } = ICMPV4_UNREACHABLE;
      icmpv4.sendError(packet, destinationUnreachable, fragmentationNeeded, false, from.index, hop.mtu);
      return "ip-too-big";
    }
    counters.ipv4.forwarded++;
    decrementHopLimitV4(packet);
    return this.#send(packet, hop, tooBig);
  }

  ipv6(
    packet: PacketBuffer,
    from: NetInterface,
    header: Ipv6Header,
    isGroup: boolean,
  ): DropReason | undefined {
    const { icmpv6, counters } = this.#parts;
    const { source, destination } = header;
    const { timeExceeded, destinationUnreachable, packetTooBig } = ICMPV6_TYPE;
    if (isGroup || !this.#mayForward(source, destination)) return "ip-not-for-us";
    if (source.isUnspecified) return "ip-bad-source";
    const hop = this.#parts.hops.toward(destination);
    if (hop === undefined) {
      icmpv6.sendError(packet, destinationUnreachable, ICMPV6_UNREACHABLE.noRoute, false, from.index);
      return "ip-no-route";
    }
    if (header.hopLimit <= 1) {
      icmpv6.sendError(packet, timeExceeded, ICMP_TIME_EXCEEDED.hopLimit, false, from.index);
      return "ip-hop-limit-exceeded";
    }
    // RFC 4291 §2.5.6, RFC 4443 §3.1: a link-local source does not leave its link.
    if (source.isLinkLocal) {
      icmpv6.sendError(packet, destinationUnreachable, ICMPV6_UNREACHABLE.beyondScope, false, from.index);
      return "ip-bad-source";
    }
    if (!findTransport(packet, header)) return "ip-bad-extension-header";
    // RFC 4443 §3.2
    if (largestWhenCut(packet) > hop.mtu) {
      icmpv6.sendError(packet, packetTooBig, 0, false, from.index, hop.mtu);
      return "ip-too-big";
    }
    counters.ipv6.forwarded++;
    const at = packet.network + 7;
    packet.bytes[at] = (packet.bytes[at] as number) - 1;
    return this.#send(packet, hop, false);
  }

  /** The link it came by may take super-segments and unfinished checksums that the next one does not. */
  #send(packet: PacketBuffer, hop: NextHop, tooBig: boolean): DropReason | undefined {
    const { offload } = hop.iface.device;
    if (packet.segmentSize === 0 || (!tooBig && takesWhole(offload, packet))) {
      return this.#sendOne(packet, hop, tooBig);
    }
    let dropped: DropReason | undefined;
    this.#cutter.cut(packet, segment => {
      dropped = this.#sendOne(segment, hop, tooBig);
    });
    return dropped;
  }

  #sendOne(packet: PacketBuffer, hop: NextHop, tooBig: boolean): DropReason | undefined {
    const { offload } = hop.iface.device;
    if (packet.checksum === "partial" && (tooBig || !offload.checksum)) completeChecksum(packet);
    if (tooBig) return this.#fragment(packet, hop);
    hop.transmit(this.#withHeadroom(packet));
    return undefined;
  }

  /**
   * RFC 1812 §5.3.4, §5.3.5 and RFC 2644 §4: what is for one host elsewhere, and for a host beyond this
   * link.
   */
  #mayForward(source: IpAddress, destination: IpAddress): boolean {
    const { config, addresses } = this.#parts;
    return (
      config.forwarding &&
      !destination.isMulticast &&
      !destination.isLinkLocal &&
      !destination.isLoopback &&
      !destination.isUnspecified &&
      !source.isLoopback &&
      !addresses.isLocal(destination) &&
      !addresses.isBroadcast(destination)
    );
  }

  #fragment(packet: PacketBuffer, hop: NextHop): DropReason | undefined {
    const { ipv4 } = this.#parts.counters;
    ipv4.fragmented++;
    this.#reserve(hop.mtu);
    const error = fragmentIpv4(packet, hop.mtu, this.#scratch, fragment => {
      ipv4.fragmentsSent++;
      return hop.transmit(fragment) ? undefined : "ENOBUFS";
    });
    return error === "EMSGSIZE" ? "ip-too-big" : undefined;
  }

  /** The link it came by may have needed less room for its header than the one it leaves by. */
  #withHeadroom(packet: PacketBuffer): PacketBuffer {
    if (packet.start >= ETHERNET_HEADER_SIZE) return packet;
    this.#reserve(packet.length);
    const shift = HEADROOM - packet.start;
    const copy = this.#scratch;
    copy.fill(packet.bytes, packet.start, packet.end);
    copy.network = packet.network + shift;
    copy.transport = packet.transport + shift;
    copy.segmentSize = packet.segmentSize;
    copy.checksum = packet.checksum;
    return copy;
  }

  #reserve(length: number): void {
    const capacity = HEADROOM + length;
    if (this.#scratch.bytes.length < capacity) this.#scratch = new PacketBuffer(capacity);
  }
}

/** RFC 1812 §5.3.1, with RFC 1624 for the checksum: the TTL is the upper half of its word. */
function decrementHopLimitV4({ bytes, network }: PacketBuffer): void {
  const word = readUint16(bytes, network + 8);
  writeUint16(bytes, network + 8, word - 0x100);
  writeUint16(bytes, network + 10, updateChecksum(readUint16(bytes, network + 10), word, word - 0x100));
}

/**
 * A router does not look at extension headers (RFC 8200 §4); who has to cut a packet or to complete its
 * checksum has to know what is behind them. False: the chain leads to nothing that has one.
 */
function findTransport(packet: PacketBuffer, { nextHeader }: Ipv6Header): boolean {
  const isFinished = packet.checksum !== "partial" && packet.segmentSize === 0;
  if (isFinished || nextHeader === IP_PROTOCOL.tcp || nextHeader === IP_PROTOCOL.udp) return true;
  const chain = walkHeaderChain(packet.bytes, packet.network, packet.end);
  if (chain === undefined || chain.isLaterFragment) return false;
  packet.transport = chain.at;
  return chain.protocol === IP_PROTOCOL.tcp || chain.protocol === IP_PROTOCOL.udp;
}
