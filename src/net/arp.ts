/**
 * The Address Resolution Protocol: RFC 826, RFC 1122 §2.3.2; conflict detection: RFC 5227. The table is the
 * neighbor cache, and its states decide when to ask.
 *
 * RFC 5227 §2.4 leaves three ways to react to a conflict with an address in use. We defend it for ever, as a
 * server must (c), but at most once in ten seconds.
 */
import type { DropReason } from "../base/drop-reason.ts";
import { PacketBuffer } from "../base/packet-buffer.ts";
import { type Duration, elapsed, type Instant, seconds } from "../base/time.ts";
import { ANY_V4, IpAddress } from "../wire/address.ts";
import { ARP_OPERATION, ARP_PACKET_SIZE, ArpPacket } from "../wire/arp.ts";
import { BROADCAST_MAC, isGroupMac, type MacAddress, ZERO_MAC } from "../wire/mac-address.ts";
import { ETHER_TYPE } from "../wire/protocol.ts";
import type { Addresses, LocalAddress } from "./addresses.ts";
import type { NetInterface } from "./interface.ts";
import type { Neighbor } from "./neighbor-cache.ts";
import type { NetContext } from "./net-context.ts";
import type { NeighborCounters } from "./net-counters.ts";
import { chooseSource } from "./source-address.ts";

/** RFC 5227 §1.1. */
const DEFEND_INTERVAL: Duration = seconds(10);
const SOURCE_OFFSET = 12;

/** Who is told that another host uses an address that is tentative here. */
export interface ConflictListener {
  conflict(local: LocalAddress): void;
}

export class Arp {
  readonly #context: NetContext;
  readonly #addresses: Addresses;
  readonly #counters: NeighborCounters;
  readonly #conflicts: ConflictListener;
  readonly #arrived = new ArpPacket();
  readonly #leaving = new ArpPacket();
  readonly #scratch = new PacketBuffer(256);
  readonly #defendedAt = new WeakMap<LocalAddress, Instant>();

  constructor(
    context: NetContext,
    addresses: Addresses,
    counters: NeighborCounters,
    conflicts: ConflictListener,
  ) {
    this.#context = context;
    this.#addresses = addresses;
    this.#counters = counters;
    this.#conflicts = conflicts;
  }

  /** RFC 826, "Packet Reception". */
  receive(iface: NetInterface, packet: PacketBuffer): DropReason | undefined {
    const arp = this.#arrived;
    const problem = arp.read(packet.bytes, packet.start, packet.end);
    if (problem !== undefined) return problem;
    const isReply = arp.operation === ARP_OPERATION.reply;
    if (!isReply && arp.operation !== ARP_OPERATION.request) return "arp-not-for-us";
    // RFC 1812 §3.3.2: nobody's address is a group's.
    if (isGroupMac(arp.senderMac)) return "arp-malformed";
    // A switch may send our own broadcasts back.
    if (arp.senderMac === iface.mac) return "arp-not-for-us";
    if (this.#isConflict(iface, arp)) return "arp-conflict";

    const target = this.#addresses.on(iface.index, arp.targetIp);
    const isForUs = target?.isUsable === true;
    const mayLearn = !arp.senderIp.isUnspecified && !this.#isGroup(arp.senderIp, iface);
    if (isReply) {
      this.#counters.repliesReceived++;
      // What nobody asked for proves no reachability: a forged reply is found out as soon as it is used.
      const solicited = isForUs && iface.neighbors?.isAsked(arp.senderIp) === true;
      if (mayLearn) this.#merge(iface, arp, solicited);
      return isForUs ? undefined : "arp-not-for-us";
    }
    this.#counters.requestsReceived++;
    if (!isForUs) {
      if (mayLearn) this.#merge(iface, arp, false);
      return "arp-not-for-us";
    }
    if (mayLearn) iface.neighbors?.heard(arp.senderIp, arp.senderMac);
    this.#counters.repliesSent++;
    this.#send(iface, ARP_OPERATION.reply, arp.targetIp, arp.senderIp, arp.senderMac, arp.senderMac);
    return undefined;
  }

  /** Asks for a neighbor's address: everybody, or, to see whether he is still there, himself. */
  solicit(iface: NetInterface, neighbor: Neighbor, unicast: MacAddress | undefined): void {
    const source = this.#speakFrom(iface, neighbor);
    if (source === undefined) return;
    this.#counters.requestsSent++;
    const to = unicast ?? BROADCAST_MAC;
    this.#send(iface, ARP_OPERATION.request, source, neighbor.address, unicast ?? ZERO_MAC, to);
  }

  /** RFC 5227 §2.1.1: asks whether an address is free, without claiming it. */
  probe(iface: NetInterface, address: IpAddress): void {
    this.#counters.requestsSent++;
    this.#send(iface, ARP_OPERATION.request, ANY_V4, address, ZERO_MAC, BROADCAST_MAC);
  }

  /** RFC 5227 §2.3: tells everybody that an address is ours. */
  announce(iface: NetInterface, address: IpAddress): void {
    this.#counters.requestsSent++;
    this.#send(iface, ARP_OPERATION.request, address, address, ZERO_MAC, BROADCAST_MAC);
  }

  /** RFC 826's merge: what is already in the table is brought up to date; strangers are not added. */
  #merge(iface: NetInterface, arp: ArpPacket, solicited: boolean): void {
    iface.neighbors?.advertised(arp.senderIp, arp.senderMac, { solicited, override: true, isRouter: false });
  }

