/**
 * Sending an IPv4 datagram: RFC 791 §3.2, RFC 1122 §3.3; cut here when it is too big and may be (RFC 791
 * §3.2, "Fragmentation").
 */
import type { ErrorCode } from "../../base/errors.ts";
import { HEADROOM, PacketBuffer } from "../../base/packet-buffer.ts";
import type { Random } from "../../base/random.ts";
import { IPV4_HEADER_SIZE, Ipv4Header } from "../../wire/ipv4.ts";
import type { GroupLoop } from "../group-loop.ts";
import type { NetConfig } from "../net-context.ts";
import type { IpCounters } from "../net-counters.ts";
import type { Outgoing } from "../path.ts";
import { fragmentIpv4 } from "./fragmentation.ts";
import { Identification } from "./identification.ts";

const MAX_TOTAL_LENGTH = 65_535;

/** How many packets this one becomes, at most: each gets an identification of its own. */
function parts({ length, segmentSize }: PacketBuffer): number {
  return segmentSize === 0 ? 1 : Math.ceil(length / segmentSize);
}

export class Ipv4Output {
  readonly #config: NetConfig;
  readonly #counters: IpCounters;
  readonly #loop: GroupLoop;
  readonly #identification: Identification;
  readonly #header = new Ipv4Header();
  #scratch = new PacketBuffer(2_048);

  constructor(config: NetConfig, counters: IpCounters, random: Random, loop: GroupLoop) {
    this.#config = config;
    this.#loop = loop;
    this.#counters = counters;
    this.#identification = new Identification(random);
  }

  /** As `NetPath.send`. */
  send(packet: PacketBuffer, protocol: number, outgoing: Outgoing): ErrorCode | undefined {
    const { local, remote, hop } = outgoing;
    const dontFragment = outgoing.dontFragment && !outgoing.isMtuLocked;
    const { start } = packet;
    const totalLength = packet.length + IPV4_HEADER_SIZE;
    const tooBig = totalLength > outgoing.mtu && packet.segmentSize === 0;
    if (totalLength > MAX_TOTAL_LENGTH || (tooBig && dontFragment)) return "EMSGSIZE";

    const header = this.#header;
    header.trafficClass = outgoing.trafficClass;
    header.totalLength = totalLength;
    header.identification = dontFragment
      ? 0
      : this.#identification.next(local, remote, protocol, parts(packet));
    header.dontFragment = dontFragment;
    header.hopLimit = this.#hopLimit(outgoing);
    header.protocol = protocol;
    header.source = local;
    header.destination = remote;
    const at = packet.prepend(IPV4_HEADER_SIZE);
    header.write(packet.bytes, at);
    packet.network = at;
    packet.transport = start;

    this.#counters.sent++;
    if (hop.isGroup) this.#loop.sent(packet, outgoing);
    const error = outgoing.hopLimit < 0 ? undefined : this.#transmit(packet, outgoing, tooBig);
    packet.start = start;
    return error;
  }

  #transmit(packet: PacketBuffer, outgoing: Outgoing, tooBig: boolean): ErrorCode | undefined {
    if (tooBig) return this.#cut(packet, outgoing);
    return outgoing.hop.transmit(packet) ? undefined : "ENOBUFS";
  }

  /** RFC 1112 §6.1: multicasts stay on the link unless the sender says otherwise. */
  #hopLimit({ hopLimit, remote }: Outgoing): number {
    if (hopLimit !== 0) return Math.max(hopLimit, 0);
    return remote.isMulticast ? 1 : this.#config.defaultHopLimit;
  }

  #cut(packet: PacketBuffer, { hop, mtu }: Outgoing): ErrorCode | undefined {
    if (this.#scratch.bytes.length < HEADROOM + mtu) this.#scratch = new PacketBuffer(HEADROOM + mtu);
    this.#counters.fragmented++;
    return fragmentIpv4(packet, mtu, this.#scratch, fragment => {
      this.#counters.fragmentsSent++;
      return hop.transmit(fragment) ? undefined : "ENOBUFS";
    });
  }
}
