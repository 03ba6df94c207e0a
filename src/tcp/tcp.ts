/**
 * The room's door: TCP of one host. Finds what an arriving segment belongs to, opens connections and
 * listeners, keeps the timers, and pumps what has become dirty. RFC 9293 §3.10.
 */

import { readInt32, readUint16 } from "../base/bytes.ts";
import type { DropReason } from "../base/drop-reason.ts";
import { NetError } from "../base/errors.ts";
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
import { timeoutsFor } from "./handshake/defer-accept.ts";
import { EphemeralPorts } from "./handshake/ephemeral-port.ts";
import { FastOpenAttempt, planSyn, synRoom } from "./handshake/fast-open/client-attempt.ts";
import { FastOpenMemory } from "./handshake/fast-open/host-memory.ts";
import { FAST_OPEN } from "./handshake/fast-open/modes.ts";
import { TupleHash } from "./handshake/isn.ts";
import { Listener, type PortClaim } from "./handshake/listener.ts";
import { Listeners } from "./handshake/listeners.ts";
import { ourOffer, SharedTerms } from "./handshake/negotiate.ts";
import { Strangers } from "./handshake/strangers.ts";
import { SynCookies } from "./handshake/syn-cookies.ts";
import type { SynEntry } from "./handshake/syn-entry.ts";
import { SynQueue } from "./handshake/syn-queue.ts";
import { ChallengeBudget } from "./input/challenge-ack.ts";
import { fastOpenEnded } from "./input/fast-open-client.ts";
import { listenArrives } from "./input/listen.ts";
import { segmentArrives } from "./input/segment-arrives.ts";
import { synReceivedArrives } from "./input/syn-received.ts";
import { timeWaitArrives } from "./input/time-wait.ts";
import { ArrivalVerdict } from "./input/verdict.ts";
import { AckNews } from "./loss/ack-news.ts";
import { judgeSignature, type Signatures } from "./md5-signatures.ts";
import { pump } from "./output.ts";
import { SpareParts } from "./parts-at-work.ts";
import { Records, type TcpRecord } from "./records.ts";
import { sendReset, sendResetFor } from "./resets.ts";
import { Segment } from "./segment.ts";
import { SegmentWriter } from "./segment-writer.ts";
import { SpareRanges } from "./send/sent-range.ts";
import type { StateCause, TcpState } from "./states.ts";
import { changedConfig, type TcpConfig } from "./tcp-config.ts";
import { type ConnectionOwner, TcpConnection } from "./tcp-connection.ts";
import type { Delivery, IcmpError, NetPath, TcpContext } from "./tcp-context.ts";
import type { FourTuple, TcpProbe } from "./tcp-probe.ts";
import { timersExpired } from "./timeouts.ts";

export type { Listener, ListenerObserver } from "./handshake/listener.ts";
export type { TcpConfig } from "./tcp-config.ts";
export { CONNECTION_EVENT, type ConnectionObserver, TcpConnection } from "./tcp-connection.ts";
export { WRITE } from "./write.ts";

export interface ConnectOptions {
  readonly remote: IpAddress;
  readonly remotePort: number;
  /** Undefined: chosen by the route. */
  readonly local?: IpAddress | undefined;
  /** Undefined or 0: an ephemeral one. */
  readonly localPort?: number | undefined;
  /** SO_REUSEPORT: the local port may be one that listeners with this share. */
  readonly reusePort?: boolean | undefined;
  /** Differences from the host's configuration for this connection. */
  readonly config?: Partial<TcpConfig> | undefined;
  /**
   * Fast Open (RFC 7413): what is given to `send` at once, before the host's next event, goes out with the
   * SYN, as far as `connection.fastOpen.room` reaches; the rest follows. Without a cookie of the server's
   * the SYN asks for one and carries no text. "on-first-text": with a cookie, the SYN waits for `send`.
   *
   * The text of a SYN may be delivered twice (§2.1), so it has to be something that may be done twice.
   */
  readonly fastOpen?: "at-once" | "on-first-text" | undefined;
}

