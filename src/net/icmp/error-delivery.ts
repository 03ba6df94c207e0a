/**
 * Errors about packets of ours go to the transport that sent them: RFC 1122 §3.2.2, RFC 4443 §2.4 (d). What a
 * packet too big says is kept for all (RFC 1191 §6.3, RFC 8201 §4). The error may also come from this host
 * itself: a neighbor that did not answer (RFC 4861 §7.2.2, RFC 1122 §2.3.2.2).
 */
import type { DropReason } from "../../base/drop-reason.ts";
import type { PacketBuffer } from "../../base/packet-buffer.ts";
import { IpAddress } from "../../wire/address.ts";
import { ICMPV4_TYPE, ICMPV4_UNREACHABLE } from "../../wire/icmpv4.ts";
import { ICMPV6_TYPE, ICMPV6_UNREACHABLE } from "../../wire/icmpv6.ts";
import { Ipv4Header } from "../../wire/ipv4.ts";
import type { Addresses } from "../addresses.ts";
import { walkHeaderChain } from "../ipv6/header-chain.ts";
import type { Paths } from "../path.ts";
import type { IcmpError } from "../transport.ts";
import type { Transports } from "../transports.ts";

/** A transport is promised this much of its header. */
const LEAST_QUOTE = 8;

export class ErrorDelivery {
  readonly #addresses: Addresses;
  readonly #paths: Paths;
  readonly #transports: Transports;
  readonly #header = new Ipv4Header();

  constructor(addresses: Addresses, paths: Paths, transports: Transports) {
    this.#addresses = addresses;
    this.#paths = paths;
    this.#transports = transports;
  }

  deliver(error: IcmpError): DropReason | undefined {
    if (!this.#addresses.isLocal(error.local)) return "icmp-no-socket";
    // RFC 6633 §3, RFC 9293 §3.9.2.2 (MUST-55): source quench is ignored.
    if (error.kind === "source-quench") return undefined;
    const transport = this.#transports.get(error.protocol);
    if (transport === undefined) return "icmp-no-socket";
    if (!transport.icmpError(error)) return "icmp-no-socket";
    if (error.kind === "packet-too-big" && transport.judgesPathMtu !== true) this.#lowerPathMtu(error);
    return undefined;
  }

  /**
   * The next hop of a packet of ours does not answer. False: the packet is not ours, it was to be forwarded.
   */
  hostUnreachable(packet: PacketBuffer): boolean {
    const isV4 = (packet.bytes[packet.start] as number) >>> 4 === 4;
    const quoted = isV4 ? this.#quoteV4(packet) : quoteV6(packet);
    if (quoted === undefined) return true;
    if (!this.#addresses.isLocal(quoted.local)) return false;
    if (quoted.quote.length < LEAST_QUOTE) return true;
    this.deliver({
      kind: "host-unreachable",
      code: "EHOSTUNREACH",
      mtu: 0,
      type: isV4 ? ICMPV4_TYPE.destinationUnreachable : ICMPV6_TYPE.destinationUnreachable,
      icmpCode: isV4 ? ICMPV4_UNREACHABLE.host : ICMPV6_UNREACHABLE.address,
      reporter: quoted.local,
      ...quoted,
    });
    return true;
  }

  #lowerPathMtu({ remote, local, mtu }: IcmpError): void {
    const path = this.#paths.to(remote, local);
    if (typeof path !== "string") path.lowerMtu(mtu);
  }

  #quoteV4({ bytes, start, end }: PacketBuffer): Quoted | undefined {
    const header = this.#header;
    if (header.readQuoted(bytes, start, end) !== undefined || header.fragmentOffset > 0) return undefined;
    return {
      local: header.source,
      remote: header.destination,
      protocol: header.protocol,
      quote: bytes.subarray(start + header.headerLength, end),
    };
  }
}

type Quoted = Pick<IcmpError, "local" | "remote" | "protocol" | "quote">;

function quoteV6({ bytes, start, end }: PacketBuffer): Quoted | undefined {
  const chain = walkHeaderChain(bytes, start, end);
  if (chain === undefined || chain.isLaterFragment) return undefined;
  return {
    local: IpAddress.read(6, bytes, start + 8),
    remote: IpAddress.read(6, bytes, start + 24),
    protocol: chain.protocol,
    quote: bytes.subarray(chain.at, end),
  };
}
