/**
 * A connection: owner of the parts, and the user's calls of RFC 9293 §3.10.1 to §3.10.6. The parts do not
 * know each other; only the conductors (this file, input/, output, timeouts) touch two of them.
 *
 * One class serves all states but LISTEN, passive SYN-RECEIVED and TIME-WAIT, which have records of their
 * own.
 */
import { assert } from "../base/assert.ts";
import { type ErrorCode, NetError } from "../base/errors.ts";
import type { Fold } from "../base/fold.ts";
import { type Seq, seqAdd, seqDiff } from "../base/seq.ts";
import { type Duration, type Instant, NEVER } from "../base/time.ts";
import type { IpAddress } from "../wire/address.ts";
import { TCP_HEADER_SIZE } from "../wire/tcp.ts";
import type { AtWork } from "./at-work.ts";
import { finWait2Time, NO_FIN_WAIT } from "./closing/fin-wait-2.ts";
import type { Orphans } from "./closing/orphans.ts";
import type { CongestionControl, LostSegment } from "./congestion/congestion-control.ts";
import { congestionControlNamed } from "./congestion/congestion-controls.ts";
import { setPathMtuDiscovery } from "./connection-options.ts";
import type { DemuxEntry } from "./demux.ts";
import { RecordNews } from "./flight.ts";
import type { FastOpenAttempt } from "./handshake/fast-open/client-attempt.ts";
import type { FastOpenMemory } from "./handshake/fast-open/host-memory.ts";
import type { FastOpenRequest } from "./handshake/fast-open/requests.ts";
import type { Listener } from "./handshake/listener.ts";
import type { Agreement, Offer, SharedTerms } from "./handshake/negotiate.ts";
import { beginProbing } from "./input/packet-too-big.ts";
import type { AckNews } from "./loss/ack-news.ts";
import type { RescueRetransmission } from "./loss/dup-threshold.ts";
import type { ProportionalRateReduction } from "./loss/prr.ts";
import type { ReorderingWindow } from "./loss/reordering-window.ts";
import { SIGNATURE_SIZE, type Signatures } from "./md5-signatures.ts";
import type { PartsAtWork, RecordObserver, SpareParts } from "./parts-at-work.ts";
import type { ArrivalTimes } from "./receive/arrival-times.ts";
import { initialWindow } from "./receive/initial-window.ts";
import type { SackCompression } from "./receive/sack-compression.ts";
import { TIMESTAMPS_SIZE, Timestamps } from "./receive/timestamps.ts";
import { beginReceiving, textRead } from "./receiving.ts";
import { RestingParts } from "./resting-parts.ts";
import type { Segment } from "./segment.ts";
import type { DoubtedMtu } from "./send/doubted-mtu.ts";
import { ECN_MODE, Ecn } from "./send/ecn.ts";
import type { Pacer } from "./send/pacing.ts";
import type { Plpmtud } from "./send/plpmtud.ts";
import { halfOfWindow } from "./send/send-space.ts";
import type { SpareRanges } from "./send/sent-range.ts";
import type { TransmissionStamps } from "./send/transmission-stamps.ts";
import { isLegalEdge, isSynchronized, type StateCause, type TcpState } from "./states.ts";
import type { TcpConfig } from "./tcp-config.ts";
import type { IcmpError, NetPath, TcpContext } from "./tcp-context.ts";
import { infoOf, type TcpInfo } from "./tcp-info.ts";
import { isWritable, take } from "./write.ts";

/** What a connection tells its observer; bits, so that several become one call. */
export const CONNECTION_EVENT = {
  connected: 1,
  readable: 2,
  writable: 4,
  /** The peer's FIN: what is readable now is all there will be. */
  peerClosed: 8,
  /** The connection is over: `error` says why, or is undefined after an orderly close. */
  closed: 16,
  urgent: 32,
  /** An ICMP error that does not end it, for who wants to know: `reportedError`. */
  troubled: 64,
  /** `stamps` has something to be taken: SO_TIMESTAMPING. */
  stamped: 128,
  /** Memory that was given by reference (WRITE.byReference) is the user's again: `sendQueue`. */
  returned: 256,
} as const;

export interface ConnectionObserver {
  /**
   * Called between the events that changed the state and the pump, never from within a call of the user's.
   */
  connectionEvent(connection: TcpConnection, events: number): void;
}

