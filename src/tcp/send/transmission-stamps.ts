/**
 * When a byte is handed down, sent, and acknowledged: what SO_TIMESTAMPING asks for. A request is about the
 * last byte of a write. Of writes that wait in one piece (send/write-queue.ts) only the last is stamped; a
 * byte that is sent again is stamped again. All as Linux does it.
 */
import { type Seq, seqAfter, seqAtOrBefore } from "../../base/seq.ts";
import type { Instant } from "../../base/time.ts";

/** What can be asked for; bits. */
export const STAMP = { scheduled: 1, sent: 2, acknowledged: 4 } as const;

export interface StampRequest {
  /** Of STAMP. */
  readonly kinds: number;
  /** The user's: told with each stamp. */
  readonly id: number;
  readonly length: number;
}

/** One stamp, for the user. */
export interface Stamp extends StampRequest {
  readonly at: Instant;
}

interface Pending extends StampRequest {
  /** The sequence number after the byte. */
  readonly end: Seq;
}

/** Nobody reads them: more are not kept. */
const MOST_UNREAD = 256;

export class TransmissionStamps {
  #pending: Pending[] = [];
  #stamps: Stamp[] = [];

  /** The byte before `end`, which waits in a piece that begins at `start`. */
  request(start: Seq, end: Seq, request: StampRequest): void {
    const last = this.#pending.at(-1);
    const replaces = last !== undefined && seqAfter(last.end, start);
    if (replaces) this.#pending.pop();
    const kinds = replaces ? last.kinds | request.kinds : request.kinds;
    this.#pending.push({ end, kinds, id: request.id, length: request.length });
  }

  /** Text from `start` to `end` has left. True: there are stamps to be told. */
  left(start: Seq, end: Seq, now: Instant): boolean {
    let any = false;
    for (const request of this.#pending) {
      if (!seqAfter(request.end, start)) continue;
      if (seqAfter(request.end, end)) break;
      if (this.#note(request, STAMP.scheduled, now)) any = true;
      if (this.#note(request, STAMP.sent, now)) any = true;
    }
    return any;
  }

  /** True: there are stamps to be told. */
  acknowledged(una: Seq, now: Instant): boolean {
    let any = false;
    for (let first = this.#pending[0]; first !== undefined; first = this.#pending[0]) {
      if (!seqAtOrBefore(first.end, una)) break;
      this.#pending.shift();
      if (this.#note(first, STAMP.acknowledged, now)) any = true;
    }
    return any;
  }

  /** The stamps since the last call, each of one kind. */
  take(): readonly Stamp[] {
    const stamps = this.#stamps;
    this.#stamps = [];
    return stamps;
  }

  #note({ kinds, id, length }: Pending, kind: number, at: Instant): boolean {
    if ((kinds & kind) === 0 || this.#stamps.length >= MOST_UNREAD) return false;
    this.#stamps.push({ kinds: kind, id, length, at });
    return true;
  }
}
