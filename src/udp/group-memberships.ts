/**
 * The multicast groups that one endpoint has joined, and from whom it wants to hear in them: RFC 1112 §7.1,
 * RFC 3678 §4 and §5 (a group as a whole, or source by source), with Linux's answers.
 */
import type { ErrorCode } from "../base/errors.ts";
import type { IpAddress } from "../wire/address.ts";
import type { Delivery, UdpContext } from "./udp-context.ts";

/** Linux's net.ipv4.igmp_max_memberships and igmp_max_msf. */
const MEMBERSHIP_LIMIT = 20;
const SOURCE_LIMIT = 10;

interface Membership {
  readonly group: IpAddress;
  readonly interfaceIndex: number;
  /** Undefined: whoever sends to the group. */
  sources: IpAddress[] | undefined;
}

export class GroupMemberships {
  readonly #context: UdpContext;
  readonly #held: Membership[] = [];

  constructor(context: UdpContext) {
    this.#context = context;
  }

  /** @param wanted 0: the interface that leads to the group. */
  join(group: IpAddress, wanted: number): ErrorCode | undefined {
    if (!group.isMulticast) return "EINVAL";
    const interfaceIndex = this.#context.groupInterface(group, wanted);
    if (interfaceIndex === undefined) return "ENODEV";
    if (this.#find(group, interfaceIndex) !== undefined) return "EADDRINUSE";
    return this.#begin(group, interfaceIndex, undefined);
  }

  leave(group: IpAddress, wanted: number): ErrorCode | undefined {
    const membership = this.#find(group, wanted);
    if (membership === undefined) return "EADDRNOTAVAIL";
    this.#end(membership);
    return undefined;
  }

  /**
   * Who has joined the whole group hears, from now on, this source alone: a choice of sources takes the place
   * of an empty filter.
   */
  joinSource(group: IpAddress, source: IpAddress, wanted: number): ErrorCode | undefined {
    if (!group.isMulticast || source.isMulticast || source.family !== group.family) return "EINVAL";
    const interfaceIndex = this.#context.groupInterface(group, wanted);
    if (interfaceIndex === undefined) return "ENODEV";
    const membership = this.#find(group, interfaceIndex);
    if (membership === undefined) return this.#begin(group, interfaceIndex, [source]);
    const { sources = [] } = membership;
    if (sources.some(known => known.equals(source))) return "EADDRNOTAVAIL";
    if (sources.length >= SOURCE_LIMIT) return "ENOBUFS";
    membership.sources = [...sources, source];
    return undefined;
  }

  /** Who has no source left has left the group. */
  leaveSource(group: IpAddress, source: IpAddress, wanted: number): ErrorCode | undefined {
    if (!group.isMulticast || source.family !== group.family) return "EINVAL";
    const membership = this.#find(group, wanted);
    const rest = membership?.sources?.filter(known => !known.equals(source));
    if (membership === undefined || rest?.length === membership.sources?.length) return "EADDRNOTAVAIL";
    membership.sources = rest;
    if (rest?.length === 0) this.#end(membership);
    return undefined;
  }

  leaveAll(): void {
    while (this.#held[0] !== undefined) this.#end(this.#held[0]);
  }

  /**
   * Whether the endpoint wants a datagram that was sent to a group. As on Linux (IP_MULTICAST_ALL), who has
   * not joined it takes what others on this host have asked for.
   */
  wants({ destination, source, interfaceIndex }: Readonly<Delivery>): boolean {
    const sources = this.#find(destination, interfaceIndex)?.sources;
    return sources === undefined || sources.some(known => known.equals(source));
  }

  #begin(group: IpAddress, interfaceIndex: number, sources: IpAddress[] | undefined): ErrorCode | undefined {
    if (this.#held.length >= MEMBERSHIP_LIMIT) return "ENOBUFS";
    this.#held.push({ group, interfaceIndex, sources });
    this.#context.joinGroup(group, interfaceIndex);
    return undefined;
  }

  #end(membership: Membership): void {
    this.#held.splice(this.#held.indexOf(membership), 1);
    this.#context.leaveGroup(membership.group, membership.interfaceIndex);
  }

  #find(group: IpAddress, interfaceIndex: number): Membership | undefined {
    return this.#held.find(
      held => (interfaceIndex === 0 || held.interfaceIndex === interfaceIndex) && held.group.equals(group),
    );
  }
}