/** What a connection needs of the host's TCP. */
export interface ConnectionOwner {
  readonly context: TcpContext;
  pumpLater(connection: TcpConnection): void;
  eventsLater(connection: TcpConnection): void;
  /** The connection has reached CLOSED. */
  ended(connection: TcpConnection, from: TcpState): void;
  /** The peer is to be told by RST; built from the connection's numbers as they are now. */
  reset(connection: TcpConnection): void;
  /** A segment that makes no sense here is answered with RST: RFC 9293 §3.10.7.1. */
  resetFor(segment: Segment, connection: TcpConnection): void;
  /** A passive open has succeeded. */
  acceptable(connection: TcpConnection, listener: Listener): void;
  readonly orphans: Orphans;
  readonly challengeBudget: { take(now: Instant, limit: number): boolean };
  readonly fastOpen: FastOpenMemory;
  /** What the acknowledgment at hand told: one for all connections, as each is read to its end. */
  readonly news: AckNews;
  /** Records of what is sent that no connection uses. */
  readonly spareRanges: SpareRanges;
  /** Connections that may soon rest, and what folds them. */
  readonly atWork: AtWork;
  readonly fold: Fold;
  readonly spareParts: SpareParts;
  readonly terms: SharedTerms;
}

/** The numbers that a connection starts with. */
export interface ConnectionStart {
  /** Its addresses are the connection's for good (RFC 9293 §3.9.1.1, MUST-45). */
  readonly path: NetPath;
  readonly localPort: number;
  readonly remotePort: number;
  readonly iss: Seq;
  readonly ours: Offer;
  readonly timestampOffset: number;
  /** A passive open's listener; undefined after an active one. */
  readonly listener?: Listener;
}

export class TcpConnection extends RestingParts implements DemuxEntry {
  readonly path: NetPath;
  readonly localPort: number;
  readonly remotePort: number;
  readonly listener: Listener | undefined;
  observer: ConnectionObserver | undefined = undefined;
  readonly openedAt: Instant;
  endedAt: Instant | undefined = undefined;
  /** Why it ended, if not by an orderly close. */
  error: ErrorCode | undefined = undefined;
  /** An ICMP error that did not end it: what a timeout then reports. RFC 9293 §3.9.2.2 (MUST-56, MUST-47). */
  softError: ErrorCode | undefined = undefined;
  /** IP_RECVERR: ICMP errors are told as they come (SHLD-20); `reportedError` is the last one. */
  hearsIcmpErrors = false;
  reportedError: IcmpError | undefined = undefined;

  readonly ours: Offer;
  agreement: Agreement | undefined = undefined;
  /** RFC 7413: what the SYN shows and carries, or carried; few connections have it. */
  fastOpen: FastOpenAttempt | FastOpenRequest | undefined = undefined;

  // sending
  /** Made when the first stamp is asked for. */
  stamps: TransmissionStamps | undefined = undefined;
  congestion: CongestionControl;
  /** For congestion controls that want to know of each loss. */
  lostSegment: LostSegment | undefined = undefined;
  /** The user closed: after the buffer's last byte comes FIN. */
  sendClosed = false;
  finSent = false;
  /** `send` took less than it was given: WRITABLE is owed. */
  wantsWritable = false;
  /** As soon as the connection is paced. */
  pacer: Pacer | undefined = undefined;
  /** SO_MAX_PACING_RATE, in bytes a second. */
  maxPacingRate = Number.POSITIVE_INFINITY;
  /** The congestion window held something back in the pump at hand. */
  cwndLimited = false;
  /** The peer's window did. */
  windowLimited = false;
  /** One lost segment may go out whatever the window says: after a timeout, or when the path takes less. */
  retransmitAtOnce = false;
  /** What is held for lost waits for the next acknowledgment, which may show that it was not. */
  repairsWait = false;
  /** The device took nothing of the last segment. */
  isRefused = false;
  /** The user waits for the connection to write to it at once. */
  expectsText = false;
  /** Both ends have agreed on ECN; and whether the next SYN asks for it. */
  ecn: Ecn | undefined = undefined;
  asksForEcn: boolean;
  /** Path MTU discovery: routers' reports count. */
  heedsPacketTooBig = true;
  /** The largest text of a segment that has arrived, and an error that contradicts it: RFC 5927 §7.2. */
  largestDelivered = 0;
  doubtedMtu: DoubtedMtu | undefined = undefined;
  /** The search for larger packets than those in use: RFC 4821. */
  probing: Plpmtud | undefined = undefined;
  /** Simultaneous open: the SYN is to go out again, with an ACK. */
  synAckDue = false;
  lastSentAt: Instant;

