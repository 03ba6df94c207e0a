/**
 * Sending an IPv6 packet: RFC 8200 §3; only the source cuts it, behind a fragment header (§4.5).
 */
import type { ErrorCode } from "../../base/errors.ts";
import { HEADROOM, PacketBuffer } from "../../base/packet-buffer.ts";
import type { Random } from "../../base/random.ts";
import { IPV6_HEADER_SIZE, Ipv6Header } from "../../wire/ipv6.ts";
import type { GroupLoop } from "../group-loop.ts";
import type { NetConfig } from "../net-context.ts";
import type { IpCounters } from "../net-counters.ts";
import type { Outgoing } from "../path.ts";
import { fragmentIpv6 } from "./fragmentation.ts";

const MAX_PAYLOAD_LENGTH = 65_535;

export class Ipv6Output {
  readonly #config: NetConfig;
  readonly #counters: IpCounters;
  readonly #loop: GroupLoop;
  readonly #random: Random;
  readonly #header = new Ipv6Header();
  #scratch = new PacketBuffer(2_048);

  constructor(config: NetConfig, counters: IpCounters, random: Random, loop: GroupLoop) {
    this.#config = config;
    this.#loop = loop;
    this.#counters = counters;
    this.#random = random;
  }

  /** As `NetPath.send`. */
  send(packet: PacketBuffer, protocol: number, outgoing: Outgoing): ErrorCode | undefined {
    const { hop, dontFragment, remote } = outgoing;
    const { start } = packet;
    const payloadLength = packet.length;
    const tooBig = payloadLength + IPV6_HEADER_SIZE > outgoing.mtu && packet.segmentSize === 0;
    if (payloadLength > MAX_PAYLOAD_LENGTH || (tooBig && dontFragment)) return "EMSGSIZE";

    const header = this.#header;
    header.trafficClass = outgoing.trafficClass;
    header.payloadLength = payloadLength;
    header.nextHeader = protocol;
    header.hopLimit = this.#hopLimit(outgoing);
    header.source = outgoing.local;
    header.destination = remote;
    const at = packet.prepend(IPV6_HEADER_SIZE);
    header.write(packet.bytes, at);
    packet.network = at;
    packet.transport = start;

    this.#counters.sent++;
    if (hop.isGroup) this.#loop.sent(packet, outgoing);
    const error = outgoing.hopLimit < 0 ? undefined : this.#transmit(packet, outgoing, tooBig);
    packet.start = start;
    return error;
  }

  /** RFC 3493 §5.2: multicasts stay on the link unless the sender says otherwise. */
  #hopLimit({ hopLimit, remote }: Outgoing): number {
    if (hopLimit !== 0) return Math.max(hopLimit, 0);
    return remote.isMulticast ? 1 : this.#config.defaultHopLimit;
  }

  #transmit(packet: PacketBuffer, outgoing: Outgoing, tooBig: boolean): ErrorCode | undefined {
    if (tooBig) return this.#cut(packet, outgoing);
    return outgoing.hop.transmit(packet) ? undefined : "ENOBUFS";
  }

  /** RFC 7739 §5.1: identifications that nobody can predict. */
  #cut(packet: PacketBuffer, { hop, mtu }: Outgoing): ErrorCode | undefined {
    if (this.#scratch.bytes.length < HEADROOM + mtu) this.#scratch = new PacketBuffer(HEADROOM + mtu);
    this.#counters.fragmented++;
    return fragmentIpv6(packet, mtu, this.#random.uint32(), this.#scratch, fragment => {
      this.#counters.fragmentsSent++;
      return hop.transmit(fragment) ? undefined : "ENOBUFS";
    });
  }
}
