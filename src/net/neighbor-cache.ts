/**
 * The neighbor cache of an interface: RFC 4861 §5.1, §7.2 and §7.3 with the state machine of its appendix C.
 * ARP uses the same machine for IPv4: a reply is a solicited advertisement that may override, and a request
 * by someone else tells his address as a solicitation does (RFC 1122 §2.3.2.1: unicast polls and timeouts).
 *
 * FAILED is not in the RFC, which deletes the entry: as in Linux it stays a while to be shown, and the next
 * packet begins anew.
 */
import { PacketBuffer } from "../base/packet-buffer.ts";
import { below } from "../base/random.ts";
import { type Duration, type Instant, instantAfter, milliseconds, NEVER, seconds } from "../base/time.ts";
import { type TimerOwner, TimerQueue } from "../base/timers.ts";
import type { IpAddress } from "../wire/address.ts";
import { type MacAddress, ZERO_MAC } from "../wire/mac-address.ts";
import { type AddressKey, addressKey } from "./address-key.ts";
import { NeighborOrder, NeighborPlace } from "./neighbor-order.ts";
import type { NetContext } from "./net-context.ts";

/** RFC 4861 §10. */
const MAX_SOLICITATIONS = 3;
const BASE_REACHABLE_TIME: Duration = seconds(30);
const RETRANS_TIMER: Duration = seconds(1);
const DELAY_FIRST_PROBE_TIME: Duration = seconds(5);
/** How long a failed entry is shown. */
const FAILED_LIFETIME: Duration = seconds(60);
/**
 * §7.2.2: what waits for an address, in bytes: a datagram of the largest size in fragments; and for all of
 * them.
 */
const QUEUE_BYTES = 70_000;
const ALL_QUEUES_BYTES = 1 << 20;
const ENTRY_LIMIT = 1_024;

export type NeighborState = "incomplete" | "reachable" | "stale" | "delay" | "probe" | "failed";

/** What the cache needs of its interface. Packets are borrowed; their windows begin with the IP header. */
export interface NeighborLink {
  /** Asks for the address: all who may have it, or, while its link-layer address is known, that one. */
  solicit(neighbor: Neighbor, unicast: MacAddress | undefined): void;
  transmit(packet: PacketBuffer, to: MacAddress): boolean;
  /** The neighbor did not answer: the packet's sender is to be told. */
  unreachable(packet: PacketBuffer): void;
}

/** What an advertisement or an ARP reply says besides the addresses. */
export interface Advertisement {
  readonly solicited: boolean;
  readonly override: boolean;
  readonly isRouter: boolean;
}

export class Neighbor implements TimerOwner {
  readonly address: IpAddress;
  state: NeighborState = "stale";
  mac: MacAddress = ZERO_MAC;
  isRouter = false;
  /** The entry has left the cache: whoever keeps it asks for a new one. */
  evicted = false;
  reachableUntil: Instant = NEVER;
  usedAt: Instant;
  /** Something was sent to it. */
  isUsed = false;
  solicitations = 0;
  /** Copies of the packets that wait for the link-layer address, the oldest first. */
  queue: PacketBuffer[] = [];
  /** In bytes: what waits in the queue. */
  waiting = 0;
  deadline: Instant = NEVER;
  timerAt: Instant = NEVER;
  timerSlot = -1;
  /** Among those that may have to give way. */
  readonly place: NeighborPlace;

  constructor(address: IpAddress, now: Instant) {
    this.address = address;
    this.usedAt = now;
    this.place = new NeighborPlace(now);
  }

  /** Whether `mac` may be used. */
  get isResolved(): boolean {
    return this.state !== "incomplete" && this.state !== "failed";
  }
}

export class NeighborCache {
  readonly #context: NetContext;
  readonly #link: NeighborLink;
  readonly #entries = new Map<AddressKey, Neighbor>();
  readonly #order = new NeighborOrder();
  readonly #timers = new TimerQueue<Neighbor>();
  /** In bytes: what waits in all queues. */
  #waiting = 0;
  /** §6.3.2: uniformly between half and one and a half times the base value. */
  readonly #reachableTime: Duration;

