/**
 * The host's own addresses: RFC 1122 §3.3.1.6 (several to an interface), RFC 4862 §5.4 and §5.5.4 (their
 * states). An address that is tentative or a duplicate is in the table, but it is not the host's: nothing is
 * received for it and nothing is sent from it.
 */
import { IpAddress, type IpFamily } from "../wire/address.ts";
import { type AddressKey, addressKey } from "./address-key.ts";
import type { Route } from "./routes.ts";
import type { SourceCandidate } from "./source-address.ts";

export type AddressState = "tentative" | "preferred" | "deprecated" | "duplicate";

/** An address of an interface, as others see it. */
export interface InterfaceAddress {
  readonly address: IpAddress;
  readonly prefixLength: number;
  readonly interfaceIndex: number;
  readonly state: AddressState;
}

export class LocalAddress implements InterfaceAddress, SourceCandidate {
  readonly address: IpAddress;
  readonly prefixLength: number;
  readonly interfaceIndex: number;
  readonly temporary = false;
  /**
   * The directed broadcast address of its subnet (RFC 919 §7); none in IPv6 and on point-to-point prefixes.
   */
  readonly broadcast: IpAddress | undefined;
  state: AddressState;
  /** The route to its subnet. */
  connected: Route | undefined;

  constructor(address: IpAddress, prefixLength: number, interfaceIndex: number, state: AddressState) {
    this.address = address;
    this.prefixLength = prefixLength;
    this.interfaceIndex = interfaceIndex;
    this.state = state;
    this.broadcast =
      address.family === 4 && prefixLength < 31 && !address.isLoopback
        ? IpAddress.v4(address.w3 | (-1 >>> prefixLength))
        : undefined;
  }

  get isUsable(): boolean {
    return this.state === "preferred" || this.state === "deprecated";
  }

  get tentative(): boolean {
    return !this.isUsable;
  }

  get deprecated(): boolean {
    return this.state === "deprecated";
  }
}

export class Addresses {
  /** Grows at each change: whoever keeps a source address checks it again when this differs. */
  generation = 0;
  /** In the order of adding, and as a list for those who ask for one. */
  readonly #held = new Set<LocalAddress>();
  #listed: readonly LocalAddress[] | undefined = undefined;
  /** Those whose subnet has a broadcast address: each packet of IPv4 asks for it. */
  #broadcasting: LocalAddress[] = [];
  /** One address may be on several interfaces: link-local ones are unique only on their link. */
  readonly #byAddress = new Map<AddressKey, LocalAddress[]>();

  /**
   * The last two look-ups, for a packet has two addresses; those of one flow come with the same address
   * objects (`AddressCache`).
   */
  #asked: IpAddress | undefined;
  #found: LocalAddress[] | undefined;
  #askedBefore: IpAddress | undefined;
  #foundBefore: LocalAddress[] | undefined;

  all(): readonly LocalAddress[] {
    this.#listed ??= [...this.#held];
    return this.#listed;
  }

  /** Undefined when the interface has the address already. */
  add(
    address: IpAddress,
    prefixLength: number,
    interfaceIndex: number,
    state: AddressState,
  ): LocalAddress | undefined {
    if (this.on(interfaceIndex, address) !== undefined) return undefined;
    const local = new LocalAddress(address, prefixLength, interfaceIndex, state);
    this.#held.add(local);
    if (local.broadcast !== undefined) this.#broadcasting.push(local);
    const key = addressKey(address);
    this.#byAddress.set(key, [...(this.#byAddress.get(key) ?? []), local]);
    this.#changed();
    return local;
  }

  remove(local: LocalAddress): void {
    this.#held.delete(local);
    if (local.broadcast !== undefined)
      this.#broadcasting = this.#broadcasting.filter(other => other !== local);
    const key = addressKey(local.address);
    const rest = (this.#byAddress.get(key) ?? []).filter(other => other !== local);
    if (rest.length > 0) this.#byAddress.set(key, rest);
    else this.#byAddress.delete(key);
    this.#changed();
  }

  changeState(local: LocalAddress, state: AddressState): void {
    local.state = state;
    this.#changed();
  }

  /** The interface's address in whatever state. */
  on(interfaceIndex: number, address: IpAddress): LocalAddress | undefined {
    return this.#byAddress.get(addressKey(address))?.find(local => local.interfaceIndex === interfaceIndex);
  }

  /** A usable address of the host, on the given interface if one is named. */
  usable(address: IpAddress, interfaceIndex?: number): LocalAddress | undefined {
    const locals = this.#withAddress(address);
    if (locals === undefined) return undefined;
    for (const local of locals) {
      if (local.isUsable && (interfaceIndex === undefined || local.interfaceIndex === interfaceIndex)) {
        return local;
      }
    }
    return undefined;
  }

  /**
   * Whether the host takes packets for the address. All of 127/8 is the host's once it has a loopback
   * address.
   */
  isLocal(address: IpAddress, interfaceIndex?: number): boolean {
    if (this.usable(address, interfaceIndex) !== undefined) return true;
    if (address.family !== 4 || !address.isLoopback) return false;
    return this.all().some(
      local =>
        local.address.family === 4 &&
        local.address.isLoopback &&
        (interfaceIndex === undefined || local.interfaceIndex === interfaceIndex),
    );
  }

  /** 255.255.255.255, or the broadcast address of a subnet that an interface is on. RFC 1122 §3.3.6. */
  isBroadcast(address: IpAddress, interfaceIndex?: number): boolean {
    if (address.family !== 4) return false;
    return address.isLimitedBroadcast || this.broadcastOn(address, interfaceIndex) !== undefined;
  }

  /** The interface address whose subnet's broadcast address this is. */
  broadcastOn(address: IpAddress, interfaceIndex?: number): LocalAddress | undefined {
    for (const local of this.#broadcasting) {
      if (
        local.broadcast?.w3 === address.w3 &&
        address.family === 4 &&
        local.isUsable &&
        (interfaceIndex === undefined || local.interfaceIndex === interfaceIndex)
      ) {
        return local;
      }
    }
    return undefined;
  }

  /** A usable address of the interface to speak from: link-local ones last in IPv4, first in IPv6. */
  firstOf(interfaceIndex: number, family: IpFamily): LocalAddress | undefined {
    let fallback: LocalAddress | undefined;
    for (const local of this.#held) {
      if (local.interfaceIndex !== interfaceIndex || local.address.family !== family || !local.isUsable) {
        continue;
      }
      if (local.address.isLinkLocal === (family === 6)) return local;
      fallback ??= local;
    }
    return fallback;
  }

  #withAddress(address: IpAddress): LocalAddress[] | undefined {
    if (this.#asked === address) return this.#found;
    if (this.#askedBefore === address) return this.#foundBefore;
    this.#askedBefore = this.#asked;
    this.#foundBefore = this.#found;
    this.#asked = address;
    this.#found = this.#byAddress.get(addressKey(address));
    return this.#found;
  }

  #changed(): void {
    this.#listed = undefined;
    this.#asked = undefined;
    this.#askedBefore = undefined;
    this.generation++;
  }
}
