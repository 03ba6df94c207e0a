/** How much loss is too much: draft-ietf-ccwg-bbr §5.5.10.2. */
import type { AckSample } from "../congestion-control.ts";

/** §2.8: BBR.LossThresh, of what was in flight. */
const LOSS_THRESHOLD = 0.02;

/** What both an acknowledgment and a lost segment tell. */
type LossRate = Pick<AckSample, "sentInFlight" | "lostSinceSent" | "hasSack">;

/** IsInflightTooHigh. Without SACK only one loss of a round trip is seen, and it counts. */
export function isInFlightTooHigh({ sentInFlight, lostSinceSent, hasSack }: LossRate): boolean {
  return lostSinceSent > (hasSack ? LOSS_THRESHOLD * sentInFlight : 0);
}

/** InflightAtLoss: how much was in flight when the losses became too many, of `size` bytes lost at once. */
export function inFlightAtLoss({ sentInFlight, lostSinceSent }: LossRate, size: number): number {
  const inFlight = sentInFlight - size;
  const lost = lostSinceSent - size;
  return inFlight + (LOSS_THRESHOLD * inFlight - lost) / (1 - LOSS_THRESHOLD);
}
