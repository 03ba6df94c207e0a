/**
 * The multicast groups that an interface listens to: RFC 1112 §6.1, RFC 4291 §2.8. Memberships are counted,
 * because several addresses share one solicited-node group. Nobody is told of them yet: IGMP and MLD belong
 * here.
 */
import { ALL_NODES, IpAddress, ip } from "../wire/address.ts";
import { type AddressKey, addressKey } from "./address-key.ts";

export const ALL_HOSTS = ip("224.0.0.1");
const ALL_NODES_OF_INTERFACE = IpAddress.v6(0xff010000, 0, 0, 1);

export class Groups {
  readonly #memberships = new Map<AddressKey, number>();

  constructor() {
    this.join(ALL_HOSTS);
    this.join(ALL_NODES);
    this.join(ALL_NODES_OF_INTERFACE);
  }

  join(group: IpAddress): void {
    const key = addressKey(group);
    this.#memberships.set(key, (this.#memberships.get(key) ?? 0) + 1);
  }

  /** Ends one membership; false when there was none. */
  leave(group: IpAddress): boolean {
    const key = addressKey(group);
    const count = this.#memberships.get(key);
    if (count === undefined) return false;
    if (count > 1) this.#memberships.set(key, count - 1);
    else this.#memberships.delete(key);
    return true;
  }

  has(group: IpAddress): boolean {
    return this.#memberships.has(addressKey(group));
  }
}
