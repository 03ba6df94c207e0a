/**
 * The timestamps option: RFC 7323 §3 to §5. Our clock ticks every millisecond from a random offset (§5.4,
 * §7.1).
 */
import type { Duration, Instant } from "../../base/time.ts";

/** The option, with two bytes of padding: what it takes of every segment's text. */
export const TIMESTAMPS_SIZE = 12;
const TICK = 1_000; // µs
/** Ticks a second: §5.4 has 1,000 at most, some systems had 1,200. */
const FASTEST_CLOCK = 1_200;
/** §5.5: a TS.Recent older than 24 days proves nothing. */
const OUTDATED = (24 * 86_400 * 1_000_000) as Duration;

/** The clock of all connections, before each adds its offset. */
export function clockTicks(now: Instant): number {
  return Math.floor(now / TICK);
}

/** Whether `echo` is what the clock, with this offset, said at some time from `start` to `now`. */
export function wasSent(echo: number, offset: number, start: Instant, now: Instant): boolean {
  const ticks = echo - offset;
  return ((ticks - clockTicks(start)) | 0) >= 0 && ((clockTicks(now) - ticks) | 0) >= 0;
}

export class Timestamps {
  /** Both ends offered the option: Snd.TS.OK. */
  enabled = false;
  readonly #offset: number;
  /** TS.Recent, and when it was taken. */
  recent = 0;
  recentAt = 0 as Instant;
  hasRecent = false;

  constructor(offset: number) {
    this.#offset = offset | 0;
  }

  get offset(): number {
    return this.#offset;
  }

  /** TSval now, signed. */
  value(now: Instant): number {
    return (clockTicks(now) + this.#offset) | 0;
  }

  /** Whether what carried `echo` was sent before `sentAt`, by the clock's tick. */
  isBefore(echo: number, sentAt: Instant): boolean {
    return ((echo - this.value(sentAt)) | 0) < 0;
  }

  /** How long ago we sent `echo`, to the clock's tick; undefined for what we cannot have sent. */
  elapsedSince(echo: number, now: Instant): Duration | undefined {
    const ticks = (this.value(now) - echo) | 0;
    if (ticks < 0 || ticks > 600_000) return undefined;
    return (Math.max(ticks, 1) * TICK) as Duration;
  }

  /** §4.3 (2): the caller has checked SEG.SEQ ≤ Last.ACK.sent. */
  received(value: number, now: Instant): void {
    if (this.isOld(value, now)) return;
    this.recent = value;
    this.recentAt = now;
    this.hasRecent = true;
  }

  /**
   * §5.3 R1: PAWS rejects what is older than TS.Recent. A peer whose clock has always said 0 has none.
   *
   * @param tolerance in ticks: docs/decisions/paws.md
   */
  isOld(value: number, now: Instant, tolerance = 0): boolean {
    if (!this.hasRecent || this.recent === 0) return false;
    return ((this.recent - value) | 0) > tolerance && now - this.recentAt < OUTDATED;
  }

  /** Whether it may be that the peer sent this no longer than `time` ago, by a clock of its own (§5.4). */
  isWithin(value: number, time: Duration): boolean {
    return ((this.recent - value) | 0) <= (time * FASTEST_CLOCK) / 1_000_000;
  }
}