  // loss
  /** While the congestion window is being reduced. */
  reduction: ProportionalRateReduction | undefined = undefined;
  /** Since the first report of a needless retransmission. */
  reorderingWindow: ReorderingWindow | undefined = undefined;
  /** Since the first recovery without RACK. */
  rescue: RescueRetransmission | undefined = undefined;

  // receiving
  /** If the user asks when text came. */
  arrivals: ArrivalTimes | undefined = undefined;
  /** From the first segment out of order on. */
  sackCompression: SackCompression | undefined = undefined;
  /** SO_RCVLOWAT: the user does not read less. */
  receiveLowWater = 1;
  readonly timestamps: Timestamps;
  /** Last.ACK.sent of RFC 7323 §4.3. */
  lastAckSent: Seq;
  /** The sequence number of a FIN that came out of order. */
  finAt: Seq | undefined = undefined;
  /** The peer's FIN has been processed. */
  receiveClosed = false;
  #isOrphan = false;
  /** The user is gone. */
  released = false;
  /** Nobody reads any more: new text is answered with RST (RFC 9293 §3.6.1, SHLD-3). */
  refusesText = false;
  lastHeardAt: Instant;
  /** How long FIN-WAIT-2 lasts without a user: TCP_LINGER2. */
  finWait: Duration;
  /** RFC 2385: the keys of its user. */
  signatures: Signatures | undefined;
  /** When a segment that did not fit was last answered. */
  invalidAckAt = Number.NEGATIVE_INFINITY as Instant;

  /** The headers of the SYN that opened it, until the user takes them: TCP_SAVED_SYN. */
  savedSyn: Uint8Array | undefined = undefined;

  // the owner's marks
  pendingEvents = 0;
  isDirty = false;
  isEventful = false;
  /** Listed: tcp/at-work. */
  isAtWork = false;
  timerAt: Instant = NEVER;
  timerSlot = -1;

  constructor(owner: ConnectionOwner, config: TcpConfig, start: ConnectionStart) {
    super(owner, config, start.iss);
    this.path = start.path;
    this.localPort = start.localPort;
    this.remotePort = start.remotePort;
    this.listener = start.listener;
    this.signatures = config.signatures;
    this.ours = owner.terms.offer(start.ours);
    this.openedAt = this.now;
    this.lastHeardAt = this.now;
    this.lastSentAt = this.now;
    this.lastAckSent = this.tcb.rcv.nxt;
    this.timestamps = new Timestamps(start.timestampOffset);
    this.finWait = config.finTimeout;
    this.asksForEcn = config.ecn === ECN_MODE.request;
    setPathMtuDiscovery(this, config.pathMtuDiscovery);
    this.congestion = this.newCongestionControl(config.congestionControl);
    owner.atWork.add(this);
  }

  protected recordObserver(): RecordObserver {
    return new RecordNews(this);
  }

  protected adopt(parts: PartsAtWork): void {
    parts.hears.connection = this;
  }

  protected awakened(): void {
    this.owner.atWork.add(this);
  }

  get kind(): "connection" {
    return "connection";
  }

  get local(): IpAddress {
    return this.path.local;
  }

  get remote(): IpAddress {
    return this.path.remote;
  }

  get state(): TcpState {
    return this.tcb.state;
  }

  /** D-SACK: RFC 2883. */
  get reportsDuplicates(): boolean {
    return this.usesSack && this.config.duplicateSack;
  }

  get usesSack(): boolean {
    return this.agreement?.sack === true;
  }

  /** Opened by a SYN with Fast Open, and the handshake is not complete. */
  get isFastOpenRequest(): boolean {
    return this.fastOpen?.role === "server" && this.fastOpen.isPending;
  }

  /**
   * In flight for the congestion window, in bytes, each segment as a full one
   * (docs/decisions/whole-segments.md). Without SACK each duplicate ACK stands for a segment that arrived.
   */
  get inFlight(): number {
    return this.segmentsInFlight * this.tcb.snd.mss;
  }

  /**
   * The SYN-ACK of a Fast Open request takes nothing of the window that its text is sent into: as on Linux.
   */
  private get synAckInFlight(): number {
    const { first } = this.queue;
    return this.isFastOpenRequest && first?.syn === true && !first.lost ? 1 : 0;
  }

