/**
 * The half-open connections of a host: SYN-ACKs, their repetition, and what becomes of an entry. RFC 9293
 * §3.5, RFC 6298 §5 on a record.
 */
import { type Seq, seqAdd } from "../../base/seq.ts";
import { type Instant, NEVER } from "../../base/time.ts";
import { TCP_FLAG } from "../../wire/tcp.ts";
import { endsHalfOpen } from "../closing/icmp-errors.ts";
import type { ConnectionOwner } from "../connection-owner.ts";
import { initialWindow } from "../receive/initial-window.ts";
import { clockTicks, TIMESTAMPS_SIZE } from "../receive/timestamps.ts";
import type { Records } from "../records.ts";
import type { SegmentWriter } from "../segment-writer.ts";
import { NEWER_SYN, type StateCause, type TcpState } from "../states.ts";
import { TcpConnection } from "../tcp-connection.ts";
import type { IcmpError, TcpContext } from "../tcp-context.ts";
import type { SegmentPurpose } from "../tcp-probe.ts";
import { agreed } from "./agreement.ts";
import type { Listener } from "./listener.ts";
import { agree, answer } from "./negotiate.ts";
import { afterTimeout, retriesUnderLoad } from "./syn-ack-policy.ts";
import type { SynEntry } from "./syn-entry.ts";

export class SynQueue {
  /** Of the SYN that was answered with a cookie last: the next one's has its place, and nothing is made. */
  forgotten: SynEntry | undefined = undefined;
  readonly #context: TcpContext;
  readonly #records: Records;
  readonly #writer: SegmentWriter;

  constructor(context: TcpContext, records: Records, writer: SegmentWriter) {
    this.#context = context;
    this.#records = records;
    this.#writer = writer;
  }

  add(entry: SynEntry, from: TcpState): void {
    entry.listener.halfOpen++;
    entry.listener.young++;
    this.#records.add(entry);
    entry.sentAt = this.#context.now;
    const { probe } = this.#context;
    probe?.opened?.(entry);
    const cause = from === "TIME-WAIT" ? NEWER_SYN : "SYN received, SYN-ACK sent";
    probe?.stateChanged?.(entry, from, "SYN-RECEIVED", cause);
    this.#arm(entry);
  }

  drop(entry: SynEntry, to: TcpState, cause: StateCause): void {
    this.#take(entry);
    this.#context.counters.attemptFails++;
    const { probe } = this.#context;
    probe?.stateChanged?.(entry, "SYN-RECEIVED", to, cause);
    probe?.left?.(entry);
  }

  /** For an entry that is forgotten. @param ticks what the timestamp says, without its offset */
  sendCookie(entry: SynEntry, ticks?: number): void {
    this.#beginSynAck(entry, "syn-cookie", ticks);
    this.#writer.send(entry.path);
  }

  /** The first SYN-ACK, which may give a cookie for Fast Open next time: RFC 7413 §4.1.2. */
  sendFirstSynAck(entry: SynEntry, cookie: Uint8Array | undefined, isExperimental: boolean): void {
    this.#beginSynAck(entry, "handshake");
    if (cookie !== undefined) this.#writer.options.offerFastOpen(cookie, isExperimental);
    this.#writer.send(entry.path);
  }

