/**
 * What a call gives back: its value, and with -1 the error's name, as the C library would set `errno`. A call
 * that has to wait answers with a promise of the same.
 */
import type { Errno } from "./errno.ts";

export interface SysResult {
  readonly value: number;
  readonly errno?: Errno;
}

export type SysOutcome = SysResult | Promise<SysResult>;

export const OK: SysResult = { value: 0 };

export function succeed(value: number): SysResult {
  return value === 0 ? OK : { value };
}

export function fail(errno: Errno): SysResult {
  return { value: -1, errno };
}

/** 0, or the error that there was. */
export function outcomeOf(errno: Errno | undefined): SysResult {
  return errno === undefined ? OK : fail(errno);
}

export function isPending(outcome: SysOutcome): outcome is Promise<SysResult> {
  return outcome instanceof Promise;
}
