/** What an analysis says of one segment: marks, as a sum of bits and as words, and details. */
import type { LossCause, SendReason } from "../trace/event.ts";

export const MARK = {
  /** Text, SYN or FIN that the capture has had before, or whose time has passed. */
  retransmission: 1,
  /** The other end had acknowledged it, or told later that it had it twice (D-SACK, timestamps). */
  spurious: 2,
  outOfOrder: 4,
  /** The same packet again: doubled by the network, or captured at two places. */
  copy: 8,
  duplicateAck: 16,
  duplicateSack: 32,
  keepalive: 64,
  keepaliveAnswer: 128,
  zeroWindow: 256,
  zeroWindowProbe: 512,
  zeroWindowProbeAnswer: 1024,
  windowUpdate: 2048,
  /** The text reaches to the end of the peer's window. */
  windowFull: 4096,
  /** Text before this is not in the capture, or comes later. */
  gapBefore: 8192,
  /** Acknowledges what is not in the capture. */
  acknowledgesUnseen: 16_384,
  /** A SYN on addresses and ports of a connection that the capture knows. */
  portsReused: 32_768,
} as const;

export type Mark = keyof typeof MARK;

export function markNames(marks: number): Mark[] {
  return (Object.keys(MARK) as Mark[]).filter(name => (marks & MARK[name]) !== 0);
}

/** The verdict on one segment. Some of it shows later only: `cause` and `spurious`. */
export interface Verdict {
  readonly packet: number;
  readonly connection: number;
  /** Which end sent it: an index of `ends`. */
  readonly side: 0 | 1;
  marks: number;
  reason: SendReason;
  /** Of a retransmission. */
  cause: LossCause | undefined;
  /** Of an acknowledgment: bytes that are news, in order and by SACK, and the RTT of their text. */
  acknowledged: number;
  sackedBytes: number;
  rtt: number | undefined;
  /** How many in a row, of a duplicate ACK. */
  duplicateAcks: number;
}
