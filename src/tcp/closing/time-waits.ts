/** The TIME-WAIT records of a host: RFC 9293 §3.6.1. How many there may be is limited, as on Linux. */
import type { Instant } from "../../base/time.ts";
import { TCP_FLAG } from "../../wire/tcp.ts";
import type { Records } from "../records.ts";
import type { SegmentWriter } from "../segment-writer.ts";
import type { StateCause } from "../states.ts";
import type { TcpConnection } from "../tcp-connection.ts";
import type { TcpContext } from "../tcp-context.ts";
import { finish } from "./end.ts";
import { TimeWait } from "./time-wait.ts";
import { TimeWaitOrder } from "./time-wait-order.ts";

export class TimeWaits {
  readonly #context: TcpContext;
  readonly #records: Records;
  readonly #writer: SegmentWriter;
  readonly #order = new TimeWaitOrder();
  #count = 0;

  constructor(context: TcpContext, records: Records, writer: SegmentWriter) {
    this.#context = context;
    this.#records = records;
    this.#writer = writer;
  }

  /** A connection has reached TIME-WAIT, and its last ACK is sent: ten numbers of it remain. */
  enter(c: TcpConnection): void {
    this.#records.remove(c);
    finish(c);
    this.#context.probe?.ended?.(c);
    if (this.#count >= this.#context.config.timeWaitLimit) {
      this.#context.probe?.stateChanged?.(c, "TIME-WAIT", "CLOSED", "too many in TIME-WAIT");
      this.#context.probe?.left?.(c);
      return;
    }
    const { tcb } = c;
    const bytes = tcb.receiveWindow;
    const window = { field: c.receiveWindow.field(bytes, bytes, bytes), bytes };
    const { now } = this.#context;
    const record = new TimeWait(c.path, c, tcb.snd.nxt, tcb.rcv.nxt, window, c.timestamps, now);
    record.signatures = c.signatures;
    this.#count++;
    this.#context.counters.timeWaits++;
    this.#records.add(record);
    this.#context.probe?.continued?.(c, record);
    this.#begin(record);
  }

  restart(record: TimeWait): void {
    this.#order.remove(record);
    this.#begin(record);
  }

  #begin(record: TimeWait): void {
    record.deadline = (this.#context.now + this.#context.config.timeWait) as Instant;
    this.#order.add(record);
    this.#context.probe?.timer?.(record, "time-wait", "set", record.deadline);
    this.#context.wake();
  }

  /** None ends before this. */
  get deadline(): Instant {
    return this.#order.deadline;
  }

  /** Ends those that have waited long enough. */
  expire(): void {
    const { now } = this.#context;
    for (let due = this.#order.due(now); due !== undefined; due = this.#order.due(now)) {
      this.#context.probe?.timer?.(due, "time-wait", "fired", due.deadline);
      this.#end(due, "2 MSL have passed");
    }
  }

  /** Sooner than it would by itself. */
  end(record: TimeWait, cause: StateCause): void {
    this.#context.probe?.timer?.(record, "time-wait", "cancelled", record.deadline);
    this.#end(record, cause);
  }

  /** To a newer SYN, with which the same four-tuple goes on in SYN-RECEIVED. */
  giveWay(record: TimeWait): void {
    const { probe } = this.#context;
    this.#remove(record);
    probe?.timer?.(record, "time-wait", "cancelled", record.deadline);
    probe?.left?.(record);
  }

  #end(record: TimeWait, cause: StateCause): void {
    const { probe } = this.#context;
    this.#remove(record);
    probe?.stateChanged?.(record, "TIME-WAIT", "CLOSED", cause);
    probe?.left?.(record);
  }

  #remove(record: TimeWait): void {
    this.#count--;
    this.#order.remove(record);
    this.#records.remove(record);
  }

  /**
   * Whether a connection that we open may take a record's four-tuple: RFC 6191's reasons, the other way
   * round. Its timestamps tell the peer, if that still has the old connection, new segments from old ones.
   *
   * @param wanted the user asked for this very port
   */
  mayReplace(record: TimeWait, wanted: boolean): boolean {
    if (!record.timestamps.hasRecent) return false;
    if (wanted) return true;
    const { now, config } = this.#context;
    const isLoopback = record.local.isLoopback || record.remote.isLoopback;
    if (config.timeWaitReuse === 0 || (config.timeWaitReuse === 2 && !isLoopback)) return false;
    return now - record.enteredAt > config.timeWaitReuseDelay;
  }

  /** A connection that we open takes over: its SYN echoes the timestamp that the peer had last. */
  replace(record: TimeWait, c: TcpConnection): void {
    const { recent, recentAt } = record.timestamps;
    c.timestamps.received(recent, recentAt);
    this.end(record, "active OPEN takes its place");
  }

  /** @param seldom twice a second at most */
  acknowledge(record: TimeWait, seldom: boolean): void {
    const { now, config, counters } = this.#context;
    if (seldom && now - record.answeredAt < config.invalidAckInterval) {
      counters.skippedTimeWait++;
      return;
    }
    if (seldom) record.answeredAt = now;
    const { sndNxt, rcvNxt, windowField: field, timestamps } = record;
    this.#writer.begin(record, TCP_FLAG.ack, sndNxt, rcvNxt, field, "time-wait");
    this.#writer.sign(record.signatures?.keyFor(record.remote));
    if (timestamps.enabled) this.#writer.timestamps(timestamps.value(now), timestamps.recent);
    this.#writer.send(record.path);
  }
}
