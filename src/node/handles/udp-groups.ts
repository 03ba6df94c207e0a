/**
 * The multicast groups of a UDP handle, and the interface that it speaks to groups by: libuv's
 * uv_udp_set_membership, uv_udp_set_source_membership and uv_udp_set_multicast_interface. In IPv4 an
 * interface is named by one of its addresses, in IPv6 by a zone ("::%eth0").
 */
import type { Host } from "../../host/host.ts";
import type { UdpEndpoint } from "../../udp/udp-endpoint.ts";
import type { IpAddress, IpFamily } from "../../wire/address.ts";
import { interfaceIndexOf, type ParsedAddress, parseAddress } from "./addresses.ts";
import { uvCode } from "./error-codes.ts";

const OK = 0;

export class UdpGroups {
  readonly #host: Host;
  readonly #endpoint: UdpEndpoint;

  constructor(host: Host, endpoint: UdpEndpoint) {
    this.#host = host;
    this.#endpoint = endpoint;
  }

  static familyOf(text: string): IpFamily | undefined {
    if (parseAddress(4, text) !== undefined) return 4;
    return parseAddress(6, text) === undefined ? undefined : 6;
  }

  static isAddress(text: string): boolean {
    return UdpGroups.familyOf(text) !== undefined;
  }

  /**
   * Joins the group or leaves it, on the interface that is named, if one is; for one source, or as a whole.
   */
  change(isJoin: boolean, groupText: string, interfaceText: unknown, sourceText?: string): number {
    const family = UdpGroups.familyOf(groupText);
    const group = family && parseAddress(family, groupText)?.address;
    const source = family && sourceText !== undefined ? parseAddress(family, sourceText)?.address : undefined;
    if (family === undefined || group === undefined) return uvCode("EINVAL");
    if (sourceText !== undefined && source === undefined) return uvCode("EINVAL");
    // IPv6 sockets have options of both families, IPv4 ones only their own.
    if (family > this.#endpoint.family) return uvCode("ENOPROTOOPT");
    const index = this.#interfaceOf(family, interfaceText);
    if (typeof index === "string") return uvCode(index);
    const endpoint = this.#endpoint;
    const error = isJoin
      ? endpoint.joinGroup(group, index, source)
      : endpoint.leaveGroup(group, index, source);
    return error === undefined ? OK : uvCode(error);
  }

  setInterface(text: string): number {
    const isV4 = parseAddress(4, text) !== undefined;
    if (!isV4 && this.#endpoint.family === 4) return uvCode("ENOPROTOOPT");
    const family = isV4 ? 4 : 6;
    const index = this.#interfaceOf(family, text);
    if (index === "ENODEV") return uvCode("EADDRNOTAVAIL");
    if (typeof index === "string") return uvCode(index);
    const own = parseAddress(family, text)?.address;
    this.#endpoint.setMulticastInterface(index, own?.isUnspecified === true ? undefined : own);
    return OK;
  }

  /** 0: whichever leads to the group. */
  #interfaceOf(family: IpFamily, text: unknown): number | "EINVAL" | "ENODEV" {
    if (text === undefined || text === null) return 0;
    const parsed = parseAddress(family, String(text));
    if (parsed === undefined) return "EINVAL";
    return family === 4 ? this.#holderOf(parsed.address) : this.#zoneOf(parsed);
  }

  #holderOf(address: IpAddress): number | "ENODEV" {
    if (address.isUnspecified) return 0;
    const { net } = this.#host;
    const holder = net.addresses().find(local => local.address.equals(address));
    return holder?.interfaceIndex ?? "ENODEV";
  }

  /** As libuv, which asks if_nametoindex: a zone that is no interface is none. */
  #zoneOf({ zone }: ParsedAddress): number {
    return zone === undefined ? 0 : (interfaceIndexOf(this.#host, zone) ?? 0);
  }
}
