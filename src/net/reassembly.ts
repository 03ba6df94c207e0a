/**
 * Putting fragments together, for both families: RFC 791 §3.2, RFC 8200 §4.5 (with RFC 5722, 6946 and
 * 7112), RFC 8900.
 *
 * One `Reassembly` serves one family. The caller reads the headers, fills a `Fragment`, and calls `receive`
 * with the packet as it arrived. It gets back
 *
 * - a `PacketBuffer` once the datagram is complete: window and `network` begin at the IP header of the
 *   first fragment, `transport` is where the fragmentable part begins, and the header reads as if nothing
 *   had ever been cut (length, next header, ECN, IPv4 checksum; the IPv6 fragment header is gone). It is
 *   borrowed until the next call;
 * - undefined while pieces are missing, and for an exact duplicate;
 * - else the reason why the fragment was dropped. In IPv6 the caller owes a parameter problem for
 *   `fragment-malformed` (code 0, at the payload length), `fragment-too-big` (code 0, at the fragment
 *   offset) and `ip-bad-extension-header` (code 3: the first fragment does not hold the whole header
 *   chain).
 *
 * A datagram whose pieces overlap or contradict each other is forgotten, and what still comes of it is
 * dropped, without an answer, until its time is over.
 */
import type { DropReason } from "../base/drop-reason.ts";
import { HEADROOM, PacketBuffer } from "../base/packet-buffer.ts";
import { type Duration, type Instant, instantAfter, NEVER, seconds } from "../base/time.ts";
import type { IpAddress, IpFamily } from "../wire/address.ts";
import { IPV6_HEADER_SIZE } from "../wire/ipv6.ts";
import { FRAGMENT_HEADER_SIZE } from "../wire/ipv6-extensions.ts";
import { type AddressKey, addressKey, addressText } from "./address-key.ts";
import { IncompleteDatagram, LARGEST_DATAGRAM } from "./incomplete-datagram.ts";
import { holdsHeaderChain } from "./ipv6/header-chain.ts";

/** Linux's ipfrag_time, of the 15 s to 120 s that RFC 1122 §3.3.2 and RFC 791 name. */
export const REASSEMBLY_TIMEOUT_V4: Duration = seconds(30);
/** RFC 8200 §4.5. */
export const REASSEMBLY_TIMEOUT_V6: Duration = seconds(60);

/**
 * What a datagram and a piece cost beside their bytes, roughly; so that many small pieces count for what
 * they are.
 */
const ENTRY_COST = 512;
const PIECE_COST = 128;

/** What the IP header says of a fragment. The caller may reuse one object. */
export interface Fragment {
  source: IpAddress;
  destination: IpAddress;
  /** IPv4: the protocol. IPv6: the next header of the fragment header. */
  protocol: number;
  /** 16 or 32 bits. */
  identification: number;
  /** Of this piece in the fragmentable part, in bytes. */
  offset: number;
  more: boolean;
  interfaceIndex: number;
  /** Where the piece begins in `packet.bytes`: after the IPv4 header, or after the IPv6 fragment header. */
  payload: number;
  /**
   * IPv6: where in `packet.bytes` the next-header byte stands that announces the fragment header. IPv4: −1.
   */
  nextHeaderAt: number;
}

export interface ReassemblyOptions {
  readonly family: IpFamily;
  /**
   * The time of a datagram is over whose first fragment had come: here it is as it arrived (window and
   * `network` at the IP header), for the time-exceeded answer of RFC 792 and RFC 4443 §3.3. Borrowed.
   */
  readonly timedOut?: (first: PacketBuffer, interfaceIndex: number) => void;
  /**
   * A datagram was given up at another time than a fragment's arrival: `fragment-timeout` or
   * `fragment-limit`.
   */
  readonly dropped?: (reason: DropReason) => void;
  /** Bytes held in all, Linux's ipfrag_high_thresh; and of one source. */
  readonly memoryLimit?: number;
  readonly sourceMemoryLimit?: number;
  /** Incomplete datagrams in all, and of one source. */
  readonly datagramLimit?: number;
  readonly sourceDatagramLimit?: number;
  readonly timeout?: Duration;
}

