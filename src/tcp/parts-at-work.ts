/**
 * The parts of a connection, as it has them while it works. When nothing is under way any more they are
 * folded to the numbers that outlast it, and unfolded when something happens: resting-parts.
 *
 * The parts themselves wait for the next connection that works, and so does what the processor's cache knows
 * of them (`SpareParts`).
 *
 * What `fold` passes over is as after making whenever a connection may rest (at-work's `isQuiet`), or of
 * no consequence then.
 */
import { MOST, numberAt, type Row } from "../base/fold.ts";
import type { Seq } from "../base/seq.ts";
import type { Instant } from "../base/time.ts";
import { Keepalive } from "./closing/keepalive.ts";
import { UserTimeout } from "./closing/user-timeout.ts";
import { AckSample } from "./congestion/congestion-control.ts";
import { DuplicateAcks } from "./loss/dup-ack.ts";
import { ForwardRto } from "./loss/f-rto.ts";
import { Rack } from "./loss/rack.ts";
import { Recovery } from "./loss/recovery.ts";
import { Reordering } from "./loss/reordering.ts";
import { Rto } from "./loss/rto.ts";
import { RttEstimator } from "./loss/rtt.ts";
import { Scoreboard } from "./loss/sack.ts";
import { TailLossProbe } from "./loss/tlp.ts";
import { Undo } from "./loss/undo.ts";
import { DelayedAck } from "./receive/delayed-ack.ts";
import { ReceiveBuffer } from "./receive/receive-buffer.ts";
import { ReceiveMss } from "./receive/receive-mss.ts";
import { ReceiveWindow } from "./receive/receive-window.ts";
import { ReceiverRtt } from "./receive/receiver-rtt.ts";
import { SackReports } from "./receive/sack-blocks.ts";
import { WindowTuning } from "./receive/window-tuning.ts";
import { BusyTime } from "./send/busy-time.ts";
import { CwndValidation } from "./send/cwnd-validation.ts";
import { DeliveryRate } from "./send/delivery-rate.ts";
import { Nagle } from "./send/nagle.ts";
import { Persist } from "./send/persist.ts";
import { RetransmissionQueue } from "./send/retransmission-queue.ts";
import { SendBuffer } from "./send/send-buffer.ts";
import { SendSpace } from "./send/send-space.ts";
import type { SentRange, SpareRanges } from "./send/sent-range.ts";
import { WriteQueue } from "./send/write-queue.ts";
import { Tally } from "./tally.ts";
import type { TcpConfig } from "./tcp-config.ts";
import type { TcpConnection } from "./tcp-connection.ts";
import { ConnectionTimers } from "./timers.ts";

/** What the parts' connection hears: of records that are delivered, reported by SACK, held for lost. */
export interface RecordObserver {
  connection: TcpConnection;
  readonly delivered: (record: SentRange) => void;
  readonly reported: (record: SentRange) => void;
  readonly lost: (record: SentRange) => void;
}

/** More memory than this in a buffer is not kept for the next connection, in bytes. */
const LARGEST_KEPT = 16_384;
/** So many sets of parts are kept: what a host that was busy holds for ever is 8 MiB of buffers at most. */
const MOST_SPARE = 256;

export class PartsAtWork {
  readonly config: TcpConfig;
  readonly spare: SpareRanges;
  readonly timers = new ConnectionTimers();
  readonly tally = new Tally();
  readonly hears: RecordObserver;

  // sending
  readonly sendBuffer: SendBuffer;
  readonly sendSpace: SendSpace;
  readonly writeQueue: WriteQueue;
  readonly busyTime = new BusyTime();
  readonly queue: RetransmissionQueue;
  readonly nagle: Nagle;
  readonly persist = new Persist();
  readonly cwndValidation: CwndValidation;
  readonly deliveryRate: DeliveryRate;
  readonly sample = new AckSample();