export interface ListenOptions {
  /** Undefined: every address of the host. */
  readonly address?: IpAddress | undefined;
  /** Without an address: which families; both if not said. */
  readonly families?: "both" | 4 | 6 | undefined;
  /** 0: an ephemeral one. */
  readonly port: number;
  /** So many connections wait to be accepted, and so many half-open ones; one more each. */
  readonly backlog?: number | undefined;
  /**
   * SO_REUSEPORT: several listeners, all with this, share an address and a port. New connections are spread
   * over them by their four-tuple.
   */
  readonly reusePort?: boolean | undefined;
  /** TCP_DEFER_ACCEPT: wait so long for the first text before a connection may be accepted. */
  readonly deferAccept?: Duration | undefined;
  /**
   * Fast Open (RFC 7413): so many connections may be used before their handshake is complete. 0 or not
   * given: none, unless the configuration says that every listener has it.
   *
   * What a SYN carried may come again when its connection has long ended (§2.1): a server whose requests
   * must not be done twice has to recognise them itself.
   */
  readonly fastOpen?: number | undefined;
  /** Differences from the host's configuration for the connections. */
  readonly config?: Partial<TcpConfig> | undefined;
}

const DEFAULT_BACKLOG = 511;
const OPEN_OF_LISTENER = "active OPEN of a listening socket, SYN sent";
/** Where connections are checked they rest whenever they can: it must not show. */
const NO_SILENCE = 0 as Duration;

export class Tcp implements ConnectionOwner {
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
  readonly #ephemeral: EphemeralPorts;
  #cookies: SynCookies | undefined = undefined;
  /** The keys of whom the segment at hand is for. */
  #signatures: Signatures | undefined = undefined;
  readonly #dirty = new Fifo<TcpConnection>();
  readonly #eventful = new Fifo<TcpConnection>();
  readonly #ready = new Fifo<Listener>();

