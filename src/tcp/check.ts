/**
 * The whole-TCB check: what must hold of every connection after every event. A failure is a bug of ours.
 */
import { assert } from "../base/assert.ts";
import { seqAdd, seqAtOrAfter, seqAtOrBefore, seqDiff } from "../base/seq.ts";
import { NEVER } from "../base/time.ts";
import { bytesInFlight } from "./flight.ts";
import type { SentRange } from "./send/sent-range.ts";
import type { TcpConnection } from "./tcp-connection.ts";

export function checkConnection(c: TcpConnection): void {
  if (c.isOver) {
    assert(c.timers.earliest === NEVER, "a connection that is over has a timer");
    return;
  }
  checkSending(c);
  checkReceiving(c);
  checkTimers(c);
}

function checkSending(c: TcpConnection): void {
  const { snd } = c.tcb;
  const { queue } = c;
  assert(seqAtOrBefore(snd.una, snd.nxt), "SND.UNA lies beyond SND.NXT");
  let sacked = 0;
  let lost = 0;
  let segments = 0;
  let retransmitted = 0;
  let owed = 0;
  let at = snd.una;
  let outstanding = 0;
  let last: SentRange | undefined;
  for (let record = queue.first; record !== undefined; record = record.next) {
    assert(record.start === at, "the retransmission queue has a gap");
    assert(record.length > 0, "the retransmission queue has an empty record");
    assert(!(record.sacked && record.lost), "a record is both reported and lost");
    if (record.sacked) sacked += record.length;
    if (record.lost) lost += record.length;
    assert(record.segments === segmentsOf(record), "a record miscounts its segments");
    outstanding += record.segments;
    if (!record.sacked && !record.lost) segments += record.segments;
    if (record.retransmitted) segments += record.segments;
    if (record.retransmitted) retransmitted += record.length;
    if (record.isOwed) owed += record.length;
    assert(
      record.isOrdered !== (record.sacked || record.isOwed),
      "what is in flight is in order, and only that",
    );
    at = record.end;
    last = record;
  }
  assert(queue.last === last, "the retransmission queue does not know its end");
  assert(queue.segments === outstanding, "the number of outstanding segments is wrong");
  assert(at === snd.nxt, "the retransmission queue does not end at SND.NXT");
  assert(queue.sackedBytes === sacked, "the sum of reported bytes is wrong");
  assert(queue.lostBytes === lost, "the sum of lost bytes is wrong");
  assert(queue.segmentsInFlight === segments, "the number of segments in flight is wrong");
  assert(queue.retransmittedBytes === retransmitted, "the sum of retransmitted bytes is wrong");
  assert(queue.owedBytes === owed, "the sum of bytes to be sent again is wrong");
  assert(owed === 0 || queue.nextOwed() !== undefined, "what is to be sent again cannot be found");
  checkOrder(c);
  assert(bytesInFlight(c) >= 0, "less than nothing is in flight");
  const end = seqAdd(c.sendBuffer.end, c.finSent ? 1 : 0);
  assert(seqAtOrAfter(end, snd.nxt), "text was sent that the send buffer does not hold");
  const text = seqDiff(c.sendBuffer.end, snd.una);
  assert(text <= c.sendBuffer.length + 2, "unacknowledged text has left the send buffer");
  assert(c.congestion.cwnd >= 1, "the congestion window is closed");
}

function segmentsOf({ length, fin, size, syn }: SentRange): number {
  return syn ? 1 : Math.max(1, Math.ceil((length - (fin ? 1 : 0)) / size));
}

function checkOrder(c: TcpConnection): void {
  let count = 0;
  for (let record = c.queue.order.oldest; record !== undefined; record = record.later) {
    count++;
    assert(record.later === undefined || record.later.sentAt >= record.sentAt, "sent before what it follows");
    assert(count <= c.queue.segments, "more is in the order of transmission than was sent");
  }
}

function checkReceiving(c: TcpConnection): void {
  const { rcv } = c.tcb;
  const { outOfOrder } = c.receiveBuffer;
  assert(seqAtOrAfter(rcv.adv, rcv.nxt) || c.receiveClosed, "the window's right edge lies left of RCV.NXT");
  let before = rcv.nxt;
  for (let i = 0; i < outOfOrder.count; i++) {
    assert(seqDiff(outOfOrder.start(i), before) > 0, "out-of-order ranges touch or overlap");
    assert(seqDiff(outOfOrder.end(i), outOfOrder.start(i)) > 0, "an out-of-order range is empty");
    before = outOfOrder.end(i);
  }
}

function checkTimers(c: TcpConnection): void {
  const { timers, queue } = c;
  if (queue.segments > 0) assert(timers.retransmit !== NEVER, "text is in flight and no timer watches it");
  else assert(timers.retransmit === NEVER, "the retransmission timer watches nothing");
  assert(
    timers.tailLossProbe <= timers.retransmit || timers.tailLossProbe === NEVER,
    "a tail loss probe comes late",
  );
}
