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
import type { Fold } from "../base/fold.ts";
import type { Seq } from "../base/seq.ts";
import type { Instant } from "../base/time.ts";
import { NEVER } from "../base/time.ts";
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
const LARGEST_KEPT = 65_536;
/** So many sets of parts are kept. */
const MOST_SPARE = 1_024;

export class PartsAtWork {
  readonly config: TcpConfig;
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

  /** For another connection, to be unfolded. */
  begin(una: Seq, textStart: Seq): void {
    this.sendBuffer.begin(textStart);
    this.scoreboard.forget(una);
  }

  /** Large buffers are not kept. */
  shrink(): void {
    if (this.sendBuffer.memory > LARGEST_KEPT) this.sendBuffer.release();
    if (this.receiveBuffer.memory > LARGEST_KEPT) this.receiveBuffer.release();
  }

  /** @param nxt SND.NXT, up to which everything is acknowledged */
  fold(fold: Fold, nxt: Seq): void {
    this.timers.keepalive = fold.number(this.timers.keepalive, NEVER);
    this.tally.fold(fold);
    this.#foldSending(fold, nxt);
    this.#foldLoss(fold);
    this.#foldReceiving(fold);
    this.keepalive.fold(fold);
    this.userTimeout.fold(fold);
  }

  #foldSending(fold: Fold, nxt: Seq): void {
    this.sendSpace.fold(fold);
    this.writeQueue.fold(fold, nxt);
    this.busyTime.fold(fold);
    this.queue.fold(fold);
    this.nagle.fold(fold);
    this.persist.fold(fold);
    this.cwndValidation.fold(fold, nxt);
    this.deliveryRate.fold(fold);
  }

  #foldLoss(fold: Fold): void {
    this.rtt.fold(fold);
    this.rto.fold(fold);
    this.duplicateAcks.fold(fold);
    this.rack.fold(fold);
    this.reordering.fold(fold);
    this.tailLossProbe.fold(fold);
    this.recovery.fold(fold);
    this.forwardRto.fold(fold);
    this.undo.fold(fold);
  }

  #foldReceiving(fold: Fold): void {
    this.receiveBuffer.fold(fold, this.config.receiveBuffer);
    this.delayedAck.fold(fold);
    this.receiveMss.fold(fold);
    this.receiveWindow.fold(fold);
    this.windowTuning.fold(fold);
    this.receiverRtt.fold(fold);
  }
}

/** Parts that no connection uses: the last ones first, for they are in the processor's cache. */
export class SpareParts {
  readonly #parts: PartsAtWork[] = [];

  give(parts: PartsAtWork): void {
    if (this.#parts.length === MOST_SPARE) return;
    parts.shrink();
    this.#parts.push(parts);
  }

  /** Undefined: there are none with this configuration. */
  take(config: TcpConfig): PartsAtWork | undefined {
    const parts = this.#parts.pop();
    return parts?.config === config ? parts : undefined;
  }
}
