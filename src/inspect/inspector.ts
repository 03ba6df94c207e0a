/**
 * The inspector: watches hosts and wires, and tells pages what it sees, by `protocol`. It has no time of its
 * own: the hosts' clock says when something was, and whoever drives it calls `tick` some ten times a second,
 * or after every step of a simulation.
 *
 * What it keeps and what it tells is bounded (`limits`), however fast and however many the connections are;
 * without a page it only keeps the recent past.
 */
import type { Clock, Duration, Instant } from "../base/time.ts";
import type { Host } from "../host/host.ts";
import type { FaultyLink } from "../sim/faults.ts";
import type { TraceEvent } from "../trace/event.ts";
import { type TracedLink, traceLink } from "../trace/link-trace.ts";
import { TraceRecorder } from "../trace/recorder.ts";
import { ConnectionTable } from "./connection-table.ts";
import { EventGate } from "./event-gate.ts";
import { EventHistory } from "./event-history.ts";
import { readFromPage } from "./from-page.ts";
import { describeHost } from "./host-description.ts";
import { type InspectorLimits, USUAL_LIMITS } from "./limits.ts";
import { PacketRing } from "./packet-ring.ts";
import type { Problem } from "./problem.ts";
import {
  type Control,
  type FromPage,
  type Hello,
  type InspectorChannel,
  PROTOCOL_VERSION,
  type ToPage,
} from "./protocol.ts";
import { queuesOf } from "./queues.ts";
import { SnapshotSeries } from "./snapshot-series.ts";
import { WatchedHost } from "./watched-host.ts";
import { WatchingPage } from "./watching-page.ts";
import { describeWire, type Wire, type WireDirection, wireOfLink } from "./wires.ts";

export interface InspectorOptions {
  readonly title: string;
  readonly kind: Hello["kind"];
  /** The hosts'. */
  readonly clock: Clock;
  /** Instant 0 of the clock, in µs since 1970; undefined: virtual time. */
  readonly epoch?: number | undefined;
  readonly scene?: string | undefined;
  readonly seed?: number | undefined;
  /**
   * What a page may do with time; answers why it could not be done. Undefined: time is real.
   */
  readonly onTimeControl?: ((control: TimeControl) => Problem | undefined) | undefined;
  /** Frames are kept from the beginning; else only while a page looks at packets. */
  readonly keepsPackets?: boolean | undefined;
  readonly limits?: Partial<InspectorLimits> | undefined;
}

export type TimeControl = Extract<
  Control,
  { readonly action: "pause" | "resume" | "step" | "speed" | "replay" }
>;

export class Inspector {
  readonly #options: InspectorOptions;
  readonly #limits: InspectorLimits;
  readonly #hosts = new Map<Host, WatchedHost>();
  readonly #wires: Wire[] = [];
  readonly #pages = new Map<InspectorChannel, WatchingPage>();
  readonly #table: ConnectionTable;
  readonly #history: EventHistory;
  readonly #packets: PacketRing;
  readonly #snapshots: SnapshotSeries;
  readonly #gate: EventGate;
  readonly #recorder: TraceRecorder;
  readonly #ends: Array<() => void> = [];
  /** By any page. */
  #watched: ReadonlySet<number> = new Set();