  get segmentsInFlight(): number {
    const segmentsInFlight = this.queue.segmentsInFlight - this.synAckInFlight;
    return this.usesSack ? segmentsInFlight : Math.max(0, segmentsInFlight - this.duplicateAcks.count);
  }

  /** What has come in order since our last ACK: sequence numbers. */
  get unacknowledgedText(): number {
    return seqDiff(this.tcb.rcv.nxt, this.lastAckSent);
  }

  /** The window as our last ACK told it: Linux's rcv_wnd. */
  get toldWindow(): number {
    return seqDiff(this.tcb.rcv.adv, this.lastAckSent);
  }

  /** Our FIN has been acknowledged. */
  get finAcknowledged(): boolean {
    return this.finSent && this.tcb.snd.una === this.tcb.snd.nxt;
  }

  // --- the user's calls

  /**
   * §3.10.2 SEND: takes as much as there is room for, and answers how much. `flags` are WRITE's. With
   * `WRITE.byReference` what it took must stay as it is until it is acknowledged or the connection is over.
   */
  send(bytes: Uint8Array, from = 0, to = bytes.length, flags = 0): number {
    this.#failIfOver("write");
    if (this.sendClosed) throw new NetError("EPIPE", { syscall: "write" });
    const taken = take(this, bytes, from, to, flags);
    if (taken < to - from) this.wantsWritable = true;
    if (taken > 0 && this.fastOpen?.role === "client") this.fastOpen.isDeferred = false;
    if (taken > 0) {
      this.owner.pumpLater(this);
      this.owner.context.probe?.written?.(this, taken);
    }
    return taken;
  }

  /** Bytes that `send` took and the peer has not acknowledged: of all that was taken, the last ones. */
  get sendQueue(): number {
    return this.sendBuffer.length;
  }

  /** Bytes that `receive` would give. */
  get readable(): number {
    return this.receiveBuffer.readable;
  }

  /** The sequence number of the first byte that the user has not read. */
  get copied(): Seq {
    return seqAdd(this.tcb.rcv.nxt, -(this.receiveBuffer.readable + (this.receiveClosed ? 1 : 0)));
  }

  /** Everything the peer ever sent has been read. */
  get isAtEnd(): boolean {
    return this.receiveClosed && this.receiveBuffer.readable === 0;
  }

  /** Whether `send` would take something worth the call. */
  get isWritable(): boolean {
    return !this.sendClosed && !this.isOver && isWritable(this);
  }

  get isOver(): boolean {
    return this.tcb.state === "CLOSED" || this.tcb.state === "TIME-WAIT";
  }

  /** §3.10.3 RECEIVE: moves up to `target.length` bytes to the user; answers how many. */
  receive(target: Uint8Array): number {
    const count = this.receiveBuffer.read(target);
    if (count > 0) {
      textRead(this);
      this.owner.context.probe?.read?.(this, count);
    }
    return count;
  }

  /**
   * For who reads much: text to come may be placed in `target` directly, instead of being copied on by
   * `receive`. The buffer is the connection's until `receive(target)` has given text with it, or until
   * another one (or none) was lent and all text has been read; what lies in it meanwhile is not to be
   * touched.
   */
  lend(target: Uint8Array | undefined): void {
    this.receiveBuffer.lend(target);
  }

  /** Copies what `receive` would give, from `offset` on, and leaves it; answers how much. */
  peek(target: Uint8Array, offset = 0): number {
    return this.receiveBuffer.peek(target, offset);
  }

  /** §3.10.4 CLOSE: nothing more to send; what the peer sends is still received. */
  close(): void {
    if (this.sendClosed || this.isOver) return;
    this.sendClosed = true;
    switch (this.tcb.state) {
      case "SYN-SENT":
        this.end(undefined, "CLOSE");
        return;
      case "SYN-RECEIVED":
        // With text waiting, the close is carried out once ESTABLISHED; but for a Fast Open request, whose
        // text does not wait.
        if (this.sendBuffer.length === 0 || this.isFastOpenRequest)
          this.moveTo("FIN-WAIT-1", "CLOSE, FIN sent");
        break;
      case "ESTABLISHED":
        this.moveTo("FIN-WAIT-1", "CLOSE, FIN sent");
        break;
      case "CLOSE-WAIT":
        this.moveTo("LAST-ACK", "CLOSE, FIN sent");
        break;
      default:
        return;
    }
    this.owner.pumpLater(this);
  }

