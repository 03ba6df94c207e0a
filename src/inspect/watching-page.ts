/**
 * One page that watches: what it has asked for, and what it is still to be told. A page that reads slowly is
 * told less, not later: rows are told as they are when there is room, events and packets beyond a bound are
 * counted.
 */
import type { TraceEvent } from "../trace/event.ts";
import { base64 } from "./base64.ts";
import type { ConnectionTable } from "./connection-table.ts";
import type { EventHistory } from "./event-history.ts";
import { LinkFilters } from "./link-filters.ts";
import type { KeptPacket, PacketRing } from "./packet-ring.ts";
import { type Problem, troubleOf } from "./problem.ts";
import type { ConnectionRow, InspectorChannel, Packet, ToPage, WatchPackets } from "./protocol.ts";

/** In one message. */
const MOST_ROWS = 1_000;
const MOST_EVENTS = 2_000;
const MOST_PACKETS = 250;
/** Events that wait for the next message. */
const MOST_WAITING_EVENTS = 4_000;
/** Numbers of packets that are looked at for one message: a filter may let few of them pass. */
const MOST_PACKET_LOOKS = 20_000;
/** Bytes on their way to the page, beyond which it is told nothing more. */
const MOST_ON_THE_WAY = 1 << 20;

export class WatchingPage {
  readonly channel: InspectorChannel;
  #watched: ReadonlySet<number> = new Set();
  /** Of them, those whose past it is still to be told. */
  #fresh: ReadonlySet<number> = new Set();
  /** Rows that are new or have changed since the page was told. */
  readonly #changedRows = new Set<number>();
  readonly #toldRows = new Set<number>();
  #goneRows: number[] = [];
  #toldHidden = 0;
  #events: TraceEvent[] = [];
  #skippedEvents = 0;
  /** Undefined: the page does not want packets. */
  #nextPacket: number | undefined = undefined;
  #skippedPackets = 0;
  #filters = new LinkFilters("");
  /** Of each kind of state, as it was told last. */
  readonly #told = new Map<string, string>();

  constructor(channel: InspectorChannel) {
    this.channel = channel;
  }

  get watched(): ReadonlySet<number> {
    return this.#watched;
  }

  get wantsPackets(): boolean {
    return this.#nextPacket !== undefined;
  }

  /** It has not read yet what it was told before. */
  get isBehind(): boolean {
    return (this.channel.waiting ?? 0) > MOST_ON_THE_WAY;
  }

  send(message: ToPage): void {
    this.channel.send(message);
  }

  trouble(problem: Problem): void {
    if (!this.isBehind) this.send(troubleOf(problem));
  }

  /** Sends a state that the page does not have yet. `key`: what there is one of. */
  sendIfNew(key: string, message: ToPage, content: unknown): void {
    const text = JSON.stringify(content);
    if (this.#told.get(key) === text) return;
    this.#told.set(key, text);
    this.send(message);
  }

  // --- rows

  rowChanged(connection: number): void {
    this.#changedRows.add(connection);
  }

  rowGone(connection: number): void {
    this.#changedRows.delete(connection);
    if (this.#toldRows.delete(connection)) this.#goneRows.push(connection);
  }

  tellRows(table: ConnectionTable, time: number): void {
    const { hidden } = table;
    if (this.#changedRows.size + this.#goneRows.length === 0 && hidden === this.#toldHidden) return;
    this.#toldHidden = hidden;
    const rows: ConnectionRow[] = [];
    for (const connection of this.#changedRows) {
      if (rows.length === MOST_ROWS) break;
      this.#changedRows.delete(connection);
      const entry = table.get(connection);
      if (entry === undefined) continue;
      this.#toldRows.add(connection);
      rows.push(entry.row);
    }
    const gone = this.#goneRows;
    this.#goneRows = [];
    this.send({ type: "rows", time, rows, gone, ...(hidden > 0 ? { hidden } : {}) });
  }

  // --- events

  watch(connections: readonly number[]): void {
    const watched = new Set(connections);
    const isFresh = (connection: number) => !this.#watched.has(connection) || this.#fresh.has(connection);
    this.#fresh = new Set(connections.filter(isFresh));
    for (const connection of this.#watched)
      if (!watched.has(connection)) this.#told.delete(`snapshot ${connection}`);
    this.#watched = watched;
  }

  /** What happens before the past has been told becomes a part of it. */
  hears(connection: number): boolean {
    return connection === 0 || (this.#watched.has(connection) && !this.#fresh.has(connection));
  }

  happened(event: TraceEvent): void {
    if (this.#events.length < MOST_WAITING_EVENTS) this.#events.push(event);
    else this.#skippedEvents++;
  }

  /**
   * The past of connections that it has begun to watch goes before what happens from now on. A page that asks
   * for one after another and reads none is told of it when it has caught up.
   */
  tellPast(history: EventHistory, most: number): void {
    if (this.#fresh.size === 0 || this.isBehind) return;
    const past = history.of(this.#fresh, most);
    this.#fresh = new Set();
    this.remember(past);
  }

  remember(past: readonly TraceEvent[]): void {
    this.tellEvents(MOST_WAITING_EVENTS);
    for (let at = 0; at < past.length; at += MOST_EVENTS)
      this.send({ type: "events", events: past.slice(at, at + MOST_EVENTS) });
  }

  tellEvents(most = MOST_EVENTS): void {
    if (this.#events.length === 0) return;
    const events = this.#events.splice(0, most);
    const last = events.at(-1);
    if (this.#skippedEvents > 0 && this.#events.length === 0 && last !== undefined) {
      events.push(skipped(last, this.#skippedEvents));
      this.#skippedEvents = 0;
    }
    this.send({ type: "events", events });
  }

  // --- packets

  /** Answers what is wrong with the filter. */
  watchPackets(
    { on, filter = "" }: WatchPackets,
    ring: PacketRing,
    linkTypes: readonly number[],
  ): Problem | undefined {
    this.#nextPacket = undefined;
    if (!on) return undefined;
    const filters = new LinkFilters(filter);
    const problem = filters.problem(linkTypes);
    if (problem !== undefined) return { kind: "bad-filter", fault: problem.fault };
    this.#filters = filters;
    this.#nextPacket = ring.oldest;
    this.#skippedPackets = 0;
    return undefined;
  }

  tellPackets(ring: PacketRing): void {
    if (this.#nextPacket === undefined) return;
    const packets: Packet[] = [];
    const from = Math.max(this.#nextPacket, ring.oldest, ring.next - MOST_PACKET_LOOKS);
    let skipped = 0;
    let since = this.#skippedPackets + from - this.#nextPacket;
    let number = from;
    for (; number < ring.next && packets.length < MOST_PACKETS; number++) {
      const packet = ring.at(number);
      if (packet === undefined) since++;
      else if (this.#filters.matches(packet)) {
        packets.push(forPage(packet));
        skipped += since;
        since = 0;
      }
    }
    this.#nextPacket = number;
    this.#skippedPackets = since;
    if (packets.length > 0) this.send({ type: "packets", packets, skipped });
  }
}

function skipped({ time, host }: TraceEvent, events: number): TraceEvent {
  return { time, host, connection: 0, name: "trace:skipped", data: { events } };
}

function forPage({ bytes, ...packet }: KeptPacket): Packet {
  return { ...packet, bytes: base64(bytes) };
}