  constructor(context: TcpContext) {
    this.context = context;
    this.#writer = new SegmentWriter(context);
    this.#records = new Records(context.random);
    this.#listeners = new Listeners(this.#records.hash);
    this.synQueue = new SynQueue(context, this.#records, this.#writer);
    this.strangers = new Strangers(address => this.#records.hash(NO_REMOTE.remote, 0, address, 0));
    this.timeWait = new TimeWaits(context, this.#records, this.#writer);
    this.#hash = new TupleHash(context.random);
    this.#ephemeral = new EphemeralPorts(context.config.firstEphemeralPort, context.config.lastEphemeralPort);
    this.fastOpen = new FastOpenMemory(context.random);
    this.challengeBudget = new ChallengeBudget(context.random);
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
    this.#signatures = signaturesOf(entry, listener);
    const forgery = this.#judgeSignature(segment, entry !== undefined || listener !== undefined);
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

  /**
   * §3.10.1 OPEN, active, from an address that is given or asked of IP (MUST-43, MUST-44, MUST-46). Throws a
   * `NetError`: EADDRNOTAVAIL,
   * EADDRINUSE, ENETUNREACH, EHOSTUNREACH.
   */
  connect(options: ConnectOptions): TcpConnection {
    return this.#open(options, "CLOSED");
  }

  /** @param from LISTEN when a listening socket becomes a connecting one */
  #open(options: ConnectOptions, from: "CLOSED" | "LISTEN"): TcpConnection {
    const { remote, remotePort } = options;
    const fail = (code: ConstructorParameters<typeof NetError>[0]): NetError =>
      new NetError(code, { syscall: "connect", address: remote.toString(), port: remotePort });
    if (!isPort(remotePort) || !isPort(options.localPort ?? 0)) throw fail("EADDRNOTAVAIL");
    if (remote.isMulticast || remote.isLimitedBroadcast || remote.isUnspecified) throw fail("ENETUNREACH");
    if (options.local !== undefined && !this.context.isLocal(options.local)) throw fail("EADDRNOTAVAIL");
    const path = this.context.pathTo(remote, options.local);
    if (typeof path === "string") throw fail(path);
    const localPort = this.#portFor(path, options);
    if (localPort === undefined) throw fail(options.localPort ? "EADDRINUSE" : "EADDRNOTAVAIL");
    const host = this.context.config;
    const config = changedConfig(host, options.config);
    const tuple = { local: path.local, localPort, remote, remotePort };
    const offer = ourOffer(config, path.linkMtu, path.headerSize, path.advertisedMss);
    const isSigned = config.signatures?.keyFor(remote) !== undefined;
    const before = this.#records.lookup(path.local, localPort, remote, remotePort);
    const connection = new TcpConnection(this, config, {
      path,
      localPort,
      remotePort,
      iss: before?.kind === "time-wait" ? before.nextIss : this.isnFor(tuple),
      // RFC 2385: a SYN with a signature has no room for timestamps.
      ours: isSigned ? { ...offer, timestamps: false } : offer,
      timestampOffset: this.timestampOffsetFor(path),
    });
    if (options.fastOpen !== undefined) this.#planFastOpen(connection, options.fastOpen);
    if (before?.kind === "time-wait") this.timeWait.replace(before, connection);
    connection.tcb.state = from;
    this.context.probe?.opened?.(connection);
    connection.moveTo("SYN-SENT", from === "CLOSED" ? "active OPEN, SYN sent" : OPEN_OF_LISTENER);
    this.context.counters.activeOpens++;
    this.opened(connection);
    return connection;
  }

  /** RFC 7413 §4.2.2: what the SYN shows, and how much it may carry. */
  #planFastOpen(c: TcpConnection, when: NonNullable<ConnectOptions["fastOpen"]>): void {
    const { fastOpen: modes, fastOpenBlackholeTimeout: pause } = c.config;
    if ((modes & FAST_OPEN.client) === 0) return;
    const { cookies, blackhole } = this.fastOpen;
    const server = cookies.lookup(c.local, c.remote);
    const isPaused = blackhole.isPaused(c.now, pause);
    const plan = planSyn(server, (modes & FAST_OPEN.clientWithoutCookie) !== 0, isPaused);
    const room = synRoom(c.effectiveMss(), c.ours.mss, server?.mss ?? 0);
    c.fastOpen = new FastOpenAttempt(plan, room, blackhole.isSuspicious && !isPaused);
    c.fastOpen.isDeferred = when === "on-first-text" && plan.mayCarryText;
  }

  /**
   * §3.10.1 OPEN, passive; nothing else of the port is touched (MUST-41, MUST-42). Throws a `NetError`:
   * EADDRINUSE, EADDRNOTAVAIL.
   */
  listen(options: ListenOptions): Listener {
    const { address, port, reusePort = false } = options;
    const details = { syscall: "listen", address: (address ?? "::").toString(), port };
    if (!isPort(port)) throw new NetError("EADDRNOTAVAIL", details);
    if ([options.backlog, options.fastOpen, options.deferAccept].some(Number.isNaN))
      throw new NetError("EINVAL", details);
    if (address !== undefined && !this.context.isLocal(address)) throw new NetError("EADDRNOTAVAIL", details);
    const families = address?.family ?? options.families ?? "both";
    const claim = (candidate: number): PortClaim => ({ address, port: candidate, families, reusePort });
    // A port that is drawn is not shared, whatever others allow.
    const isFree = (candidate: number): boolean =>
      !this.#listeners.conflicts({ ...claim(candidate), reusePort: false });
    const chosen = port === 0 ? this.#ephemeral.choose(this.context.random.uint32(), isFree) : port;
    if (chosen === undefined || this.#listeners.conflicts(claim(chosen)))
      throw new NetError("EADDRINUSE", details);
    const { config, random } = this.context;
    const backlog = Math.max(0, Math.min(options.backlog ?? DEFAULT_BACKLOG, config.acceptBacklogLimit));
    const share = reusePort ? random.uint32() : 0;
    const listener = new Listener(claim(chosen), { backlog, share }, config, options.config);
    listener.deferAccept = timeoutsFor((options.deferAccept ?? 0) / 1e6);
    const fastOpen = options.fastOpen ?? (admitsAll(config) ? backlog : 0);
    if (fastOpen > 0) listener.allowFastOpen(Math.min(fastOpen, config.acceptBacklogLimit));
    this.#listeners.join(listener);
    this.#listenerMoved(listener, "CLOSED", "LISTEN", "passive OPEN");
    return listener;
  }

  /**
   * Ends a listener: half-open connections are forgotten, established ones that nobody accepted are reset;
   * or others who share its port take them over (`migrateOnClose`).
   */
  closeListener(listener: Listener): void {
    if (listener.isClosed) return;
    this.#listeners.remove(listener);
    if (this.context.config.migrateOnClose) this.#migrate(listener);
    this.#emptyQueues(listener);
    this.#listenerMoved(listener, "LISTEN", "CLOSED", "CLOSE");
  }

  /**
   * §3.10.1: an active OPEN of a listening socket turns it into a connecting one. Throws as `connect` does.
   */
  connectListener(listener: Listener, remote: IpAddress, remotePort: number): TcpConnection {
    const { address: local, port: localPort, changes: config } = listener;
    // The port is the socket's own: it must not stand in its own way.
    this.#listeners.remove(listener);
    try {
      const connection = this.#open({ remote, remotePort, local, localPort, config }, "LISTEN");
      this.#emptyQueues(listener);
      return connection;
    } catch (error) {
      this.#listeners.join(listener);
      throw error;
    }
  }

  #emptyQueues(listener: Listener): void {
    listener.isClosed = true;
    for (const entry of [...this.#records]) {
      if (entry.kind === "syn-received" && entry.listener === listener)
        this.synQueue.drop(entry, "CLOSED", "CLOSE of the listener");
    }
    for (let waiting = listener.accept(); waiting !== undefined; waiting = listener.accept()) waiting.abort();
  }

  /** Each handshake goes to whom the four-tuple belongs to now, if anybody. */
  #migrate(listener: Listener): void {
    for (const entry of this.#records) {
      if (entry.kind !== "syn-received" || entry.listener !== listener) continue;
      const heir = this.#listeners.heir(listener, entry);
      if (heir !== undefined) this.synQueue.migrate(entry, heir);
    }
    for (let left = listener.waiting; left > 0; left--) {
      const waiting = listener.accept();
      if (waiting === undefined) return;
      const heir = this.#listeners.heir(listener, waiting);
      if (heir === undefined || heir.acceptQueueIsFull) waiting.abort();
      else this.acceptable(waiting, heir);
    }
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
    sendResetFor(this.context, this.#writer, segment, this.#signatures, connection);
  }

  /** RFC 2385 §2.0, before anything else is believed. What belongs to nobody is not judged. */
  #judgeSignature(segment: Segment, isForSomebody: boolean): DropReason | undefined {
    const { md5 } = segment.options;
    if (!isForSomebody || (md5 === undefined && this.#signatures === undefined)) return undefined;
    const key = this.#signatures?.keyFor(segment.source);
    const reason = judgeSignature(md5, key === undefined ? undefined : () => segment.signature(key));
    const { counters } = this.context;
    if (reason === "tcp-md5-missing") counters.md5Missing++;
    else if (reason === "tcp-md5-unexpected") counters.md5Unexpected++;
    else if (reason === "tcp-md5-wrong") counters.md5Wrong++;
    return reason;
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

  // --- the rest

  #portFor(path: NetPath, { remotePort, localPort: wanted = 0, reusePort = false }: ConnectOptions) {
    const { local, remote } = path;
    const isFree = (port: number): boolean => {
      const record = this.#records.lookup(local, port, remote, remotePort);
      return (
        record === undefined ||
        (record.kind === "time-wait" && this.timeWait.mayReplace(record, wanted !== 0))
      );
    };
    if (wanted !== 0) {
      const claim = { address: local, port: wanted, families: local.family, reusePort };
      return isFree(wanted) && !this.#listeners.conflicts(claim) ? wanted : undefined;
    }
    const offset = this.#hash.portOffset(local, remote, remotePort);
    return this.#ephemeral.choose(offset, port => isFree(port) && !this.#listeners.covers(local, port));
  }

  #listenerMoved(listener: Listener, from: TcpState, to: TcpState, cause: StateCause): void {
    const local = listener.address ?? NO_REMOTE.remote;
    const tuple = { local, localPort: listener.port, ...NO_REMOTE };
    this.context.probe?.stateChanged?.(tuple, from, to, cause);
  }
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 0 && port <= 0xffff;
}

/** Linux's TFO_SERVER_WO_SOCKOPT1. */
function admitsAll({ fastOpen }: TcpConfig): boolean {
  return (fastOpen & FAST_OPEN.server) !== 0 && (fastOpen & FAST_OPEN.everyListener) !== 0;
}

/** RFC 2385: the keys of whom a segment is for. */
function signaturesOf(entry: TcpRecord | undefined, listener: Listener | undefined): Signatures | undefined {
  if (entry === undefined) return listener?.config.signatures;
  return entry.kind === "syn-received" ? entry.listener.config.signatures : entry.signatures;
}
