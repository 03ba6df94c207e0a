/**
 * The room's door: TCP of one host. Finds what an arriving segment belongs to, keeps the timers, tells users
 * what happened, and pumps what has become dirty. RFC 9293 §3.10.
 */
import { readInt32, readUint16 } from "../base/bytes.ts";
import type { DropReason } from "../base/drop-reason.ts";
import { Fifo } from "../base/fifo.ts";
import { Fold } from "../base/fold.ts";
import type { PacketBuffer } from "../base/packet-buffer.ts";
import { type Seq, seq } from "../base/seq.ts";
import { type Duration, earlier, type Instant } from "../base/time.ts";
import type { IpAddress } from "../wire/address.ts";
import { AtWork, isDone } from "./at-work.ts";
import { checkConnection } from "./check.ts";
import { icmpErrorArrives } from "./closing/icmp-errors.ts";
import { Orphans } from "./closing/orphans.ts";
import type { TimeWait } from "./closing/time-wait.ts";
import { TimeWaits } from "./closing/time-waits.ts";
import { NO_REMOTE } from "./demux.ts";
import { ActiveOpens, type ConnectOptions, type OpeningOwner } from "./handshake/active-open.ts";
import { FastOpenMemory } from "./handshake/fast-open/host-memory.ts";
import { TupleHash } from "./handshake/isn.ts";
import type { Listener } from "./handshake/listener.ts";
import { Listeners } from "./handshake/listeners.ts";
import { LocalPorts } from "./handshake/local-ports.ts";
import { SharedTerms } from "./handshake/negotiate.ts";
import { type ListenOptions, PassiveOpens } from "./handshake/passive-open.ts";
import { Strangers } from "./handshake/strangers.ts";
import { SynCookies } from "./handshake/syn-cookies.ts";
import type { SynEntry } from "./handshake/syn-entry.ts";
import { SynQueue } from "./handshake/syn-queue.ts";
import { Unaccepted } from "./handshake/unaccepted.ts";
import { ChallengeBudget } from "./input/challenge-ack.ts";
import { fastOpenEnded } from "./input/fast-open-client.ts";
import { listenArrives } from "./input/listen.ts";
import { segmentArrives } from "./input/segment-arrives.ts";
import { synReceivedArrives } from "./input/syn-received.ts";
import { timeWaitArrives } from "./input/time-wait.ts";
import { ArrivalVerdict } from "./input/verdict.ts";
import { AckNews } from "./loss/ack-news.ts";
import { pump } from "./output.ts";
import { SpareParts } from "./parts-at-work.ts";
import { Records, type TcpRecord } from "./records.ts";
import { sendReset, sendResetFor } from "./resets.ts";
import { Segment } from "./segment.ts";
import { SegmentWriter } from "./segment-writer.ts";
import { SpareRanges } from "./send/sent-range.ts";
import { SignatureCheck } from "./signature-check.ts";
import type { TcpState } from "./states.ts";
import type { TcpConnection } from "./tcp-connection.ts";
import type { Delivery, IcmpError, NetPath, TcpContext } from "./tcp-context.ts";
import type { FourTuple, TcpProbe } from "./tcp-probe.ts";
import { timersExpired } from "./timeouts.ts";

export { CONNECTION_EVENT, type ConnectionObserver } from "./connection-events.ts";
export type { ConnectOptions } from "./handshake/active-open.ts";
export type { Listener, ListenerObserver } from "./handshake/listener.ts";
export type { ListenOptions } from "./handshake/passive-open.ts";
export type { TcpConfig } from "./tcp-config.ts";
export { TcpConnection } from "./tcp-connection.ts";
export { WRITE } from "./write.ts";

/** Where connections are checked they rest whenever they can: it must not show. */
const NO_SILENCE = 0 as Duration;

export class Tcp implements OpeningOwner {
  readonly context: TcpContext;
  readonly challengeBudget: ChallengeBudget;
  readonly orphans = new Orphans();
  readonly news = new AckNews();
  readonly spareRanges = new SpareRanges();
  readonly atWork = new AtWork();
  readonly fold = new Fold();
  readonly spareParts = new SpareParts();
  readonly terms = new SharedTerms();
  /** For the conductors in `input/`. */
  readonly synQueue: SynQueue;
  readonly strangers: Strangers;
  readonly timeWait: TimeWaits;
  readonly fastOpen: FastOpenMemory;
  readonly #writer: SegmentWriter;
  readonly #segment = new Segment();
  readonly #verdict = new ArrivalVerdict();
  readonly #records: Records;
  readonly #listeners: Listeners;
  readonly #hash: TupleHash;
  readonly #active: ActiveOpens;
  readonly #passive: PassiveOpens;
  readonly #signatures: SignatureCheck;
  #cookies: SynCookies | undefined = undefined;
  readonly #dirty = new Fifo<TcpConnection>();
  readonly #eventful = new Fifo<TcpConnection>();
  readonly #ready = new Fifo<Listener>();

