/** What the readers of all capture formats answer. */

export interface CaptureInterface {
  /** A number of `LINK_TYPE`, or one that we do not know. */
  readonly linkType: number;
  /** The longest prefix of a packet that was kept; 0: no limit. */
  readonly snapLength: number;
  readonly name: string | undefined;
}

export interface CapturedPacket {
  readonly interface: CaptureInterface;
  /** Microseconds since 1970, or since whatever the writer counted from. */
  readonly time: number;
  /** What the microseconds leave over: 0 … 999. */
  readonly nanoseconds: number;
  readonly bytes: Uint8Array;
  /** The length on the wire; above `bytes.length` when only a prefix was kept. */
  readonly originalLength: number;
  readonly direction: "in" | "out" | undefined;
  readonly comment: string | undefined;
}

/** Why reading stopped, and at which byte of the input. The packets before it are good. */
export interface CaptureError {
  readonly kind: "unknown-format" | "malformed" | "truncated" | "too-large";
  readonly message: string;
  readonly offset: number;
}

/**
 * Reads a capture that arrives in pieces of any size. Never throws; after an error it answers no more
 * packets.
 */
export interface CapturePackets {
  /** The packets that are complete with this piece. */
  push(chunk: Uint8Array): CapturedPacket[];
  /** The input has ended: a packet that is half there becomes an error. */
  end(): void;
  readonly error: CaptureError | undefined;
}

/** No packet and no block of metadata is longer than this; it bounds the memory of a reader. */
export const MAX_BLOCK = 16 * 1024 * 1024;
