/**
 * Settings that no TCP can work with are refused where they are given: a number that is none, or that means
 * nothing, would show much later, as a connection that never sends or a timer that never ends.
 */
import { NetError } from "../base/errors.ts";
import type { TcpConfig } from "./tcp-config.ts";

type Settings = Readonly<Record<string, unknown>>;

/** Where 0 or a part of a millisecond would mean that nothing ever happens, or happens all the time. */
const LEAST: Partial<Record<keyof TcpConfig, number>> = {
  initialWindow: 1,
  initialRto: 1_000,
  maxRto: 1_000,
  sendBufferLimit: 1,
  notSentLowWater: 1,
  receiveBuffer: 1,
};

/** What a header or a ring has room for; nothing else is limited. */
const MOST: Partial<Record<keyof TcpConfig, number>> = {
  leastMss: 0xffff,
  receiveBuffer: 0x7fff_ffff,
  firstEphemeralPort: 0xffff,
  lastEphemeralPort: 0xffff,
};

const WORDS: Partial<Record<keyof TcpConfig, readonly string[]>> = {
  hystart: ["classic", "plus-plus", "off"] satisfies ReadonlyArray<TcpConfig["hystart"]>,
  pathMtuDiscovery: ["dont", "want", "do", "probe", "interface", "omit"] satisfies ReadonlyArray<
    TcpConfig["pathMtuDiscovery"]
  >,
};

/** @throws NetError, EINVAL, that names the first setting that is none or has an impossible value. */
export function checkSettings(changes: Settings, usual: Settings): void {
  for (const [name, value] of Object.entries(changes)) {
    if (!(name in usual)) throw new NetError("EINVAL", { syscall: `TCP setting ${name}` });
    if (!isPossible(name as keyof TcpConfig, value, usual[name]))
      throw new NetError("EINVAL", { syscall: `TCP setting ${name}: ${String(value)}` });
  }
}

function isPossible(name: keyof TcpConfig, value: unknown, usual: unknown): boolean {
  if (usual === undefined) return value === undefined || (typeof value === "object" && value !== null);
  if (typeof value !== typeof usual || value === null) return false;
  if (typeof value === "number") return value >= (LEAST[name] ?? 0) && value <= (MOST[name] ?? Infinity);
  return WORDS[name]?.includes(value as string) ?? true;
}