  /** RFC 5227 §2.1.1 and §2.4: another station claims our address, or asks for one as we do. */
  #isConflict(iface: NetInterface, arp: ArpPacket): boolean {
    const claimed = this.#addresses.on(iface.index, arp.senderIp);
    // A duplicate is the other station's: it is a neighbor like any.
    if (claimed !== undefined && claimed.state !== "duplicate") {
      this.#counters.conflicts++;
      if (claimed.state === "tentative") this.#conflicts.conflict(claimed);
      else if (claimed.isUsable) this.#defend(iface, claimed);
      return true;
    }
    if (!arp.senderIp.isUnspecified || arp.operation !== ARP_OPERATION.request) return false;
    const wanted = this.#addresses.on(iface.index, arp.targetIp);
    if (wanted?.state !== "tentative") return false;
    this.#counters.conflicts++;
    this.#conflicts.conflict(wanted);
    return true;
  }

  #defend(iface: NetInterface, local: LocalAddress): void {
    const { now } = this.#context;
    const last = this.#defendedAt.get(local);
    if (last !== undefined && elapsed(last, now) < DEFEND_INTERVAL) return;
    this.#defendedAt.set(local, now);
    this.announce(iface, local.address);
  }

  /**
   * The source of the packet that waits, if the interface has it: then the answer is learned for good
   * reason.
   */
  #speakFrom(iface: NetInterface, neighbor: Neighbor): IpAddress | undefined {
    const waiting = neighbor.queue[0];
    if (waiting !== undefined) {
      const source = IpAddress.read(4, waiting.bytes, waiting.start + SOURCE_OFFSET);
      if (this.#addresses.usable(source, iface.index) !== undefined) return source;
    }
    return chooseSource(neighbor.address, this.#addresses.all(), iface.index)?.address;
  }

  #isGroup(address: IpAddress, iface: NetInterface): boolean {
    return address.isMulticast || address.isLoopback || this.#addresses.isBroadcast(address, iface.index);
  }

  #send(
    iface: NetInterface,
    operation: number,
    senderIp: IpAddress,
    targetIp: IpAddress,
    targetMac: MacAddress,
    to: MacAddress,
  ): void {
    const arp = this.#leaving;
    arp.operation = operation;
    arp.senderMac = iface.mac;
    arp.senderIp = senderIp;
    arp.targetMac = targetMac;
    arp.targetIp = targetIp;
    const packet = this.#scratch;
    packet.reset();
    arp.write(packet.bytes, packet.append(ARP_PACKET_SIZE));
    iface.transmit(packet, to, ETHER_TYPE.arp);
  }
}
