/**
 * The half-open connections of a host: SYN-ACKs, their repetition, and what becomes of an entry. RFC 9293
 * §3.5, RFC 6298 §5 on a record.
 */
import { type Seq, seqAdd } from "../../base/seq.ts";
import type { Instant } from "../../base/time.ts";
import { TCP_FLAG } from "../../wire/tcp.ts";
import { Timestamps } from "../receive/timestamps.ts";
import type { Records } from "../records.ts";
import type { SegmentWriter } from "../segment-writer.ts";
import type { TcpState } from "../states.ts";
import { type ConnectionOwner, TcpConnection } from "../tcp-connection.ts";
import type { TcpContext } from "../tcp-context.ts";
import { agree, answer } from "./negotiate.ts";
import type { SynEntry } from "./syn-entry.ts";

export class SynQueue {
  readonly #context: TcpContext;
  readonly #records: Records;
  readonly #writer: SegmentWriter;

  constructor(context: TcpContext, records: Records, writer: SegmentWriter) {
    this.#context = context;
    this.#records = records;
    this.#writer = writer;
  }

  /** The window that a SYN or SYN-ACK tells: not scaled (RFC 7323 §2.2). */
  get window(): number {
    return Math.min(this.#context.config.receiveBuffer, 0xffff);
  }

  add(entry: SynEntry, from: TcpState): void {
    entry.listener.halfOpen++;
    this.#records.add(entry);
    entry.sentAt = this.#context.now;
    this.#arm(entry);
    this.#context.probe?.stateChanged?.(entry, from, "SYN-RECEIVED");
  }

  drop(entry: SynEntry, to: TcpState): void {
    this.#take(entry);
    this.#context.counters.attemptFails++;
    this.#context.probe?.stateChanged?.(entry, "SYN-RECEIVED", to);
  }

  sendSynAck(entry: SynEntry): void {
    const offer = answer(entry.ours, entry.theirs);
    this.#begin(entry, TCP_FLAG.syn | TCP_FLAG.ack, entry.iss, this.window);
    const { options } = this.#writer;
    options.mss = offer.mss;
    options.windowScale = offer.windowScale;
    options.sackPermitted = offer.sack;
    this.#writer.send(entry.path);
  }

  /**
   * Answers what does not fit, seldom: two half-open ends would take each other's answers for more of it, for
   * ever.
   */
  acknowledge(entry: SynEntry): void {
    const { now, config } = this.#context;
    if (now - entry.answeredAt < config.invalidAckInterval) return;
    entry.answeredAt = now;
    const scale = Math.max(0, answer(entry.ours, entry.theirs).windowScale);
    this.#begin(entry, TCP_FLAG.ack, entry.sndNxt, this.window >> scale);
    this.#writer.send(entry.path);
  }

  /** The SYN-ACK's timer has run out. */
  expired(entry: SynEntry): void {
    if (entry.retransmissions >= this.#context.config.synAckRetries) {
      this.drop(entry, "LISTEN");
      return;
    }
    entry.retransmissions++;
    this.#context.counters.segmentsRetransmitted++;
    this.#context.probe?.retransmitted?.(entry, "syn");
    this.sendSynAck(entry);
    this.#arm(entry);
  }

  /** The peer has acknowledged our SYN: the entry's numbers become a connection, still in SYN-RECEIVED. */
  establish(entry: SynEntry, owner: ConnectionOwner): TcpConnection {
    this.#take(entry);
    const connection = new TcpConnection(owner, this.#context.config, entry);
    const { tcb } = connection;
    tcb.state = "SYN-RECEIVED";
    tcb.irs = entry.irs;
    tcb.rcv.nxt = entry.rcvNxt;
    tcb.rcv.up = entry.rcvNxt;
    tcb.rcv.adv = seqAdd(entry.rcvNxt, this.window);
    tcb.snd.nxt = entry.sndNxt;
    tcb.snd.wnd = entry.window;
    connection.lastAckSent = entry.rcvNxt;
    connection.agreed(agree(entry.ours, entry.theirs));
    if (connection.timestamps.enabled) connection.timestamps.received(entry.timestamp, this.#context.now);
    connection.queue.sent(tcb.iss, tcb.snd.nxt, true, false, entry.sentAt);
    for (let i = 0; i < entry.retransmissions; i++) {
      connection.queue.resent(connection.queue.at(0), this.#context.now);
    }
    this.#records.add(connection);
    this.#context.counters.passiveOpens++;
    return connection;
  }

  #take(entry: SynEntry): void {
    entry.listener.halfOpen--;
    this.#records.remove(entry);
  }

  #arm(entry: SynEntry): void {
    const { config, now } = this.#context;
    entry.deadline = (now +
      Math.min(config.initialRto * 2 ** entry.retransmissions, config.maxRto)) as Instant;
    this.#records.touch(entry);
    this.#context.wake();
  }

  #begin(entry: SynEntry, flags: number, sequence: Seq, window: number): void {
    this.#writer.begin(entry.localPort, entry.remotePort, flags, sequence, entry.rcvNxt, window);
    if (!entry.ours.timestamps || !entry.theirs.timestamps) return;
    const clock = new Timestamps(entry.timestampOffset);
    this.#writer.timestamps(clock.value(this.#context.now), entry.timestamp);
  }
}
