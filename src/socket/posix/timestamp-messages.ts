/**
 * Timestamps as control messages: SO_TIMESTAMP, SO_TIMESTAMPNS and SO_TIMESTAMPING. The host's clock counts
 * µs.
 */
import type { Instant } from "../../base/time.ts";
import { SOF_TIMESTAMPING_SOFTWARE, SOL_SOCKET } from "./constants.ts";
import type { ControlWriter } from "./control-messages.ts";
import { SCM_TIMESTAMP, SCM_TIMESTAMPING, SCM_TIMESTAMPNS } from "./option-names.ts";

const TIME_SIZE = 16;
/** Software, a legacy one that is always zero, and hardware. */
const TIMESTAMPS = 3;

export interface TimestampWishes {
  /** SO_TIMESTAMP or SO_TIMESTAMPNS: the last of the two that was set. */
  readonly timestamp: "none" | "microseconds" | "nanoseconds";
  /** SO_TIMESTAMPING's flags. */
  readonly timestamping: number;
}

export function putTimestamps(control: ControlWriter, wishes: TimestampWishes, at: Instant): void {
  if (wishes.timestamp === "microseconds") control.put(SOL_SOCKET, SCM_TIMESTAMP, timeBytes(at, 1, 1));
  if (wishes.timestamp === "nanoseconds") control.put(SOL_SOCKET, SCM_TIMESTAMPNS, timeBytes(at, 1_000, 1));
  if ((wishes.timestamping & SOF_TIMESTAMPING_SOFTWARE) !== 0)
    control.put(SOL_SOCKET, SCM_TIMESTAMPING, timeBytes(at, 1_000, TIMESTAMPS));
}

/** struct timeval (`fraction` 1) or timespec (1,000), the first of `count` of them. */
function timeBytes(at: Instant, fraction: number, count: number): Uint8Array {
  const bytes = new Uint8Array(TIME_SIZE * count);
  const view = new DataView(bytes.buffer);
  view.setBigInt64(0, BigInt(Math.floor(at / 1_000_000)), true);
  view.setBigInt64(8, BigInt((at % 1_000_000) * fraction), true);
  return bytes;
}
