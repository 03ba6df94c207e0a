/** What tells slow start that the path is full, before anything is lost. */
import type { Duration, Instant } from "../../base/time.ts";
import type { AckSample } from "./congestion-control.ts";

export interface SlowStartExit {
  /** Slow start grows by this much less for the time being. */
  readonly growthDivisor: number;
  /**
   * Looks at an acknowledgment in slow start, with a round trip measured.
   * @param segments the window
   */
  isOver(sample: AckSample, segments: number, minRtt: Duration): boolean;
  /** After a timeout. */
  restart(now: Instant): void;
}
