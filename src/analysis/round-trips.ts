/** Round trip times of one direction, from the capture to an end and back: RFC 6298 §2, and their spread. */
export class RoundTrips {
  samples = 0;
  min = 0;
  max = 0;
  srtt = 0;
  rttvar = 0;
  #sum = 0;

  add(rtt: number): void {
    this.min = this.samples === 0 ? rtt : Math.min(this.min, rtt);
    this.max = Math.max(this.max, rtt);
    this.#sum += rtt;
    this.samples++;
    if (this.samples === 1) {
      this.srtt = rtt;
      this.rttvar = rtt / 2;
      return;
    }
    this.rttvar += (Math.abs(this.srtt - rtt) - this.rttvar) / 4;
    this.srtt += (rtt - this.srtt) / 8;
  }

  get mean(): number {
    return this.samples === 0 ? 0 : this.#sum / this.samples;
  }
}