  // loss
  readonly rtt: RttEstimator;
  readonly rto: Rto;
  readonly scoreboard: Scoreboard;
  readonly duplicateAcks = new DuplicateAcks();
  readonly rack = new Rack();
  readonly reordering: Reordering;
  readonly tailLossProbe = new TailLossProbe();
  readonly recovery = new Recovery();
  readonly forwardRto = new ForwardRto();
  readonly undo = new Undo();

  // receiving
  readonly receiveBuffer: ReceiveBuffer;
  readonly sackReports = new SackReports();
  readonly delayedAck: DelayedAck;
  readonly receiveMss = new ReceiveMss();
  readonly receiveWindow: ReceiveWindow;
  readonly windowTuning = new WindowTuning();
  readonly receiverRtt = new ReceiverRtt();

  readonly keepalive: Keepalive;
  readonly userTimeout = new UserTimeout();

  /**
   * @param una SND.UNA
   * @param textStart the number of the first byte that the user will send
   */
  constructor(
    config: TcpConfig,
    una: Seq,
    textStart: Seq,
    now: Instant,
    spare: SpareRanges,
    hears: RecordObserver,
  ) {
    this.config = config;
    this.spare = spare;
    this.hears = hears;
    this.queue = new RetransmissionQueue(spare);
    this.sendBuffer = new SendBuffer(textStart);
    this.sendSpace = new SendSpace(config.sendBuffer);
    this.writeQueue = new WriteQueue(textStart);
    this.nagle = new Nagle(config.noDelay);
    this.cwndValidation = new CwndValidation(una, now);
    this.deliveryRate = new DeliveryRate(now);
    this.rtt = new RttEstimator(config);
    this.rto = new Rto(config);
    this.scoreboard = new Scoreboard(una);
    this.reordering = new Reordering(config.reordering, config.maxReordering);
    this.receiveBuffer = new ReceiveBuffer(config.receiveBuffer);
    this.receiveBuffer.isFixed = config.receiveBufferFixed;
    this.delayedAck = new DelayedAck(config, now);
    this.receiveWindow = new ReceiveWindow(config);
    this.keepalive = new Keepalive(config);
  }

  /** Large buffers are not kept. */
  shrink(): void {
    if (this.sendBuffer.memory > LARGEST_KEPT) this.sendBuffer.release();
    if (this.receiveBuffer.memory > LARGEST_KEPT) this.receiveBuffer.release();
  }

  /**
   * Writes what outlasts the work into a row from its beginning; answers how many numbers that are.
   * @param nxt SND.NXT, up to which everything is acknowledged
   */
  fold(row: Row, nxt: Seq): number {
    row[0] = this.timers.keepalive;
    let at = this.tally.fold(row, 1);
    at = this.#foldSending(row, at, nxt);
    at = this.#foldLoss(row, at);
    at = this.#foldReceiving(row, at);
    at = this.keepalive.fold(row, at);
    return this.userTimeout.fold(row, at);
  }

  /** For another connection. @param una SND.UNA @param nxt as when the row was written */
  unfold(row: Row, una: Seq, nxt: Seq): void {
    this.sendBuffer.begin(nxt);
    this.scoreboard.forget(una);
    this.timers.keepalive = numberAt(row, 0);
    let at = this.tally.unfold(row, 1);
    at = this.#unfoldSending(row, at, nxt);
    at = this.#unfoldLoss(row, at);
    at = this.#unfoldReceiving(row, at);
    at = this.keepalive.unfold(row, at);
    this.userTimeout.unfold(row, at);
  }

