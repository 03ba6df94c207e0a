/** The multicast groups that one endpoint has joined: RFC 3493 §5.2, RFC 1112 §7.1. */
import type { ErrorCode } from "../base/errors.ts";
import type { IpAddress } from "../wire/address.ts";
import type { UdpContext } from "./udp-context.ts";

interface Membership {
  readonly group: IpAddress;
  readonly interfaceIndex: number;
}

export class GroupMemberships {
  readonly #context: UdpContext;
  readonly #held: Membership[] = [];

  constructor(context: UdpContext) {
    this.#context = context;
  }

  join(group: IpAddress, interfaceIndex: number): ErrorCode | undefined {
    if (!group.isMulticast) return "EINVAL";
    if (this.#indexOf(group, interfaceIndex) >= 0) return "EADDRINUSE";
    if (this.#context.joinGroup === undefined) return "EOPNOTSUPP";
    const error = this.#context.joinGroup(group, interfaceIndex);
    if (error === undefined) this.#held.push({ group, interfaceIndex });
    return error;
  }

  leave(group: IpAddress, interfaceIndex: number): ErrorCode | undefined {
    const index = this.#indexOf(group, interfaceIndex);
    if (index < 0) return "EADDRNOTAVAIL";
    this.#held.splice(index, 1);
    this.#context.leaveGroup?.(group, interfaceIndex);
    return undefined;
  }

  leaveAll(): void {
    for (const { group, interfaceIndex } of this.#held.splice(0)) {
      this.#context.leaveGroup?.(group, interfaceIndex);
    }
  }

  #indexOf(group: IpAddress, interfaceIndex: number): number {
    return this.#held.findIndex(held => held.interfaceIndex === interfaceIndex && held.group.equals(group));
  }
}
