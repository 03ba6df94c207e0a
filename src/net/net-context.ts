/**
 * All that `net/` knows of the world outside. `host/` provides it; tests provide their own.
 */
import type { DropReason } from "../base/drop-reason.ts";
import type { PacketBuffer } from "../base/packet-buffer.ts";
import type { Random } from "../base/random.ts";
import type { Instant } from "../base/time.ts";
import type { FrameDirection } from "../link/tap.ts";
import type { NetInterface } from "./interface.ts";

/** Sees the frames of the interfaces; those that go out once their device has taken them. Borrowed. */
export type FrameWatch = (iface: NetInterface, direction: FrameDirection, frame: PacketBuffer) => void;

export interface NetContext {
  /** The time of the event being processed. */
  readonly now: Instant;
  readonly random: Random;
  /** A packet was not processed. Borrowed for the call. */
  dropped(reason: DropReason, packet?: PacketBuffer): void;
  /**
   * Nobody here has asked for the packet, whose IP header is at `network`. True: it has been handed to a host
   * that may have, and is not to be answered. Borrowed.
   */
  unclaimed?(packet: PacketBuffer): boolean;
  /** Undefined: nobody watches. */
  readonly frameWatch?: FrameWatch | undefined;
  /** `Net.deadline` may have moved earlier. */
  wake(): void;
}

export interface NetOptions {
  /** Whether packets that are not for this host are sent on. False at first. */
  readonly forwarding?: boolean;
  /**
   * RFC 1122 §3.3.4.2. `weak`, as in Linux: a packet for any address of the host is taken from any interface.
   * `strong`: only from the interface that holds the address.
   */
  readonly hostModel?: "weak" | "strong";
  /** The TTL or hop limit of what is sent, where a path does not set its own. */
  readonly defaultHopLimit?: number;
}

export type NetConfig = Required<NetOptions>;

export function netConfig(options: NetOptions): NetConfig {
  return { forwarding: false, hostModel: "weak", defaultHopLimit: 64, ...options };
}
