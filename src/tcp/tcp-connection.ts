/**
 * A connection: owner of the parts, and the user's calls of RFC 9293 §3.10.1 to §3.10.6. The parts do not
 * know each other; only the conductors (this file, input/, output, timeouts) touch two of them.
 *
 * One class serves all states but LISTEN, passive SYN-RECEIVED and TIME-WAIT, which have records of their
 * own.
 */
import { assert } from "../base/assert.ts";
import type { ErrorCode } from "../base/errors.ts";
import { type Seq, seqAdd, seqDiff } from "../base/seq.ts";
import { type Duration, type Instant, NEVER } from "../base/time.ts";
import type { IpAddress } from "../wire/address.ts";
import { close } from "./closing/close.ts";
import { abort } from "./closing/end.ts";
import { release } from "./closing/release.ts";
import type { CongestionControl, LostSegment } from "./congestion/congestion-control.ts";
import { newCongestionControl } from "./congestion-choice.ts";
import type { ConnectionObserver } from "./connection-events.ts";
import { setKeepalive, setPathMtuDiscovery } from "./connection-options.ts";
import type { ConnectionOwner } from "./connection-owner.ts";
import type { DemuxEntry } from "./demux.ts";
import { RecordNews } from "./flight.ts";
import type { FastOpenAttempt } from "./handshake/fast-open/client-attempt.ts";
import type { FastOpenRequest } from "./handshake/fast-open/requests.ts";
import type { Listener } from "./handshake/listener.ts";
import type { Agreement, Offer } from "./handshake/negotiate.ts";
import type { RescueRetransmission } from "./loss/dup-threshold.ts";
import type { ProportionalRateReduction } from "./loss/prr.ts";
import type { ReorderingWindow } from "./loss/reordering-window.ts";
import type { Signatures } from "./md5-signatures.ts";
import type { PartsAtWork, RecordObserver } from "./parts-at-work.ts";
import type { ArrivalTimes } from "./receive/arrival-times.ts";
import type { SackCompression } from "./receive/sack-compression.ts";
import { Timestamps } from "./receive/timestamps.ts";
import { receive } from "./receiving.ts";
import { RestingParts } from "./resting-parts.ts";
import type { DoubtedMtu } from "./send/doubted-mtu.ts";
import { ECN_MODE, type Ecn } from "./send/ecn.ts";
import type { Pacer } from "./send/pacing.ts";
import type { Plpmtud } from "./send/plpmtud.ts";
import type { TransmissionStamps } from "./send/transmission-stamps.ts";
import { isLegalEdge, type StateCause, type TcpState } from "./states.ts";
import type { TcpConfig } from "./tcp-config.ts";
import type { IcmpError, NetPath } from "./tcp-context.ts";
import { infoOf, type TcpInfo } from "./tcp-info.ts";
import { isWritable, send } from "./write.ts";

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
  /** So that it counts among them: closing/orphans. */
  isOrphan = false;
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
    this.path.needsProof = true;
    setPathMtuDiscovery(this, config.pathMtuDiscovery);
    this.congestion = newCongestionControl(this, config.congestionControl);
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

  /** How far the user's text reaches: for the conductors' arithmetic. */
  get unsent(): number {
    const { snd } = this.tcb;
    if (this.tcb.state === "SYN-SENT" || this.finSent) return 0;
    return seqDiff(this.sendBuffer.end, snd.nxt);
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
    return send(this, bytes, from, to, flags);
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
    return receive(this, target);
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
    close(this);
  }

  /** The user is gone: nothing more to send, and nobody to read. */
  release(): void {
    release(this);
  }

  /** §3.10.5 ABORT: the peer gets RST; everything waiting is lost. */
  abort(error: ErrorCode | undefined = undefined, cause: StateCause = "ABORT"): void {
    abort(this, error, cause);
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

  /** SO_KEEPALIVE and TCP_KEEPIDLE: §3.8.4. Throws a `NetError`, EINVAL: there is no such time. */
  setKeepalive(on: boolean, idle?: Duration): void {
    setKeepalive(this, on, idle);
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
}
