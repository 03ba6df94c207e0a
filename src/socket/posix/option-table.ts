/** How an option's table entry reads: what getsockopt gives, and what setsockopt takes and keeps. */
import type { Errno } from "./errno.ts";
import type { SocketFile } from "./socket-file.ts";

export interface IntOption {
  readonly kind: "int";
  /** What there is as long as nobody set it; 0 if not said. */
  readonly initial?: number;
  /** What getsockopt gives, if not what was set. */
  readonly read?: (socket: SocketFile) => number | Errno;
  /** The value to keep of what was given, or why not. Without it the option cannot be set. */
  readonly check?: (value: number, socket: SocketFile) => number | Errno;
  /** SOL_IP: an empty value is an error. SOL_IPV6: false says that it is none. */
  readonly needsValue?: boolean;
}

export interface BytesOption {
  readonly kind: "bytes";
  /** @param room what the caller's length says: some options depend on it */
  readonly read?: (socket: SocketFile, room: number) => Uint8Array | Errno;
  /** Shorter is EINVAL. */
  readonly least: number;
  readonly write?: (socket: SocketFile, bytes: Uint8Array) => Errno | undefined;
}

export type SocketOption = IntOption | BytesOption;

export type OptionTable = ReadonlyMap<number, SocketOption>;

type Check = NonNullable<IntOption["check"]>;

export const asFlag: Check = value => (value === 0 ? 0 : 1);
export const asGiven: Check = value => value;
export const zeroOrOne: Check = value => (value === 0 || value === 1 ? value : "EINVAL");

export function between(least: number, most: number): Check {
  return value => (value >= least && value <= most ? value : "EINVAL");
}

/** A flag without consequences here: it is kept. */
export const FLAG: IntOption = { kind: "int", check: asFlag };
