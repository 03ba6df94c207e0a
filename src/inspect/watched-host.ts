/**
 * One host under watch: its connections go into the table, its frames into the ring as long as somebody looks
 * at packets, and what happens in it becomes events, as many as the budget has room for.
 */

import type { PacketBuffer } from "../base/packet-buffer.ts";
import type { Instant } from "../base/time.ts";
import { linkTypeOf } from "../capture/link-type.ts";
import type { Host } from "../host/host.ts";
import type { FrameDirection } from "../link/tap.ts";
import type { NetInterface } from "../net/interface.ts";
import { TimeWait } from "../tcp/closing/time-wait.ts";
import { SynEntry } from "../tcp/handshake/syn-entry.ts";
import type { TcpConnection } from "../tcp/tcp-connection.ts";
import type { FourTuple, TcpEnd, TcpProbe } from "../tcp/tcp-probe.ts";
import type { TraceEvent } from "../trace/event.ts";
import type { ConnectionTable } from "./connection-table.ts";
import type { InspectorLimits } from "./limits.ts";
import type { PacketRing } from "./packet-ring.ts";

export interface HostWatcher {
  readonly limits: InspectorLimits;
  readonly table: ConnectionTable;
  readonly packets: PacketRing;
  happened(event: TraceEvent): void;
  isWatched(connection: number): boolean;
  nextConnection(): number;
}

/** Connections that were there before the inspector are found in turns of so many. */
const NEWCOMERS = 2_000;

export class WatchedHost {
  readonly #host: Host;
  readonly #watcher: HostWatcher;
  readonly #ends: Array<() => void> = [];
  #endOfPackets: (() => void) | undefined = undefined;
  readonly #numbers = new WeakMap<TcpEnd, number>();
  /** Those that were there before; undefined: all have been found. */
  #before: Iterator<TcpConnection> | undefined;

  constructor(host: Host, watcher: HostWatcher) {
    this.#host = host;
    this.#watcher = watcher;
    this.#before = host.tcp.connections();
    this.#ends.push(host.observe({ tcp: this.#tableProbe() }));
  }

  get linkTypes(): number[] {
    return this.#host.net.interfaces().map(({ device }) => linkTypeOf(device.medium));
  }

  end(): void {
    this.followPackets(false);
    for (const end of this.#ends) end();
  }

  followPackets(on: boolean): void {
    if (on === (this.#endOfPackets !== undefined)) return;
    this.#endOfPackets?.();
    this.#endOfPackets = on ? this.#host.observe({ frames: this.#frameObserver() }) : undefined;
  }

  lookForNewcomers(now: Instant): void {
    for (let left = NEWCOMERS; left > 0 && this.#before !== undefined; left--) {
      const { value, done } = this.#before.next();
      if (done === true) this.#before = undefined;
      else this.#seen(value, now);
    }
  }

  #tableProbe(): TcpProbe {
    return {
      opened: end => this.#seen(end, this.#host.now),
      continued: (before, after) => {
        this.#numbers.set(after, this.#numberOf(before));
        this.#seen(after, this.#host.now);
      },
      // Where TIME-WAIT follows, another record goes on.
      ended: connection => {
        if (connection.state !== "TIME-WAIT") this.#left(connection);
      },
      stateChanged: (tuple, _, to) => {
        if (isRecord(tuple) && (to === "CLOSED" || to === "LISTEN")) this.#left(tuple);
      },
    };
  }

  #left(end: TcpEnd): void {
    this.#watcher.table.ended(this.#numberOf(end), this.#host.now);
  }

  #frameObserver() {
    const { packets } = this.#watcher;
    const host = this.#host.name;
    return {
      frame: (iface: NetInterface, direction: FrameDirection, frame: PacketBuffer): void => {
        const { name, device } = iface;
        const linkType = linkTypeOf(device.medium);
        packets.add({ host, interface: name, direction, linkType, time: this.#host.now }, frame);
      },
    };
  }

  #seen(end: TcpEnd, now: Instant): void {
    this.#watcher.table.seen(this.#numberOf(end), this.#host.name, end, now);
  }

  #numberOf(end: TcpEnd): number {
    const known = this.#numbers.get(end);
    if (known !== undefined) return known;
    const number = this.#watcher.nextConnection();
    this.#numbers.set(end, number);
    return number;
  }
}

/** One that is less than a connection: connections tell of their end themselves. */
function isRecord(tuple: FourTuple): tuple is SynEntry | TimeWait {
  return tuple instanceof SynEntry || tuple instanceof TimeWait;
}