  constructor(options: InspectorOptions) {
    const limits = { ...USUAL_LIMITS, ...options.limits };
    this.#options = options;
    this.#limits = limits;
    this.#history = new EventHistory(limits.history);
    this.#packets = new PacketRing(limits.packets);
    this.#snapshots = new SnapshotSeries(limits.snapshotInterval);
    this.#gate = new EventGate(limits, connection => this.#watched.has(connection));
    this.#recorder = new TraceRecorder({
      sink: event => this.#recorded(event),
      wants: (connection, name, now) => this.#gate.wants(connection, name, now),
    });
    this.#table = new ConnectionTable(limits.table, {
      rowChanged: ({ number }) => this.#eachPage(page => page.rowChanged(number)),
      rowGone: connection => {
        this.#snapshots.forget(connection);
        this.#eachPage(page => page.rowGone(connection));
      },
    });
  }

  get pages(): number {
    return this.#pages.size;
  }

  // --- what is watched

  watchHost(host: Host): void {
    if (this.#hosts.has(host)) return;
    this.#hosts.set(host, new WatchedHost(host, this.#recorder, this.#table, this.#packets));
    this.#followPackets();
    this.#greetAll();
  }

  /** It may be changed by pages, and what it takes is told. */
  watchWire(wire: Wire): void {
    this.#wires.push(wire);
    this.#ends.push(traceLink(wire.link, this.#recorder));
    this.#greetAll();
  }

  /** A link of a simulated network. */
  watchLink(link: FaultyLink & TracedLink): void {
    this.watchWire(wireOfLink(link));
  }

  /** An event that no host tells: a remark of a scene, a fault of a wire. */
  put(event: TraceEvent): void {
    this.#history.add(event);
    this.#eachPage(page => {
      if (page.hears(event.connection)) page.happened(event);
    });
  }

  #recorded(event: TraceEvent): void {
    const skipped = this.#gate.made(event);
    if (skipped !== undefined) this.put(skipped);
    this.put(event);
  }

  // --- pages

  join(channel: InspectorChannel): void {
    const page = new WatchingPage(channel);
    this.#pages.set(channel, page);
    channel.onMessage = message => this.#heard(page, message);
    channel.onClosed = () => this.leave(channel);
    page.send(this.#hello());
    for (const { number } of this.#table.entries()) page.rowChanged(number);
    page.remember(this.#history.of(OF_NOBODY, this.#limits.past));
  }

  leave(channel: InspectorChannel): void {
    if (!this.#pages.delete(channel)) return;
    channel.onMessage = undefined;
    channel.onClosed = undefined;
    this.#watchesChanged();
    this.#followPackets();
  }

  /** A message that the inspector itself does not know, such as a simulation's clock. */
  broadcast(message: ToPage): void {
    this.#eachPage(page => {
      if (!page.isBehind) page.send(message);
    });
  }

  /** @param everything what is told so often at most is told, too: after a step of a paused simulation */
  tick(everything = false): void {
    const now = this.#options.clock.now();
    for (const host of this.#hosts.values()) host.lookForNewcomers(now);
    if (this.#pages.size === 0) return;
    this.#eachPage(({ watched }) => {
      for (const connection of watched) this.#table.lookAt(connection, now);
    });
    this.#table.look(now);
    const snapshotsAreDue = this.#snapshots.due(now) || everything;
    this.#eachPage(page => {
      if (page.isBehind) return;
      page.tellRows(this.#table, now);
      page.tellPast(this.#history, this.#limits.past);
      page.tellEvents();
      page.tellPackets(this.#packets);
      if (snapshotsAreDue) this.#tellSnapshots(page, now);
      this.#tellStates(page, now);
    });
  }

  /** Nothing is watched any more. Channels are their owners'. */
  close(): void {
    for (const host of this.#hosts.values()) host.end();
    this.#hosts.clear();
    for (const end of this.#ends.splice(0)) end();
    for (const channel of [...this.#pages.keys()]) this.leave(channel);
  }

  #eachPage(act: (page: WatchingPage) => void): void {
    for (const page of this.#pages.values()) act(page);
  }

  #hello(): Hello {
    const { title, kind, epoch, scene, seed, onTimeControl } = this.#options;
    return {
      type: "hello",
      version: PROTOCOL_VERSION,
      kind,
      title,
      hosts: [...this.#hosts.keys()].map(describeHost),
      abilities: { time: onTimeControl !== undefined, links: this.#wires.length > 0 },
      ...(epoch === undefined ? {} : { epoch }),
      ...(scene === undefined ? {} : { scene }),
      ...(seed === undefined ? {} : { seed }),
    };
  }

  /** Something else is watched now: pages begin anew. */
  #greetAll(): void {
    for (const channel of [...this.#pages.keys()]) this.join(channel);
  }

  #tellSnapshots(page: WatchingPage, now: Instant): void {
    for (const connection of page.watched) {
      const entry = this.#table.get(connection);
      if (entry === undefined) continue;
      const snapshot = this.#snapshots.take(entry, now);
      page.sendIfNew(`snapshot ${connection}`, snapshot, { ...snapshot, time: 0 });
    }
  }

  #tellStates(page: WatchingPage, now: number): void {
    const queues = queuesOf(this.#hosts.keys());
    page.sendIfNew("queues", { type: "queues", time: now, ...queues }, queues);
    if (this.#wires.length === 0) return;
    const links = this.#wires.map(describeWire);
    page.sendIfNew("links", { type: "links", links }, links);
  }

  // --- what pages say

  /** Pages are programs of others: what makes no sense is answered, too. */
  #heard(page: WatchingPage, said: FromPage): void {
    const read = readFromPage(said);
    if (!read.ok) {
      page.trouble(read.problem);
      return;
    }
    const { message } = read;
    switch (message.type) {
      case "watch": {
        page.watch(message.connections);
        this.#watchesChanged();
        page.tellPast(this.#history, this.#limits.past);
        return;
      }
      case "watch-packets": {
        const problem = page.watchPackets(message, this.#packets, this.#linkTypes());
        if (problem !== undefined) page.trouble(problem);
        this.#followPackets();
        return;
      }
      default:
        this.#control(page, message);
    }
  }

  #control(page: WatchingPage, control: Control): void {
    if (!("direction" in control)) {
      const { onTimeControl } = this.#options;
      const problem = onTimeControl === undefined ? REAL_TIME : onTimeControl(control);
      if (problem !== undefined) page.trouble(problem);
      return;
    }
    const direction = this.#direction(control.direction);
    if (direction === undefined) page.trouble({ kind: "no-such-wire" });
    else if (control.action === "impair") direction.impair(control);
    else if (!direction.hasGate) page.trouble({ kind: "no-single-segment" });
    else if (direction.isAimedAt) page.trouble({ kind: "fate-decided" });
    else if (control.action === "drop-next") direction.dropNext();
    else direction.delayNext(control.delay as Duration);
  }

  #direction(id: string): WireDirection | undefined {
    for (const { directions } of this.#wires)
      for (const direction of directions) if (direction.id === id) return direction;
    return undefined;
  }

  #watchesChanged(): void {
    this.#watched = new Set([...this.#pages.values()].flatMap(page => [...page.watched]));
  }

  #linkTypes(): number[] {
    return [...new Set([...this.#hosts.values()].flatMap(host => host.linkTypes))];
  }

  /** Frames cost those who send them something as soon as somebody looks. */
  #followPackets(): void {
    const isSeen = [...this.#pages.values()].some(page => page.wantsPackets);
    const wanted = this.#options.keepsPackets === true || isSeen;
    this.#packets.isSeen = isSeen;
    for (const host of this.#hosts.values()) host.followPackets(wanted);
  }
}

const REAL_TIME: Problem = { kind: "real-time" };

/** Events of no connection. */
const OF_NOBODY: ReadonlySet<number> = new Set([0]);