  #beginSynAck(entry: SynEntry, why: SegmentPurpose, ticks?: number): void {
    const offer = answer(entry.ours, entry.theirs);
    const ecn = offer.ecn ? TCP_FLAG.ece : 0;
    this.#begin(entry, TCP_FLAG.syn | TCP_FLAG.ack | ecn, entry.iss, windowOf(entry), why, ticks);
    const { options } = this.#writer;
    options.mss = offer.mss;
    options.windowScale = offer.windowScale;
    options.sackPermitted = offer.sack;
  }

  /** The peer repeats its SYN: it wants the SYN-ACK now, and the timer starts anew. */
  repeatSynAck(entry: SynEntry): void {
    if (!this.#mayAnswer(entry)) return;
    this.#resend(entry);
    this.#arm(entry);
  }

  /**
   * Answers what does not fit. @param seldom two half-open ends would take each other's answers for more of
   * it, for ever
   */
  acknowledge(entry: SynEntry, seldom: boolean): void {
    if (seldom && !this.#mayAnswer(entry)) return;
    const scale = Math.max(0, answer(entry.ours, entry.theirs).windowScale);
    this.#begin(entry, TCP_FLAG.ack, entry.sndNxt, windowOf(entry) >> scale, "challenge-ack");
    this.#writer.send(entry.path);
  }

  /**
   * An ICMP error about our SYN-ACK: the peer cannot be reached, so it will not answer. Only one that quotes
   * our number is believed (RFC 5927 §4.1).
   */
  icmpError(entry: SynEntry, error: IcmpError, sequence: Seq): boolean {
    if (sequence !== entry.iss) return false;
    if (endsHalfOpen(error)) this.drop(entry, "LISTEN", "ICMP error received");
    return true;
  }

  /** The SYN-ACK's timer has run out. */
  expired(entry: SynEntry): void {
    const { listener } = entry;
    this.#context.counters.timeouts++;
    this.#context.probe?.timer?.(entry, "syn-ack", "fired", entry.deadline);
    entry.deadline = NEVER;
    const retries = retriesUnderLoad(listener.config.synAckRetries, listener);
    const verdict = afterTimeout(entry, retries, listener.deferAccept);
    if (verdict === "give up") {
      this.drop(entry, "LISTEN", "retransmissions given up");
      return;
    }
    if (verdict === "send again") this.#resend(entry);
    if (entry.timeouts++ === 0) listener.young--;
    this.#arm(entry);
  }

  /** Its listener is closed: another one, on the same port, takes the entry over. */
  migrate(entry: SynEntry, heir: Listener): void {
    this.#uncount(entry);
    entry.listener = heir;
    heir.halfOpen++;
    if (entry.timeouts === 0) heir.young++;
  }

  /** The peer has acknowledged our SYN: the entry's numbers become a connection, still in SYN-RECEIVED. */
  establish(entry: SynEntry, owner: ConnectionOwner): TcpConnection {
    this.#take(entry);
    const connection = this.#connection(entry, owner);
    const { queue, tcb } = connection;
    const syn = queue.sent(tcb.iss, tcb.snd.nxt, 1, true, false, entry.sentAt);
    for (let i = 0; i < entry.retransmissions; i++) queue.resent(syn, this.#context.now);
    return connection;
  }

  /** The same for an entry that a SYN cookie brings back: when the SYN-ACK was sent, nobody knows. */
  revive(entry: SynEntry, owner: ConnectionOwner): TcpConnection {
    const { probe } = this.#context;
    probe?.opened?.(entry);
    probe?.stateChanged?.(entry, "LISTEN", "SYN-RECEIVED", "SYN cookie received");
    const connection = this.#connection(entry, owner);
    connection.tcb.snd.una = entry.sndNxt;
    return connection;
  }

  #connection(entry: SynEntry, owner: ConnectionOwner): TcpConnection {
    const connection = this.connectionOf(entry, owner);
    const { tcb } = connection;
    tcb.state = "SYN-RECEIVED";
    tcb.rcv.adv = seqAdd(entry.rcvNxt, windowOf(entry));
    tcb.snd.nxt = entry.sndNxt;
    this.#records.add(connection);
    this.#context.probe?.continued?.(entry, connection);
    return connection;
  }

  /** A connection with an entry's numbers, whose SYN-ACK has not been sent. */
  connectionOf(entry: SynEntry, owner: ConnectionOwner): TcpConnection {
    const connection = new TcpConnection(owner, entry.listener.config, entry);
    const { tcb } = connection;
    tcb.irs = entry.irs;
    tcb.rcv.nxt = entry.rcvNxt;
    tcb.rcv.up = entry.rcvNxt;
    tcb.rcv.adv = entry.rcvNxt;
    tcb.snd.wnd = entry.window;
    tcb.snd.maxWnd = entry.window;
    tcb.snd.wl1 = entry.irs;
    tcb.snd.wl2 = entry.iss;
    connection.lastAckSent = entry.rcvNxt;
    connection.savedSyn = entry.savedSyn;
    // The SYN.
    connection.tally.segmentsIn = 1;
    agreed(connection, agree(entry.ours, entry.theirs));
    if (connection.timestamps.enabled) connection.timestamps.received(entry.timestamp, this.#context.now);
    this.#context.counters.passiveOpens++;
    return connection;
  }

  #take(entry: SynEntry): void {
    this.#uncount(entry);
    this.#records.remove(entry);
    if (entry.deadline === NEVER) return;
    this.#context.probe?.timer?.(entry, "syn-ack", "cancelled", entry.deadline);
  }

  #uncount({ listener, timeouts }: SynEntry): void {
    listener.halfOpen--;
    if (timeouts === 0) listener.young--;
  }

  #mayAnswer(entry: SynEntry): boolean {
    const { now, config, counters } = this.#context;
    if (now - entry.answeredAt < config.invalidAckInterval) {
      counters.skippedSynReceived++;
      return false;
    }
    entry.answeredAt = now;
    return true;
  }

  #resend(entry: SynEntry): void {
    entry.retransmissions++;
    this.#context.counters.segmentsRetransmitted++;
    this.#beginSynAck(entry, "syn");
    this.#writer.send(entry.path);
  }

  #arm(entry: SynEntry): void {
    const { initialRto, maxRto } = entry.listener.config;
    entry.deadline = (this.#context.now + Math.min(initialRto * 2 ** entry.timeouts, maxRto)) as Instant;
    this.#records.touch(entry);
    this.#context.probe?.timer?.(entry, "syn-ack", "set", entry.deadline);
    this.#context.wake();
  }

  #begin(
    entry: SynEntry,
    flags: number,
    sequence: Seq,
    window: number,
    why: SegmentPurpose,
    ticks?: number,
  ): void {
    this.#writer.begin(entry, flags, sequence, entry.rcvNxt, window, why);
    this.#writer.sign(entry.signatures?.keyFor(entry.remote));
    if (!entry.ours.timestamps || !entry.theirs.timestamps) return;
    const value = (ticks ?? clockTicks(this.#context.now)) + entry.timestampOffset;
    this.#writer.timestamps(value | 0, entry.timestamp);
  }
}

/** The window that a SYN-ACK tells: not scaled (RFC 7323 §2.2). */
export function windowOf({ listener, ours, theirs }: SynEntry): number {
  const { mss, timestamps } = answer(ours, theirs);
  return initialWindow(listener.config, mss - (timestamps ? TIMESTAMPS_SIZE : 0));
}
