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
import type { TcpConnection } from "../tcp/tcp-connection.ts";
import type { TcpEnd, TcpProbe } from "../tcp/tcp-probe.ts";
import type { TraceRecorder } from "../trace/recorder.ts";
import type { ConnectionTable } from "./connection-table.ts";
import type { PacketRing } from "./packet-ring.ts";

/** Connections that were there before the inspector are found in turns of so many. */
const NEWCOMERS = 2_000;

export class WatchedHost {
  readonly #host: Host;
  readonly #recorder: TraceRecorder;
  readonly #table: ConnectionTable;
  readonly #packets: PacketRing;
  readonly #ends: Array<() => void> = [];
  #endOfPackets: (() => void) | undefined = undefined;
  /** Those that were there before; undefined: all have been found. */
  #before: Iterator<TcpConnection> | undefined;
  /** Told by the probe while those are looked for: they are found as well, and are no others. */
  readonly #told = new Set<TcpEnd>();

  constructor(host: Host, recorder: TraceRecorder, table: ConnectionTable, packets: PacketRing) {
    this.#host = host;
    this.#recorder = recorder;
    this.#table = table;
    this.#packets = packets;
    const isNew = host.tcp.connections().next().done === true;
    this.#before = isNew ? undefined : host.tcp.connections();
    // The recorder hears first: it has a number for each end when the table wants it.
    this.#ends.push(recorder.watch(host), host.observe({ tcp: this.#tableProbe() }));
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
      else if (!this.#told.has(value)) this.#table.seen(this.#numberOf(value), this.#host.name, value, now);
    }
    if (this.#before === undefined) this.#told.clear();
  }

  #tableProbe(): TcpProbe {
    const table = this.#table;
    const host = this.#host;
    return {
      opened: end => {
        this.#isTold(end);
        table.seen(this.#numberOf(end), host.name, end, host.now);
      },
      continued: (before, after) => {
        this.#told.delete(before);
        this.#isTold(after);
        table.continued(this.#numberOf(after), host.name, after, host.now);
      },
      left: end => {
        this.#told.delete(end);
        table.ended(this.#numberOf(end), host.now);
      },
    };
  }

  #isTold(end: TcpEnd): void {
    if (this.#before !== undefined) this.#told.add(end);
  }

  #frameObserver() {
    const packets = this.#packets;
    const host = this.#host.name;
    return {
      wants: (): boolean => packets.wants(this.#host.now),
      frame: (iface: NetInterface, direction: FrameDirection, frame: PacketBuffer): void => {
        const { name, device } = iface;
        const linkType = linkTypeOf(device.medium);
        packets.add({ host, interface: name, direction, linkType, time: this.#host.now }, frame);
      },
    };
  }

  #numberOf(end: TcpEnd): number {
    return this.#recorder.numberOf(end);
  }
}