interface Source {
  readonly key: AddressKey;
  memory: number;
  /** The oldest first. */
  readonly entries: Set<Entry>;
}

/** An incomplete datagram and what the limits need to know of it. */
interface Entry {
  readonly key: string;
  readonly source: Source;
  readonly interfaceIndex: number;
  readonly expiresAt: Instant;
  memory: number;
  /** Undefined: discarded. */
  datagram: IncompleteDatagram | undefined;
}

export class Reassembly {
  readonly #options: ReassemblyOptions;
  readonly #timeout: Duration;
  readonly #memoryLimit: number;
  readonly #sourceMemoryLimit: number;
  readonly #datagramLimit: number;
  readonly #sourceDatagramLimit: number;
  /** The oldest first, which is also the order of their timeouts. */
  readonly #entries = new Map<string, Entry>();
  readonly #sources = new Map<AddressKey, Source>();
  readonly #whole = new PacketBuffer(HEADROOM + 2_048);
  #memory = 0;

  constructor(options: ReassemblyOptions) {
    const v4 = options.family === 4;
    this.#options = options;
    this.#timeout = options.timeout ?? (v4 ? REASSEMBLY_TIMEOUT_V4 : REASSEMBLY_TIMEOUT_V6);
    this.#memoryLimit = options.memoryLimit ?? 4 * 1_024 * 1_024;
    this.#sourceMemoryLimit = options.sourceMemoryLimit ?? this.#memoryLimit / 4;
    this.#datagramLimit = options.datagramLimit ?? 1_024;
    this.#sourceDatagramLimit = options.sourceDatagramLimit ?? 128;
  }

  /** Incomplete datagrams, discarded ones included. */
  get size(): number {
    return this.#entries.size;
  }

  /** Bytes held, with a rough sum for the objects around them. */
  get memory(): number {
    return this.#memory;
  }

