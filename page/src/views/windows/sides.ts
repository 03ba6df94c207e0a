/**
 * Both windows of one end of a connection at an instant, as they are drawn: from what the stack told of
 * itself, or put together from a story, where some of it is not known. Positions are bytes from SND.UNA, or
 * from RCV.NXT.
 */
import type { BlockedBy, SentPiece, Snapshot } from "../../../../src/inspect/protocol.ts";

export interface SendSide {
  /** SND.UNA, after the initial sequence number. */
  readonly acknowledged: number;
  readonly next: number;
  readonly pieces: readonly SentPiece[];
  readonly windowEnd: number | undefined;
  readonly congestionEnd: number | undefined;
  readonly written: number | undefined;
  readonly capacity: number | undefined;
  readonly blockedBy: BlockedBy | undefined;
}

export interface ReceiveSide {
  /** RCV.NXT, after the initial sequence number. */
  readonly received: number;
  readonly readable: number | undefined;
  readonly windowEnd: number;
  readonly capacity: number | undefined;
  readonly islands: ReadonlyArray<readonly [number, number]>;
}

export interface Sides {
  readonly time: number;
  readonly send: SendSide;
  readonly receive: ReceiveSide;
}

export function sidesOfSnapshot({ time, send, receive }: Snapshot): Sides {
  return {
    time,
    send: {
      acknowledged: (send.unacknowledged - send.initial) >>> 0,
      next: send.next,
      pieces: send.pieces,
      windowEnd: send.windowEnd,
      congestionEnd: send.congestionEnd,
      written: send.written,
      capacity: send.capacity,
      blockedBy: send.blockedBy,
    },
    receive: {
      received: (receive.next - receive.initial) >>> 0,
      readable: receive.readable,
      windowEnd: receive.windowEnd,
      capacity: receive.capacity,
      islands: receive.islands,
    },
  };
}