  constructor(context: NetContext, link: NeighborLink) {
    this.#context = context;
    this.#link = link;
    this.#reachableTime = milliseconds(
      (BASE_REACHABLE_TIME * (500 + below(context.random, 1_001))) / 1_000_000,
    );
  }

  get deadline(): Instant {
    return this.#timers.next();
  }

  entries(): readonly Neighbor[] {
    return [...this.#entries.values()];
  }

  find(address: IpAddress): Neighbor | undefined {
    return this.#entries.get(addressKey(address));
  }

  /** Whether an answer is being waited for. */
  isAsked(address: IpAddress): boolean {
    const state = this.find(address)?.state;
    return state === "incomplete" || state === "probe";
  }

  /** The entry for an address that something is sent to. */
  entry(address: IpAddress): Neighbor {
    return this.find(address) ?? this.#create(address, "failed");
  }

  /** §7.2.2 and §7.3.3. False when the device is full. A packet that waits counts as sent. */
  send(neighbor: Neighbor, packet: PacketBuffer): boolean {
    const { now } = this.#context;
    neighbor.usedAt = now;
    if (!neighbor.isUsed) this.#usedFirst(neighbor);
    if (!neighbor.isResolved) {
      this.#enqueue(neighbor, packet);
      if (neighbor.state === "failed") this.#resolve(neighbor);
      return true;
    }
    const isOutdated = neighbor.state === "reachable" && now >= neighbor.reachableUntil;
    if (isOutdated || neighbor.state === "stale") this.#enter(neighbor, "delay", DELAY_FIRST_PROBE_TIME);
    return this.#link.transmit(packet, neighbor.mac);
  }

  #usedFirst(neighbor: Neighbor): void {
    neighbor.isUsed = true;
    this.#order.place(neighbor, this.#context.now);
  }

  /** §7.2.3: somebody told his own address in a question (a solicitation, an ARP request). */
  heard(address: IpAddress, mac: MacAddress): void {
    const neighbor = this.find(address) ?? this.#create(address, "failed");
    if (neighbor.isResolved && neighbor.mac === mac) return;
    neighbor.mac = mac;
    this.#enter(neighbor, "stale");
    this.#flush(neighbor);
  }

  /** §7.2.5: an answer, or news that nobody asked for. Without an entry there is no need to know. */
  advertised(address: IpAddress, mac: MacAddress | undefined, said: Advertisement): void {
    const neighbor = this.find(address);
    if (neighbor === undefined || neighbor.state === "failed") return;
    if (neighbor.state === "incomplete") {
      if (mac === undefined) return;
      neighbor.mac = mac;
      neighbor.isRouter = said.isRouter;
      if (said.solicited) this.#reachable(neighbor);
      else this.#enter(neighbor, "stale");
      this.#flush(neighbor);
      return;
    }
    const differs = mac !== undefined && mac !== neighbor.mac;
    if (differs && !said.override) {
      if (neighbor.state === "reachable") this.#enter(neighbor, "stale");
      return;
    }
    if (differs) neighbor.mac = mac;
    neighbor.isRouter = said.isRouter;
    if (said.solicited) this.#reachable(neighbor);
    else if (differs) this.#enter(neighbor, "stale");
  }

  /** §7.3.1: an upper layer knows that what we sent has arrived. */
  confirm(neighbor: Neighbor): void {
    if (neighbor.isResolved && !neighbor.evicted) this.#reachable(neighbor);
  }

  remove(address: IpAddress): void {
    const neighbor = this.find(address);
    if (neighbor !== undefined) this.#evict(neighbor);
  }

  expire(): void {
    this.#timers.run(this.#context.now, neighbor => this.#expired(neighbor));
  }

  /** §7.2.2 and §7.3.3: the end of an interval without an answer. */
  #expired(neighbor: Neighbor): void {
    if (neighbor.state === "delay") {
      this.#moveTo(neighbor, "probe");
      neighbor.solicitations = 0;
    }
    if (neighbor.state === "failed") this.#evict(neighbor);
    else if (neighbor.solicitations < MAX_SOLICITATIONS) this.#solicit(neighbor);
    else this.#fail(neighbor);
  }

  #resolve(neighbor: Neighbor): void {
    this.#moveTo(neighbor, "incomplete");
    neighbor.solicitations = 0;
    this.#solicit(neighbor);
  }

  #solicit(neighbor: Neighbor): void {
    neighbor.solicitations++;
    this.#arm(neighbor, RETRANS_TIMER);
    this.#link.solicit(neighbor, neighbor.state === "probe" ? neighbor.mac : undefined);
  }

  #reachable(neighbor: Neighbor): void {
    this.#enter(neighbor, "reachable");
    neighbor.reachableUntil = instantAfter(this.#context.now, this.#reachableTime);
  }

  #fail(neighbor: Neighbor): void {
    const waiting = this.#takeQueue(neighbor);
    this.#enter(neighbor, "failed", FAILED_LIFETIME);
    for (const packet of waiting) {
      this.#context.dropped("neighbor-failed", packet);
      this.#link.unreachable(packet);
    }
  }

  /** REACHABLE and STALE have no timer: they are looked at when a packet is sent. */
  #enter(neighbor: Neighbor, state: NeighborState, lasting?: Duration): void {
    this.#moveTo(neighbor, state);
    if (lasting === undefined) neighbor.deadline = NEVER;
    else this.#arm(neighbor, lasting);
  }

  #moveTo(neighbor: Neighbor, state: NeighborState): void {
    neighbor.state = state;
    this.#order.place(neighbor, this.#context.now);
  }

  #arm(neighbor: Neighbor, lasting: Duration): void {
    neighbor.deadline = instantAfter(this.#context.now, lasting);
    this.#timers.touch(neighbor);
    this.#context.wake();
  }

  /**
   * §7.2.2: when the queue is full, the new packet takes the place of the oldest. No queue grows beyond what
   * it leaves for others: else some addresses that nobody has would take the room of all who come.
   */
  #enqueue(neighbor: Neighbor, packet: PacketBuffer): void {
    const { queue } = neighbor;
    const after = (): number => neighbor.waiting + packet.length;
    while (queue.length > 0 && after() > Math.min(QUEUE_BYTES, this.#free)) this.#dropOldest(neighbor);
    if (packet.length > this.#free) {
      this.#context.dropped("neighbor-queue-full", packet);
      return;
    }
    const copy = new PacketBuffer(packet.end);
    copy.copyFrom(packet);
    queue.push(copy);
    this.#charge(neighbor, packet.length);
  }

  get #free(): number {
    return ALL_QUEUES_BYTES - this.#waiting;
  }

  #dropOldest(neighbor: Neighbor): void {
    const oldest = neighbor.queue.shift();
    if (oldest === undefined) return;
    this.#charge(neighbor, -oldest.length);
    this.#context.dropped("neighbor-queue-full", oldest);
  }

  #takeQueue(neighbor: Neighbor): PacketBuffer[] {
    const { queue } = neighbor;
    neighbor.queue = [];
    this.#charge(neighbor, -neighbor.waiting);
    return queue;
  }

  #charge(neighbor: Neighbor, bytes: number): void {
    neighbor.waiting += bytes;
    this.#waiting += bytes;
  }

  #flush(neighbor: Neighbor): void {
    for (const packet of this.#takeQueue(neighbor)) this.send(neighbor, packet);
  }

  #create(address: IpAddress, state: NeighborState): Neighbor {
    const least = this.#entries.size >= ENTRY_LIMIT ? this.#order.leastWorth(this.#context.now) : undefined;
    if (least !== undefined) this.#evict(least);
    const neighbor = new Neighbor(address, this.#context.now);
    this.#entries.set(addressKey(address), neighbor);
    this.#enter(neighbor, state);
    return neighbor;
  }

  #evict(neighbor: Neighbor): void {
    this.#entries.delete(addressKey(neighbor.address));
    this.#order.remove(neighbor);
    this.#timers.remove(neighbor);
    neighbor.evicted = true;
    neighbor.deadline = NEVER;
    for (const packet of this.#takeQueue(neighbor)) this.#context.dropped("neighbor-queue-full", packet);
  }
}
