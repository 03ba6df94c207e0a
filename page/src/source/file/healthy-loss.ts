/** Whether a connection of a file is told to be losing. */

/** One in fifty is more than a healthy path loses. */
const LOSING = 0.02;

export function isLosing(retransmissions: number, segments: number): boolean {
  return retransmissions > LOSING * segments;
}
