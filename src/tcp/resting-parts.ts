/**
 * A connection's parts, at work or at rest. Most connections are idle most of the time: what such a one has
 * to remember is a few dozen numbers (base/fold), and it has parts again when the next event or call asks
 * for one. That a connection rests shows nowhere but in the memory that it takes:
 * docs/decisions/resting-connections.md.
 *
 *   made → at work ⇄ at rest
 *
 * One that has ended rests, too: its parts are the next connection's.
 */
import { assert } from "../base/assert.ts";
import type { Folded } from "../base/fold.ts";
import { type Seq, seqAdd } from "../base/seq.ts";
import { type Instant, NEVER } from "../base/time.ts";
import type { Keepalive } from "./closing/keepalive.ts";
import type { UserTimeout } from "./closing/user-timeout.ts";
import type { AckSample } from "./congestion/congestion-control.ts";
import type { ConnectionOwner } from "./connection-owner.ts";
import type { DuplicateAcks } from "./loss/dup-ack.ts";
import type { ForwardRto } from "./loss/f-rto.ts";
import type { Rack } from "./loss/rack.ts";
import type { Recovery } from "./loss/recovery.ts";
import type { Reordering } from "./loss/reordering.ts";
import type { Rto } from "./loss/rto.ts";
import type { RttEstimator } from "./loss/rtt.ts";
import type { Scoreboard } from "./loss/sack.ts";
import type { TailLossProbe } from "./loss/tlp.ts";
import type { Undo } from "./loss/undo.ts";
import { PartsAtWork, type RecordObserver } from "./parts-at-work.ts";
import type { DelayedAck } from "./receive/delayed-ack.ts";
import type { ReceiveBuffer } from "./receive/receive-buffer.ts";
import type { ReceiveMss } from "./receive/receive-mss.ts";
import type { ReceiveWindow } from "./receive/receive-window.ts";
import type { ReceiverRtt } from "./receive/receiver-rtt.ts";
import type { SackReports } from "./receive/sack-blocks.ts";
import type { WindowTuning } from "./receive/window-tuning.ts";
import type { BusyTime } from "./send/busy-time.ts";
import type { CwndValidation } from "./send/cwnd-validation.ts";
import type { DeliveryRate } from "./send/delivery-rate.ts";
import type { Nagle } from "./send/nagle.ts";
import type { Persist } from "./send/persist.ts";
import type { RetransmissionQueue } from "./send/retransmission-queue.ts";
import type { SendBuffer } from "./send/send-buffer.ts";
import type { SendSpace } from "./send/send-space.ts";
import type { WriteQueue } from "./send/write-queue.ts";
import type { Tally } from "./tally.ts";
import { Tcb } from "./tcb.ts";
import type { TcpConfig } from "./tcp-config.ts";
import type { ConnectionTimers } from "./timers.ts";

export abstract class RestingParts {
  readonly owner: ConnectionOwner;
  config: TcpConfig;
  readonly tcb = new Tcb();
  // Private by TypeScript alone: each step of each segment asks for parts, and `#` cost a tenth of them.
  private atWork: PartsAtWork | undefined;
  /** While they work, too: they are folded to the same place again. */
  #folded: Folded | undefined = undefined;
  /** A timer of a resting connection runs: keepalive's. */
  #isTimed = false;

  constructor(owner: ConnectionOwner, config: TcpConfig, iss: Seq) {
    this.owner = owner;
    this.config = config;
    const { tcb } = this;
    tcb.iss = iss;
    tcb.snd.una = iss;
    tcb.snd.nxt = iss;
    tcb.snd.up = iss;
    const textStart = seqAdd(iss, 1);
    this.atWork = owner.spareParts.takeFresh(config, iss, textStart, this.now) ?? this.made(iss, textStart);
    this.adopt(this.atWork);
  }

  /** What hears of delivered, reported and lost records: made with the parts, so that no ACK allocates. */
  protected abstract recordObserver(): RecordObserver;

  /** The parts are its own now: another connection's before, or new ones. */
  protected abstract adopt(parts: PartsAtWork): void;

  /** It has parts again. */
  protected abstract awakened(): void;

  get now(): Instant {
    return this.owner.context.now;
  }

  get isResting(): boolean {
    return this.atWork === undefined;
  }

