/**
 * Everything that has a four-tuple: connections, half-open ones, TIME-WAIT records; found by the demux, woken
 * by one timer queue; but for the last of these, which all wait equally long (closing/time-wait-order).
 */
import type { Random } from "../base/random.ts";
import type { Instant } from "../base/time.ts";
import { TimerQueue } from "../base/timers.ts";
import type { IpAddress } from "../wire/address.ts";
import type { TimeWait } from "./closing/time-wait.ts";
import { Demux } from "./demux.ts";
import type { SynEntry } from "./handshake/syn-entry.ts";
import type { TcpConnection } from "./tcp-connection.ts";

export type TcpRecord = TcpConnection | SynEntry | TimeWait;

type TimedRecord = TcpConnection | SynEntry;

export class Records implements Iterable<TcpRecord> {
  readonly #demux: Demux<TcpRecord>;
  readonly #timers = new TimerQueue<TimedRecord>();

  constructor(random: Random) {
    this.#demux = new Demux(random);
  }

  lookup(local: IpAddress, localPort: number, remote: IpAddress, remotePort: number): TcpRecord | undefined {
    return this.#demux.lookup(local, localPort, remote, remotePort);
  }

  /** A hash that no stranger can aim. */
  readonly hash = (local: IpAddress, localPort: number, remote: IpAddress, remotePort: number): number =>
    this.#demux.hash(local, localPort, remote, remotePort);

  add(record: TcpRecord): void {
    this.#demux.add(record);
  }

  remove(record: TcpRecord): void {
    this.#demux.remove(record);
    if (record.kind !== "time-wait") this.#timers.remove(record);
  }

  /** The record's deadline may have moved earlier. */
  touch(record: TimedRecord): void {
    this.#timers.touch(record);
  }

  /** No timer is due before this. */
  get deadline(): Instant {
    return this.#timers.next();
  }

  expire(now: Instant, expired: (record: TimedRecord) => void): void {
    this.#timers.run(now, expired);
  }

  [Symbol.iterator](): Iterator<TcpRecord> {
    return this.#demux[Symbol.iterator]();
  }
}
