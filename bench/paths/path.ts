/**
 * A path between two ends, each of them a device: what the sender's device hears goes over a bad wire to the
 * receiver's, and the other way round. The same for every pair of ends, so what differs is TCP alone.
 *
 *     sender's device ── rate, queue, loss, delay ──▸ meter ── receiver's device
 *                     ◂────────────────────── delay ──
 *
 * Goodput is counted on the wire, alike for all: how far the receiver's acknowledgments have come.
 */
import { type Duration, type PacketBuffer, type Scheduler, SeededRandom } from "@postel/stack/base";
import { impair, type NetDevice, segmentation, tap } from "@postel/stack/link";

export interface PathOptions {
  /** Without queues, there and back. */
  readonly roundTrip: Duration;
  /** Of packets from the sender to the receiver: 0 … 1. */
  readonly loss: number;
  readonly rateBytesPerSecond: number;
  /** Decides which packets are lost: by their number on the wire, whoever sends them. */
  readonly seed: number;
}

const PACKET = 1_500;
const LEAST_QUEUE = 100;

export class Path {
  readonly #meter = new AckMeter();

  constructor(sender: NetDevice, receiver: NetDevice, scheduler: Scheduler, options: PathOptions) {
    const { roundTrip, loss, rateBytesPerSecond, seed } = options;
    const delay = (roundTrip / 2) as Duration;
    // A queue of what the path holds, as routers were built for Reno.
    const holds = Math.ceil((rateBytesPerSecond * roundTrip) / 1_000_000 / PACKET);
    const queueLimit = Math.max(LEAST_QUEUE, holds);
    const metered = tap(receiver, {
      frame: (direction, frame) => {
        if (direction === "in") this.#meter.see(frame);
      },
    });
    const wire = impair(metered, {
      scheduler,
      random: new SeededRandom(seed),
      transmit: { loss, delay, rateBytesPerSecond, queueLimit },
      receive: { delay },
    });
    // A plain device joins the segments of a burst: each has to be a packet again, with a chance of its own.
    join(sender, segmentation(wire));
  }

  /** Bytes that the receiver has acknowledged. */
  get acknowledged(): number {
    return this.#meter.acknowledged;
  }
}

/** What either hears, the other says. A kernel's device that is full drops, as any network does. */
function join(left: NetDevice, right: NetDevice): void {
  const pass = (to: NetDevice) => ({
    receive: (frame: PacketBuffer) => void to.transmit(frame),
    writable() {},
  });
  left.attach(pass(right));
  right.attach(pass(left));
}

/** The ends send IPv4 without options, and nothing but TCP. */
const TCP_AT = 20;
const ACKNOWLEDGMENT_AT = TCP_AT + 8;
const FLAGS_AT = TCP_AT + 13;
const ACK = 16;

class AckMeter {
  #first: number | undefined;
  acknowledged = 0;

  see({ bytes, start }: PacketBuffer): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset + start);
    if ((view.getUint8(FLAGS_AT) & ACK) === 0) return;
    const acknowledgment = view.getInt32(ACKNOWLEDGMENT_AT);
    this.#first ??= acknowledgment;
    this.acknowledged = Math.max(this.acknowledged, (acknowledgment - this.#first) | 0);
  }
}