  /** Folds the parts. The caller has asked whether they may be: `isQuiet`, `isDone`. */
  rest(): void {
    const parts = this.atWork;
    if (parts === undefined) return;
    this.#isTimed = parts.timers.keepalive !== NEVER;
    const { fold, spareParts } = this.owner;
    this.#folded = fold.fold(parts.fold(fold.row, this.tcb.snd.nxt), this.#folded);
    this.atWork = undefined;
    spareParts.give(parts);
  }

  /** For the host's timer queue. */
  get deadline(): Instant {
    return this.atWork === undefined && !this.#isTimed ? NEVER : this.timers.earliest;
  }

  private get parts(): PartsAtWork {
    return this.atWork ?? this.awake();
  }

  private made(una: Seq, textStart: Seq): PartsAtWork {
    const { config, now, owner } = this;
    return new PartsAtWork(config, una, textStart, now, owner.spareRanges, this.recordObserver());
  }

  private awake(): PartsAtWork {
    const { owner, config } = this;
    const { una, nxt } = this.tcb.snd;
    const parts = owner.spareParts.take(config) ?? this.made(una, nxt);
    assert(this.#folded !== undefined, "a connection has lost its parts");
    owner.fold.unfold(this.#folded);
    parts.unfold(owner.fold.row, una, nxt);
    this.atWork = parts;
    this.adopt(parts);
    this.awakened();
    return parts;
  }

  get tally(): Tally {
    return this.parts.tally;
  }

  get timers(): ConnectionTimers {
    return this.parts.timers;
  }

  get sendBuffer(): SendBuffer {
    return this.parts.sendBuffer;
  }

  get sendSpace(): SendSpace {
    return this.parts.sendSpace;
  }

  get writeQueue(): WriteQueue {
    return this.parts.writeQueue;
  }

  get busyTime(): BusyTime {
    return this.parts.busyTime;
  }

  get queue(): RetransmissionQueue {
    return this.parts.queue;
  }

  get nagle(): Nagle {
    return this.parts.nagle;
  }

  get persist(): Persist {
    return this.parts.persist;
  }

  get cwndValidation(): CwndValidation {
    return this.parts.cwndValidation;
  }

  get deliveryRate(): DeliveryRate {
    return this.parts.deliveryRate;
  }

  get sample(): AckSample {
    return this.parts.sample;
  }

  get rtt(): RttEstimator {
    return this.parts.rtt;
  }

  get rto(): Rto {
    return this.parts.rto;
  }

  get scoreboard(): Scoreboard {
    return this.parts.scoreboard;
  }

  get duplicateAcks(): DuplicateAcks {
    return this.parts.duplicateAcks;
  }

  get rack(): Rack {
    return this.parts.rack;
  }

  get reordering(): Reordering {
    return this.parts.reordering;
  }

  get tailLossProbe(): TailLossProbe {
    return this.parts.tailLossProbe;
  }

  get recovery(): Recovery {
    return this.parts.recovery;
  }

  get forwardRto(): ForwardRto {
    return this.parts.forwardRto;
  }

  get undo(): Undo {
    return this.parts.undo;
  }

  get receiveBuffer(): ReceiveBuffer {
    return this.parts.receiveBuffer;
  }

  get sackReports(): SackReports {
    return this.parts.sackReports;
  }

  get delayedAck(): DelayedAck {
    return this.parts.delayedAck;
  }

  get receiveMss(): ReceiveMss {
    return this.parts.receiveMss;
  }

  get receiveWindow(): ReceiveWindow {
    return this.parts.receiveWindow;
  }

  get windowTuning(): WindowTuning {
    return this.parts.windowTuning;
  }

  get receiverRtt(): ReceiverRtt {
    return this.parts.receiverRtt;
  }

  get keepalive(): Keepalive {
    return this.parts.keepalive;
  }

  get userTimeout(): UserTimeout {
    return this.parts.userTimeout;
  }

  get noteDelivered(): RecordObserver["delivered"] {
    return this.parts.hears.delivered;
  }

  get noteReported(): RecordObserver["reported"] {
    return this.parts.hears.reported;
  }

  get noteLost(): RecordObserver["lost"] {
    return this.parts.hears.lost;
  }
}
