/**
 * The round-trip time: RFC 6298 §2. SRTT, RTTVAR and the smallest sample, in µs.
 */
import type { Duration } from "../../base/time.ts";

const NONE = 0 as Duration;

export class RttEstimator {
  srtt: Duration = NONE;
  rttvar: Duration = NONE;
  latest: Duration = NONE;
  min: Duration = Number.POSITIVE_INFINITY as Duration;
  samples = 0;

  get isMeasured(): boolean {
    return this.samples > 0;
  }

  sample(rtt: Duration): void {
    this.latest = rtt;
    if (rtt < this.min) this.min = rtt;
    if (this.samples === 0) {
      // §2.2
      this.srtt = rtt;
      this.rttvar = (rtt / 2) as Duration;
    } else {
      // §2.3, α = 1/8 and β = 1/4
      this.rttvar = (this.rttvar + (Math.abs(this.srtt - rtt) - this.rttvar) / 4) as Duration;
      this.srtt = (this.srtt + (rtt - this.srtt) / 8) as Duration;
    }
    this.samples++;
  }
}
