/**
 * TIME-WAIT: ten numbers that answer a lost last ACK and keep old duplicates away from a new incarnation.
 * RFC 9293 §3.6.1 (MUST-13, MAY-2), §3.10.7.4; reuse by a newer SYN: RFC 6191 (SHLD-4); RST does not cut it
 * short where configured: RFC 1337.
 */
import { type Seq, seqAdd, seqAfter } from "../../base/seq.ts";
import { type Instant, NEVER } from "../../base/time.ts";
import type { IpAddress } from "../../wire/address.ts";
import type { DemuxEntry } from "../demux.ts";
import type { Signatures } from "../md5-signatures.ts";
import type { Timestamps } from "../receive/timestamps.ts";
import type { Segment } from "../segment.ts";
import type { NetPath } from "../tcp-context.ts";

/** As on Linux: the largest window without scaling, and two. */
const BEYOND = 0x10001;

export class TimeWait implements DemuxEntry {
  readonly kind = "time-wait";
  readonly path: NetPath;
  readonly localPort: number;
  readonly remotePort: number;
  readonly sndNxt: Seq;
  readonly rcvNxt: Seq;
  /** What we advertise in the last ACK's repetition: the header's field. */
  readonly windowField: number;
  /** How wide the window was, in bytes. */
  readonly window: number;
  readonly timestamps: Timestamps;
  readonly enteredAt: Instant;
  /** RFC 2385: what it sends is signed with this. */
  signatures: Signatures | undefined = undefined;
  deadline: Instant = NEVER;
  /** Its neighbors among those that wait: time-wait-order. */
  endsAfter: TimeWait | undefined = undefined;
  endsBefore: TimeWait | undefined = undefined;
  /** When the last challenge or duplicate was answered. */
  answeredAt = Number.NEGATIVE_INFINITY as Instant;

  constructor(
    path: NetPath,
    ports: { readonly localPort: number; readonly remotePort: number },
    sndNxt: Seq,
    rcvNxt: Seq,
    window: { readonly field: number; readonly bytes: number },
    timestamps: Timestamps,
    now: Instant,
  ) {
    this.enteredAt = now;
    this.path = path;
    this.localPort = ports.localPort;
    this.remotePort = ports.remotePort;
    this.sndNxt = sndNxt;
    this.rcvNxt = rcvNxt;
    this.windowField = window.field;
    this.window = window.bytes;
    this.timestamps = timestamps;
  }

  get local(): IpAddress {
    return this.path.local;
  }

  get remote(): IpAddress {
    return this.path.remote;
  }

  /** Where the numbers of the next connection between these ports begin: beyond the window of this one. */
  get nextIss(): Seq {
    return seqAdd(this.sndNxt, BEYOND);
  }

  /** RFC 6191 §2: whether a SYN begins a new incarnation that no old segment can be taken for. */
  mayBeReusedBy(segment: Segment): boolean {
    const { options } = segment;
    if (this.timestamps.hasRecent && options.hasTimestamps) {
      const age = (options.timestampValue - this.timestamps.recent) | 0;
      if (age !== 0) return age > 0;
    }
    return seqAfter(segment.seq, this.rcvNxt);
  }
}
