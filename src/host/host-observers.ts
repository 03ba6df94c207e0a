/**
 * Who looks on at a host: its TCP, the frames of its interfaces, the packets that it drops. Several of a kind
 * become one, so that the host has one field to look at for each kind.
 */
import type { DropReason } from "../base/drop-reason.ts";
import type { PacketBuffer } from "../base/packet-buffer.ts";
import { FinishedFrame } from "../link/finished-frame.ts";
import type { FrameDirection } from "../link/tap.ts";
import type { NetInterface } from "../net/interface.ts";
import type { FrameWatch } from "../net/net-context.ts";
import type { TcpProbe } from "../tcp/tcp-probe.ts";
import { probeOfMany } from "../tcp/tcp-probes.ts";

/** Sees each packet that is dropped. It must not keep the packet. */
export type DropObserver = (reason: DropReason, packet: PacketBuffer | undefined) => void;

export interface HostFrameObserver {
  /** Asked before a frame is finished for it: what nobody wants costs next to nothing. All, if not there. */
  wants?(): boolean;
  /**
   * A frame of one of the host's interfaces (`iface.name`, `iface.device.medium`), as it would be on a wire;
   * but what the device is to cut, or has joined, is whole. Borrowed for the call, and not to be changed.
   */
  frame(iface: NetInterface, direction: FrameDirection, frame: PacketBuffer): void;
}

export interface HostObservers {
  readonly tcp?: TcpProbe | undefined;
  readonly frames?: HostFrameObserver | undefined;
  readonly drops?: DropObserver | undefined;
}

export function probeOfAll(observers: readonly HostObservers[]): TcpProbe | undefined {
  const probes = observers.map(({ tcp }) => tcp).filter(tcp => tcp !== undefined);
  return probes.length > 1 ? probeOfMany(probes) : probes[0];
}

export function frameWatchOfAll(observers: readonly HostObservers[]): FrameWatch | undefined {
  const all = observers.map(({ frames }) => frames).filter(frames => frames !== undefined);
  if (all.length === 0) return undefined;
  const finished = new FinishedFrame();
  return (iface, direction, frame) => {
    let shown: PacketBuffer | undefined;
    for (const observer of all) {
      if (observer.wants?.() === false) continue;
      shown ??= finished.of(frame);
      observer.frame(iface, direction, shown);
    }
  };
}

export function dropObserverOfAll(observers: readonly HostObservers[]): DropObserver | undefined {
  const all = observers.map(({ drops }) => drops).filter(drops => drops !== undefined);
  if (all.length < 2) return all[0];
  return (reason, packet) => {
    for (const drops of all) drops(reason, packet);
  };
}