  receive(
    packet: PacketBuffer,
    fragment: Readonly<Fragment>,
    now: Instant,
  ): PacketBuffer | DropReason | undefined {
    const { offset, more, payload } = fragment;
    // RFC 6946 §4: a fragment that is the whole packet has nothing to do with others of the same
    // identification.
    if (offset === 0 && !more) {
      const datagram = new IncompleteDatagram();
      datagram.place(packet, fragment);
      return this.#assemble(datagram, packet.receivedAt);
    }
    const refusal = refuses(packet, fragment);
    if (refusal !== undefined) return refusal;
    const entry = this.#entryFor(fragment, now);
    const { datagram } = entry;
    if (datagram === undefined) return "fragment-overlap";
    const cost = PIECE_COST + packet.end - (offset === 0 ? packet.network : payload);
    if (!this.#makeRoom(entry, cost)) return "fragment-limit";
    switch (datagram.place(packet, fragment)) {
      case "duplicate":
        return undefined;
      case "conflict":
        entry.datagram = undefined;
        this.#charge(entry, ENTRY_COST - entry.memory);
        return "fragment-overlap";
      case "placed":
        this.#charge(entry, cost);
    }
    if (!datagram.isComplete) return undefined;
    this.#forget(entry);
    return this.#assemble(datagram, packet.receivedAt);
  }

  /** When `expire` has something to do. */
  get deadline(): Instant {
    if (this.#entries.size === 0) return NEVER;
    for (const entry of this.#entries.values()) return entry.expiresAt;
    return NEVER;
  }

  /** Gives up the datagrams whose time is over. */
  expire(now: Instant): void {
    for (const entry of this.#entries.values()) {
      if (entry.expiresAt > now) return;
      this.#forget(entry);
      if (entry.datagram === undefined) continue;
      this.#options.dropped?.("fragment-timeout");
      if (!entry.datagram.hasFirst) continue;
      entry.datagram.writeFirst(this.#whole);
      this.#options.timedOut?.(this.#whole, entry.interfaceIndex);
    }
  }

  #assemble(datagram: IncompleteDatagram, receivedAt: Instant): PacketBuffer | DropReason {
    const problem = datagram.writeWhole(this.#whole, this.#options.family);
    this.#whole.receivedAt = receivedAt;
    return problem ?? this.#whole;
  }

  #entryFor(fragment: Readonly<Fragment>, now: Instant): Entry {
    const key = keyOf(fragment);
    const held = this.#entries.get(key);
    if (held !== undefined && held.expiresAt > now) return held;
    if (held !== undefined) this.expire(now);
    const sourceKey = addressKey(fragment.source);
    const crowd = this.#sources.get(sourceKey)?.entries;
    if (crowd !== undefined && crowd.size >= this.#sourceDatagramLimit) this.#evict(crowd);
    if (this.#entries.size >= this.#datagramLimit) this.#evict(this.#entries.values());
    // A source without datagrams is forgotten, so only now is it known whether this one is.
    let source = this.#sources.get(sourceKey);
    if (source === undefined) {
      source = { key: sourceKey, memory: 0, entries: new Set() };
      this.#sources.set(sourceKey, source);
    }
    const entry: Entry = {
      key,
      source,
      interfaceIndex: fragment.interfaceIndex,
      expiresAt: instantAfter(now, this.#timeout),
      memory: 0,
      datagram: new IncompleteDatagram(),
    };
    this.#entries.set(key, entry);
    source.entries.add(entry);
    this.#charge(entry, ENTRY_COST);
    return entry;
  }

  /** Evicts the oldest datagrams until `cost` bytes fit. False: that of `entry` itself had to go. */
  #makeRoom(entry: Entry, cost: number): boolean {
    const { entries } = entry.source;
    while (entry.source.memory + cost > this.#sourceMemoryLimit && entries.has(entry)) this.#evict(entries);
    while (this.#memory + cost > this.#memoryLimit && entries.has(entry)) this.#evict(this.#entries.values());
    return entries.has(entry);
  }

  #evict(oldestFirst: Iterable<Entry>): void {
    for (const entry of oldestFirst) {
      this.#forget(entry);
      if (entry.datagram !== undefined) this.#options.dropped?.("fragment-limit");
      return;
    }
  }

  #charge(entry: Entry, cost: number): void {
    entry.memory += cost;
    entry.source.memory += cost;
    this.#memory += cost;
  }

  #forget(entry: Entry): void {
    this.#entries.delete(entry.key);
    entry.source.entries.delete(entry);
    this.#charge(entry, -entry.memory);
    if (entry.source.entries.size === 0) this.#sources.delete(entry.source.key);
  }
}

/** What is wrong with a fragment for itself. It is dropped; others of its datagram may still complete it. */
function refuses(packet: PacketBuffer, fragment: Readonly<Fragment>): DropReason | undefined {
  const { offset, more, payload } = fragment;
  const length = packet.end - payload;
  // RFC 8200 §4.5: all but the last are multiples of 8 bytes. One without any bytes is of no use to anybody.
  if (length <= 0 || (more && length % 8 !== 0)) return "fragment-malformed";
  const isV6 = fragment.nextHeaderAt >= 0;
  const header = payload - packet.network - (isV6 ? IPV6_HEADER_SIZE + FRAGMENT_HEADER_SIZE : 0);
  if (header + offset + length > LARGEST_DATAGRAM) return "fragment-too-big";
  if (isV6 && offset === 0 && !holdsHeaderChain(fragment.protocol, packet.bytes, payload, packet.end)) {
    return "ip-bad-extension-header";
  }
  return undefined;
}

/** RFC 791 names source, destination, protocol and identification; RFC 8200 all but the protocol. */
function keyOf(fragment: Readonly<Fragment>): string {
  const { source, destination, identification } = fragment;
  const protocol = fragment.nextHeaderAt < 0 ? fragment.protocol : 0;
  // Link-local addresses are distinct only on one link.
  const link = source.isLinkLocal ? fragment.interfaceIndex : 0;
  return (
    addressText(source) +
    addressText(destination) +
    String.fromCharCode(identification >>> 16, identification & 0xffff, protocol, link)
  );
}