  constructor(context: TcpContext) {
    this.context = context;
    const records = new Records(context.random);
    const listeners = new Listeners(records.hash);
    this.#records = records;
    this.#listeners = listeners;
    this.#writer = new SegmentWriter(context);
    this.#signatures = new SignatureCheck(context.counters);
    this.synQueue = new SynQueue(context, records, this.#writer);
    this.strangers = new Strangers(address => records.hash(NO_REMOTE.remote, 0, address, 0));
    this.timeWait = new TimeWaits(context, records, this.#writer);
    this.#hash = new TupleHash(context.random);
    this.fastOpen = new FastOpenMemory(context.random);
    this.challengeBudget = new ChallengeBudget(context.random);
    const ports = new LocalPorts(context, { records, listeners, timeWait: this.timeWait }, this.#hash);
    this.#active = new ActiveOpens(this, records, this.timeWait, ports);
    const unaccepted = new Unaccepted(records, listeners, this.synQueue, (c, heir) =>
      this.acceptable(c, heir),
    );
    this.#passive = new PassiveOpens(context, listeners, ports, unaccepted);
  }

  // --- events in

  /**
   * A segment arrives: `packet.transport` is where it begins. Changes state; nothing of a connection is sent
   * yet.
   */
  receive(packet: PacketBuffer, delivery: Delivery): DropReason | undefined {
    this.context.counters.segmentsIn++;
    // MUST-57: no connection with a group; MUST-63: nor with nobody.
    if (delivery.isGroup || delivery.source.isUnspecified) return "tcp-bad-address";
    const segment = this.#segment;
    const problem = segment.read(packet, delivery);
    if (problem !== undefined) {
      this.context.counters.segmentErrors++;
      return problem;
    }
    const entry = this.#records.lookup(
      segment.destination,
      segment.destinationPort,
      segment.source,
      segment.sourcePort,
    );
    const { probe } = this.context;
    if (probe === undefined) return this.#process(packet, segment, entry);
    return this.#processSeen(probe, packet, segment, entry);
  }

  #processSeen(
    probe: TcpProbe,
    packet: PacketBuffer,
    segment: Segment,
    entry: TcpRecord | undefined,
  ): DropReason | undefined {
    probe.arriving?.(segment);
    this.#verdict.begin(entry);
    const reason = this.#process(packet, segment, entry);
    probe.arrived?.(entry, segment, this.#verdict.of(entry, segment, reason));
    return reason;
  }

  #process(packet: PacketBuffer, segment: Segment, entry: TcpRecord | undefined): DropReason | undefined {
    const listener = entry === undefined ? this.listenerFor(segment) : undefined;
    if (entry === undefined && (listener === undefined || !segment.isSyn)) {
      if (this.context.unclaimed?.(packet) === true) return undefined;
    }
    const forgery = this.#signatures.judge(segment, entry ?? listener);
    if (forgery !== undefined) return forgery;
    switch (entry?.kind) {
      case "connection":
        return segmentArrives(entry, segment);
      case "syn-received":
        return synReceivedArrives(this, entry, segment);
      case "time-wait":
        return timeWaitArrives(this, entry, segment);
      default: {
        if (listener !== undefined) return listenArrives(this, listener, segment);
        // CLOSED: §3.10.7.1
        this.resetFor(segment);
        return "tcp-no-connection";
      }
    }
  }

  /** Packet-too-big errors may need more proof than their quote: RFC 5927 §7.2. */
  readonly judgesPathMtu = true;

  /** An ICMP error quotes a segment of ours; or it does not, and the answer is false. */
  icmpError(error: IcmpError): boolean {
    if (error.quote.length < 8) return false;
    const localPort = readUint16(error.quote, 0);
    const remotePort = readUint16(error.quote, 2);
    const entry = this.#records.lookup(error.local, localPort, error.remote, remotePort);
    if (entry?.kind === "syn-received")
      return this.synQueue.icmpError(entry, error, seq(readInt32(error.quote, 4)));
    if (entry?.kind !== "connection") return false;
    return icmpErrorArrives(entry, error, seq(readInt32(error.quote, 4)));
  }

  /** No timer is due before this. */
  get deadline(): Instant {
    return earlier(this.#records.deadline, this.timeWait.deadline);
  }

  /** Runs the timers that are due. */
  expire(): void {
    this.#records.expire(this.context.now, this.#expired);
    this.timeWait.expire();
  }

  readonly #expired = (entry: TcpConnection | SynEntry): void => {
    if (entry.kind === "connection") timersExpired(entry, this.#writer);
    else this.synQueue.expired(entry);
  };

  // --- the user's calls

  /** §3.10.1 OPEN, active: handshake/active-open. Throws a `NetError`. */
  connect(options: ConnectOptions): TcpConnection {
    return this.#active.open(options, "CLOSED");
  }

  /** §3.10.1 OPEN, passive: handshake/passive-open. Throws a `NetError`. */
  listen(options: ListenOptions): Listener {
    return this.#passive.listen(options);
  }

  closeListener(listener: Listener): void {
    this.#passive.close(listener);
  }

  /** §3.10.1: an active OPEN of a listening socket turns it into a connecting one. Throws as `connect`. */
  connectListener(listener: Listener, remote: IpAddress, remotePort: number): TcpConnection {
    const { address: local, port: localPort, changes: config } = listener;
    const options = { remote, remotePort, local, localPort, config };
    return this.#passive.giveWayTo(listener, () => this.#active.open(options, "LISTEN"));
  }

  // --- the pump

  /** Sends what has become due on every connection that changed. */
  pump(): void {
    this.strangers.polled();
    for (let c = this.#dirty.shift(); c !== undefined; c = this.#dirty.shift()) {
      c.isDirty = false;
      pump(c, this.#writer);
      this.context.probe?.settled?.(c);
      if (c.state === "TIME-WAIT") this.timeWait.enter(c);
      else if (c.state !== "CLOSED") this.#records.touch(c);
      if (this.context.config.selfCheck) checkConnection(c);
    }
    const { config, now } = this.context;
    this.atWork.rest(now, config.selfCheck ? NO_SILENCE : config.restAfter);
  }

  /** Whether `deliver` has something to tell. */
  get hasNews(): boolean {
    return this.#eventful.length > 0 || this.#ready.length > 0;
  }

  /** Tells observers what happened, each once; what they cause is for the next call. */
  deliver(): void {
    const eventful = this.#eventful.length;
    for (let left = this.#ready.length; left > 0; left--) {
      const listener = this.#ready.shift();
      if (listener?.isClosed === false) listener.observer?.acceptable(listener);
    }
    for (let left = eventful; left > 0; left--) {
      const connection = this.#eventful.shift();
      if (connection === undefined) return;
      connection.isEventful = false;
      const events = connection.pendingEvents;
      if (connection.observer === undefined) continue;
      connection.pendingEvents = 0;
      connection.observer.connectionEvent(connection, events);
      if (isDone(connection)) connection.rest();
    }
  }

  // --- for display

  /** What stands for the end with these four numbers; undefined: nothing does. */
  recordOf({ local, localPort, remote, remotePort }: FourTuple): TcpRecord | undefined {
    return this.#records.lookup(local, localPort, remote, remotePort);
  }

  *connections(): Generator<TcpConnection> {
    for (const entry of this.#records) if (entry.kind === "connection") yield entry;
  }

  *halfOpen(): Generator<SynEntry> {
    for (const entry of this.#records) if (entry.kind === "syn-received") yield entry;
  }

  *timeWaits(): Generator<TimeWait> {
    for (const entry of this.#records) if (entry.kind === "time-wait") yield entry;
  }

  listeners(): Iterable<Listener> {
    return this.#listeners;
  }

  // --- what connections ask of their owner

  pumpLater(connection: TcpConnection): void {
    if (connection.isDirty || connection.endedAt !== undefined) return;
    connection.isDirty = true;
    this.#dirty.push(connection);
    this.context.wake();
  }

  eventsLater(connection: TcpConnection): void {
    if (connection.isEventful) return;
    connection.isEventful = true;
    this.#eventful.push(connection);
    this.context.wake();
  }

  /** A connection has its four-tuple from now on. */
  opened(connection: TcpConnection): void {
    this.#records.add(connection);
    this.pumpLater(connection);
  }

  acceptable(connection: TcpConnection, listener: Listener): void {
    this.strangers.met(connection.remote);
    listener.enqueue(connection);
    this.#ready.push(listener);
    this.context.wake();
  }

  ended(connection: TcpConnection, from: TcpState): void {
    this.#records.remove(connection);
    fastOpenEnded(connection);
    const { counters, probe } = this.context;
    if (from === "SYN-SENT" || from === "SYN-RECEIVED") counters.attemptFails++;
    else if (from === "ESTABLISHED" || from === "CLOSE-WAIT") counters.establishedResets++;
    probe?.ended?.(connection);
    probe?.left?.(connection);
  }

  reset(connection: TcpConnection): void {
    sendReset(this.#writer, connection);
  }

  resetFor(segment: Segment, connection?: TcpConnection): void {
    sendResetFor(this.context, this.#writer, segment, this.#signatures.keys, connection);
  }

  // --- what the states LISTEN and TIME-WAIT ask for

  listenerFor(segment: Segment): Listener | undefined {
    const { destination, destinationPort, source, sourcePort } = segment;
    return this.#listeners.lookup(destination, destinationPort, source, sourcePort);
  }

  /** Made when the first queue overflows. */
  get cookies(): SynCookies {
    this.#cookies ??= new SynCookies(this.context.random);
    return this.#cookies;
  }

  isnFor(entry: FourTuple): Seq {
    return this.#hash.isn(entry.local, entry.localPort, entry.remote, entry.remotePort, this.context.now);
  }

  timestampOffsetFor(path: NetPath): number {
    return this.#hash.timestampOffset(path.local, path.remote);
  }
}
