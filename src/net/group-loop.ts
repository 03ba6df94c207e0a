/**
 * What this host sends to a group that it is in itself, or to everybody on a link, it receives as well, as
 * if it had come in by the interface that it leaves by: RFC 1112 §6.1 (the sender may do without) and §7.2.
 *
 * The copies wait for the host's next poll: nobody receives from within his own sending (ARCHITECTURE.md,
 * invariant 2). The loopback interface needs none of this: what is sent there comes back by itself.
 */
import { type PacketBuffer, PacketPool } from "../base/packet-buffer.ts";
import { type Instant, NEVER } from "../base/time.ts";
import type { NetInterface } from "./interface.ts";
import type { NetContext } from "./net-context.ts";
import type { Outgoing } from "./path.ts";

/** Packets that wait: as Linux's net.core.netdev_max_backlog. */
const LIMIT = 1_000;
const POOLED = 64;

interface Waiting {
  readonly iface: NetInterface;
  readonly packet: PacketBuffer;
}

export class GroupLoop {
  readonly #context: NetContext;
  readonly #receive: (iface: NetInterface, packet: PacketBuffer) => void;
  readonly #pool = new PacketPool(2_048, POOLED);
  readonly #waiting: Waiting[] = [];
  #deadline: Instant = NEVER;

  /** @param receive takes a packet of our own, whose window begins with the IP header */
  constructor(context: NetContext, receive: (iface: NetInterface, packet: PacketBuffer) => void) {
    this.#context = context;
    this.#receive = receive;
  }

  get deadline(): Instant {
    return this.#deadline;
  }

  /** A whole packet, whose window begins with the IP header, goes out to a group or to everybody. */
  sent(packet: PacketBuffer, { remote, hop, multicastLoop }: Outgoing): void {
    const { iface } = hop;
    if (iface.isLoopback) return;
    if (remote.isMulticast && (!multicastLoop || !iface.groups.has(remote))) return;
    if (this.#waiting.length >= LIMIT) {
      this.#context.dropped("queue-full", packet);
      return;
    }
    const copy = this.#pool.take();
    copy.copyFrom(packet);
    this.#waiting.push({ iface, packet: copy });
    this.#deadline = this.#context.now;
    this.#context.wake();
  }

  /** Receives what waits. What that makes somebody send waits for the next call. */
  expire(): void {
    this.#deadline = NEVER;
    for (const { iface, packet } of this.#waiting.splice(0)) {
      this.#receive(iface, packet);
      this.#pool.give(packet);
    }
  }
}