  #foldSending(row: Row, from: number, nxt: Seq): number {
    let at = this.sendSpace.fold(row, from);
    at = this.writeQueue.fold(row, at, nxt);
    at = this.busyTime.fold(row, at);
    at = this.queue.fold(row, at);
    at = this.nagle.fold(row, at);
    at = this.persist.fold(row, at);
    at = this.cwndValidation.fold(row, at, nxt);
    return this.deliveryRate.fold(row, at);
  }

  #foldLoss(row: Row, from: number): number {
    let at = this.rtt.fold(row, from);
    at = this.rto.fold(row, at);
    at = this.duplicateAcks.fold(row, at);
    at = this.rack.fold(row, at);
    at = this.reordering.fold(row, at);
    at = this.tailLossProbe.fold(row, at);
    at = this.recovery.fold(row, at);
    at = this.forwardRto.fold(row, at);
    return this.undo.fold(row, at);
  }

  #foldReceiving(row: Row, from: number): number {
    let at = this.receiveBuffer.fold(row, from);
    at = this.delayedAck.fold(row, at);
    at = this.receiveMss.fold(row, at);
    at = this.receiveWindow.fold(row, at);
    at = this.windowTuning.fold(row, at);
    return this.receiverRtt.fold(row, at);
  }

  #unfoldSending(row: Row, from: number, nxt: Seq): number {
    let at = this.sendSpace.unfold(row, from);
    at = this.writeQueue.unfold(row, at, nxt);
    at = this.busyTime.unfold(row, at);
    at = this.queue.unfold(row, at);
    at = this.nagle.unfold(row, at);
    at = this.persist.unfold(row, at);
    at = this.cwndValidation.unfold(row, at, nxt);
    return this.deliveryRate.unfold(row, at);
  }

  #unfoldLoss(row: Row, from: number): number {
    let at = this.rtt.unfold(row, from);
    at = this.rto.unfold(row, at);
    at = this.duplicateAcks.unfold(row, at);
    at = this.rack.unfold(row, at);
    at = this.reordering.unfold(row, at);
    at = this.tailLossProbe.unfold(row, at);
    at = this.recovery.unfold(row, at);
    at = this.forwardRto.unfold(row, at);
    return this.undo.unfold(row, at);
  }

  #unfoldReceiving(row: Row, from: number): number {
    let at = this.receiveBuffer.unfold(row, from);
    at = this.delayedAck.unfold(row, at);
    at = this.receiveMss.unfold(row, at);
    at = this.receiveWindow.unfold(row, at);
    at = this.windowTuning.unfold(row, at);
    return this.receiverRtt.unfold(row, at);
  }
}

/** Parts that no connection uses: the last ones first, for they are in the processor's cache. */
export class SpareParts {
  readonly #parts: PartsAtWork[] = [];
  /** What parts are made like with the configuration that was asked for last. */
  #fresh: { readonly config: TcpConfig; readonly row: Row } | undefined = undefined;
  #isKept = true;

  /**
   * With self checks only every other parts are kept: in new ones what `unfold` forgets is missing, in used
   * ones it is another connection's.
   */
  give(parts: PartsAtWork): void {
    this.#isKept = !parts.config.selfCheck || !this.#isKept;
    if (!this.#isKept || this.#parts.length === MOST_SPARE) return;
    parts.shrink();
    this.#parts.push(parts);
  }

  /** Undefined: there are none with this configuration. */
  take(config: TcpConfig): PartsAtWork | undefined {
    const parts = this.#parts.pop();
    return parts?.config === config ? parts : undefined;
  }

  /** As `take`, but as if they had just been made. */
  takeFresh(config: TcpConfig, una: Seq, textStart: Seq, now: Instant): PartsAtWork | undefined {
    const parts = this.take(config);
    if (parts === undefined) return undefined;
    if (this.#fresh?.config !== config) this.#fresh = { config, row: freshRow(parts, una, textStart, now) };
    parts.unfold(this.#fresh.row, una, textStart);
    parts.delayedAck.begins(now);
    parts.cwndValidation.acknowledged(now);
    return parts;
  }
}

function freshRow({ config, spare, hears }: PartsAtWork, una: Seq, textStart: Seq, now: Instant): Row {
  const row: Row = new Float64Array(MOST);
  new PartsAtWork(config, una, textStart, now, spare, hears).fold(row, textStart);
  return row;
}