  /**
   * The user is gone: nothing more to send, and nobody to read. What was not read is answered with RST (RFC
   * 9293 §3.6.1, MAY-1), else the connection closes in order and does not wait in FIN-WAIT-2 for ever.
   */
  release(): void {
    if (this.released) return;
    this.released = true;
    this.refusesText = true;
    if (this.isOver) return;
    if (this.receiveBuffer.readable > 0) {
      // Even where an ABORT would be silent: the peer has not heard that its text is lost.
      if (isSynchronized(this.tcb.state)) this.owner.reset(this);
      this.receiveBuffer.discard();
      this.end(undefined, "CLOSE with text unread, RST sent");
      return;
    }
    this.close();
    if (this.isOver) return;
    this.#isOrphan = true;
    const isRoom = this.owner.orphans.add(this.config.orphanLimit);
    const isImpatient = this.tcb.state === "FIN-WAIT-2" && this.finWait === NO_FIN_WAIT;
    if (!isRoom) this.abort(undefined, "too many without a user");
    else if (isImpatient) this.abort(undefined, "no waiting in FIN-WAIT-2");
    else if (this.tcb.state === "FIN-WAIT-2") this.armFinWait2();
  }

  /** §3.10.5 ABORT: the peer gets RST; everything waiting is lost. */
  abort(error: ErrorCode | undefined = undefined, cause: StateCause = "ABORT"): void {
    if (this.isOver) return;
    if (this.#owesReset()) this.owner.reset(this);
    this.receiveBuffer.discard();
    this.end(error, cause);
  }

  /** §3.10.6 STATUS. */
  info(): TcpInfo {
    const isResting = this.isResting;
    const info = infoOf(this);
    // Who looks at every connection does not wake them all.
    if (isResting) this.rest();
    return info;
  }

  /** TCP_NODELAY: §3.7.4 (MUST-17). */
  setNoDelay(on: boolean): void {
    this.nagle.setDisabled(on);
    if (on) this.owner.pumpLater(this);
  }

  /**
   * SO_KEEPALIVE and TCP_KEEPIDLE: §3.8.4. Just turned on, the first probe is a whole idle time away, however
   * long the peer has been silent; a new idle time counts from when the peer was last heard.
   * Throws a `NetError`, EINVAL: there is no such time.
   */
  setKeepalive(on: boolean, idle?: Duration): void {
    if (idle !== undefined && !(idle >= 0)) throw new NetError("EINVAL", { syscall: `keepalive ${idle}` });
    const { keepalive } = this;
    const startsNow = on && !keepalive.enabled && idle === undefined && this.agreement !== undefined;
    keepalive.enabled = on;
    keepalive.idle = idle ?? keepalive.idle;
    this.timers.keepalive = startsNow ? ((this.now + keepalive.idle) as Instant) : NEVER;
    this.owner.pumpLater(this);
  }

  /** Sets who hears of events; what has happened so far is told at once, after the pump. */
  observe(observer: ConnectionObserver): void {
    this.observer = observer;
    if (this.fastOpen?.role === "server") this.fastOpen.isAccepted = true;
    if (this.pendingEvents !== 0) this.owner.eventsLater(this);
  }

  // --- for the conductors

  moveTo(state: TcpState, cause: StateCause): void {
    const from = this.tcb.state;
    if (!isLegalEdge(from, state)) assert(false, `no edge from ${from} to ${state}`);
    this.tcb.state = state;
    this.owner.context.probe?.stateChanged?.(this, from, state, cause);
  }

  raise(event: number): void {
    this.pendingEvents |= event;
    this.owner.eventsLater(this);
  }

  /** What both SYNs agreed on takes effect. */
  agreed(agreement: Agreement): void {
    this.agreement = this.owner.terms.agreement(agreement);
    this.tcb.snd.wscale = agreement.sendScale;
    this.tcb.rcv.wscale = agreement.receiveScale;
    this.timestamps.enabled = agreement.timestamps;
    if (agreement.ecn) this.ecn = new Ecn();
    if (this.config.mtuProbing > 1) this.probing = beginProbing(this);
    this.tcb.snd.mss = this.effectiveMss();
    this.congestion = this.newCongestionControl(this.congestion.name);
    beginReceiving(this);
  }

  /**
   * RFC 9293 §3.7.1, Eff.snd.MSS (MUST-16): the text of a segment with the options that every segment has.
   */
  effectiveMss(): number {
    const { path, config, probing } = this;
    const mtu = probing === undefined ? path.mtu : Math.min(path.mtu, probing.limit);
    const room = mtu - path.headerSize - TCP_HEADER_SIZE;
    const peer = Math.min(this.agreement?.peerMss ?? room, config.maximumSegment || 0xffff);
    const most = Math.max(Math.min(peer, room), config.leastMss) - this.usualOptions;
    const { maxWnd } = this.tcb.snd;
    return Math.max(maxWnd === 0 ? most : Math.min(most, halfOfWindow(maxWnd)), 1);
  }

  /** What a packet has beside its text: the headers, and the options that every segment has. */
  get headersSize(): number {
    return this.path.headerSize + TCP_HEADER_SIZE + this.usualOptions;
  }

  /** The window of our SYN: in whole segments, whose size is known only to who answers. */
  get initialWindow(): number {
    return initialWindow(this.config, this.listener === undefined ? this.ours.mss : this.largestArriving);
  }

  /** The largest text that the peer may send in one segment. */
  get largestArriving(): number {
    return this.ours.mss - this.usualOptions;
  }

  /** The size of the options that every segment has. */
  get usualOptions(): number {
    return (this.timestamps.enabled ? TIMESTAMPS_SIZE : 0) + (this.isSigned ? SIGNATURE_SIZE : 0);
  }

  /** RFC 2385: there is a key for this peer. */
  get isSigned(): boolean {
    return this.signatures?.keyFor(this.remote) !== undefined;
  }

  /**
   * A congestion control of this name, with the window of the one before if that is given. Throws a
   * `NetError`: there is none.
   */
  newCongestionControl(name: string, before?: CongestionControl): CongestionControl {
    const { config } = this;
    const factory = congestionControlNamed(name, config.congestionControls);
    if (factory === undefined) throw new NetError("EINVAL", { syscall: `congestion control ${name}` });
    const { mss } = this.tcb.snd;
    const initialWindow = mss * (this.path.initialWindow ?? config.initialWindow);
    return factory({
      mss,
      initialWindow,
      cwnd: before?.cwnd ?? initialWindow,
      ssthresh: before?.ssthresh ?? Number.POSITIVE_INFINITY,
      srtt: this.rtt.srtt,
      now: this.now,
      random: this.owner.context.random,
      settings: config,
    });
  }

  armFinWait2(): void {
    this.timers.finWait2 = (this.now + finWait2Time(this.finWait, this.rto.value)) as Instant;
    this.owner.pumpLater(this);
  }

  /** Reaches CLOSED; with an error or without, the user hears which (RFC 9293 §3.6, MUST-12). */
  end(error: ErrorCode | undefined, cause: StateCause): void {
    const from = this.tcb.state;
    if (from === "CLOSED") return;
    this.error = error;
    this.moveTo("CLOSED", cause);
    this.finish();
    this.owner.ended(this, from);
  }

  /**
   * What CLOSED and TIME-WAIT have in common: no timers, nothing to send. Text not read yet stays readable.
   */
  finish(): void {
    this.endedAt = this.now;
    if (this.#isOrphan) this.owner.orphans.remove();
    this.#isOrphan = false;
    if (this.fastOpen?.role === "server") this.fastOpen.done();
    this.timers.stopAll();
    this.sendBuffer.clear();
    this.writeQueue.clear();
    this.queue.clear();
    this.busyTime.allDone(this.now);
    this.raise(CONNECTION_EVENT.closed);
  }

  /** Not before the peer knows of us, nor once both FINs have been sent: RFC 9293 §3.10.5. */
  #owesReset(): boolean {
    const { state } = this.tcb;
    if (state === "CLOSING" || state === "LAST-ACK") return !this.finSent;
    return isSynchronized(state);
  }

  #failIfOver(syscall: string): void {
    if (!this.isOver) return;
    const peer = { address: this.remote.toString(), port: this.remotePort };
    throw new NetError(this.error ?? "EPIPE", { syscall, ...peer });
  }

  /** How far the user's text reaches: for the conductors' arithmetic. */
  get unsent(): number {
    const { snd } = this.tcb;
    if (this.tcb.state === "SYN-SENT" || this.finSent) return 0;
    return seqDiff(this.sendBuffer.end, snd.nxt);
  }
}
