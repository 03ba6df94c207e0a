/**
 * The loopback device (RFC 1122 §3.2.1.3 (g), RFC 4291 §2.5.3): what is transmitted is received here, a
 * moment later. The wire is the host's own memory, so nobody computes a checksum.
 */
import type { Scheduler } from "../base/event-queue.ts";
import { PacketPool } from "../base/packet-buffer.ts";
import { type NetDevice, NO_OFFLOAD } from "./net-device.ts";
import { WireEnd } from "./pair.ts";

/** Packets here are up to 64 KiB, so fewer are kept for reuse. */
const POOLED = 64;

export interface LoopbackOptions {
  readonly mtu?: number | undefined;
  readonly name?: string | undefined;
  readonly queueLimit?: number | undefined;
}

export function createLoopback(scheduler: Scheduler, options: LoopbackOptions = {}): NetDevice {
  const { mtu = 65_536, name = "lo", queueLimit } = options;
  const device = new WireEnd(
    scheduler,
    name,
    { medium: "ip", mtu, queueLimit, offload: { ...NO_OFFLOAD, checksum: true } },
    new PacketPool(2_048, POOLED),
  );
  device.connect(device);
  return device;
}
