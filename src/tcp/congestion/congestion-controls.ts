/**
 * The congestion controls by name: Linux's net.ipv4.tcp_available_congestion_control. A user may add others
 * in `TcpConfig.congestionControls`.
 */
import { Bbr } from "./bbr/bbr.ts";
import type { CongestionControlFactory } from "./congestion-control.ts";
import { Cubic } from "./cubic.ts";
import { FixedWindow } from "./fixed.ts";
import { Reno } from "./reno.ts";

export type CongestionControls = Readonly<Record<string, CongestionControlFactory>>;

const OURS: ReadonlyMap<string, CongestionControlFactory> = new Map<string, CongestionControlFactory>([
  ["reno", parameters => new Reno(parameters)],
  ["cubic", parameters => new Cubic(parameters)],
  ["bbr", parameters => new Bbr(parameters)],
  ["fixed", parameters => new FixedWindow(parameters)],
]);

/** Undefined: there is none of this name. */
export function congestionControlNamed(
  name: string,
  others: CongestionControls,
): CongestionControlFactory | undefined {
  return Object.hasOwn(others, name) ? others[name] : OURS.get(name);
}

/** For people: what may be chosen. */
export function congestionControlNames(others: CongestionControls = {}): string[] {
  return [...new Set([...OURS.keys(), ...Object.keys(others)])];
}
