/**
 * Packets that have come to the wrong one of several hosts with the same addresses, each on one queue of a
 * device (node/queue-group). A host that knows nothing of a packet hands it to the next worker; what comes
 * round unknown is answered where it came in, as a lone host would answer it.
 *
 *     worker 0 → worker 1 → worker 2 → worker 0
 *
 * The kernel sends a flow to the queue that has last written to it, and remembers that for three seconds of
 * silence and 4,096 flows. What it has forgotten goes by a hash of addresses and ports. A connection that was
 * accepted lives where the hash leads; one that we have opened may not. Fragments, ICMP errors and echoes
 * have no ports and go by their addresses alone.
 */
import type { MessagePort } from "node:worker_threads";
import { type ChecksumState, PacketBuffer } from "../base/packet-buffer.ts";

/** Strays under way to one worker. Whoever sends us what is nobody's must not fill the memory. */
const MOST_UNDER_WAY = 256;

interface Stray {
  /** A complete IP packet. */
  readonly bytes: Uint8Array;
  readonly checksum: ChecksumState;
  readonly segmentSize: number;
  /** How many more workers may be asked. */
  readonly left: number;
}

export interface StrayRingOptions {
  readonly index: number;
  readonly count: number;
  /** Shared by all: how many strays are under way to each worker. */
  readonly underWay: Int32Array;
  readonly next: MessagePort;
  readonly previous: MessagePort;
  /** Gives a stray to our host, as if the device had received it. */
  readonly receive: (frame: PacketBuffer) => void;
}

export interface StrayCounters {
  /** Handed to the next worker. */
  sent: number;
  received: number;
  /** Not handed on, as too many were under way. */
  refused: number;
}

export class StrayRing {
  readonly counters: StrayCounters = { sent: 0, received: 0, refused: 0 };
  readonly #options: StrayRingOptions;
  readonly #frame = new PacketBuffer(0);
  /** How many workers may be asked about the packet at hand. A full round ends with ourselves. */
  #left: number;

  constructor(options: StrayRingOptions) {
    this.#options = options;
    this.#left = options.count;
    options.previous.on("message", (stray: Stray) => this.#receive(stray));
  }

  /** Our host knows nothing of the packet. True: it is under way to the next worker. */
  readonly unclaimed = (packet: PacketBuffer): boolean => {
    const { index, count, underWay, next } = this.#options;
    if (this.#left === 0) return false;
    const neighbor = (index + 1) % count;
    if (Atomics.load(underWay, neighbor) >= MOST_UNDER_WAY) {
      this.counters.refused++;
      return false;
    }
    Atomics.add(underWay, neighbor, 1);
    const bytes = packet.bytes.slice(packet.network, packet.end);
    const { checksum, segmentSize } = packet;
    const stray: Stray = { bytes, checksum, segmentSize, left: this.#left - 1 };
    next.postMessage(stray, [bytes.buffer]);
    this.counters.sent++;
    return true;
  };

  close(): void {
    this.#options.next.close();
    this.#options.previous.close();
  }

  #receive({ bytes, checksum, segmentSize, left }: Stray): void {
    const { index, underWay, receive } = this.#options;
    Atomics.sub(underWay, index, 1);
    this.counters.received++;
    const frame = this.#frame;
    frame.fill(bytes, 0, bytes.length);
    frame.checksum = checksum;
    frame.segmentSize = segmentSize;
    this.#left = left;
    try {
      receive(frame);
    } finally {
      this.#left = this.#options.count;
    }
  }
}
