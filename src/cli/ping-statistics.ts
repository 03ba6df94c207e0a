/** What ping prints, in the form of iputils' ping. */
import type { IcmpError } from "../net/transport.ts";
import type { IpAddress } from "../wire/address.ts";

/** Times are in µs. */
export class PingStatistics {
  sent = 0;
  received = 0;
  duplicates = 0;
  errors = 0;
  least = Number.POSITIVE_INFINITY;
  most = 0;
  #sum = 0;
  #sumOfSquares = 0;

  answered(rtt: number): void {
    this.received++;
    this.least = Math.min(this.least, rtt);
    this.most = Math.max(this.most, rtt);
    this.#sum += rtt;
    this.#sumOfSquares += rtt * rtt;
  }

  /** The closing lines. `elapsed`: from the first request to the end. */
  lines(name: string, elapsed: number): string[] {
    const { sent, received, duplicates, errors } = this;
    const loss = sent === 0 ? 0 : Number((((sent - received) * 100) / sent).toPrecision(6));
    const counts = [
      `${sent} packets transmitted`,
      `${received} received`,
      ...(duplicates > 0 ? [`+${duplicates} duplicates`] : []),
      ...(errors > 0 ? [`+${errors} errors`] : []),
      `${loss}% packet loss`,
      `time ${Math.round(elapsed / 1_000)}ms`,
    ];
    const lines = ["", `--- ${name} ping statistics ---`, counts.join(", ")];
    if (received > 0) {
      const mean = this.#sum / received;
      const deviation = Math.sqrt(Math.max(0, this.#sumOfSquares / received - mean * mean));
      const values = [this.least, mean, this.most, deviation].map(value => (value / 1_000).toFixed(3));
      lines.push(`rtt min/avg/max/mdev = ${values.join("/")} ms`);
    }
    return lines;
  }
}

/** Three digits that matter, as iputils shows a round trip: "0.043", "1.05", "12.3", "118". */
export function roundTripText(micros: number): string {
  if (micros >= 99_950) return (micros / 1_000).toFixed(0);
  if (micros >= 9_995) return (micros / 1_000).toFixed(1);
  return (micros / 1_000).toFixed(micros >= 1_000 ? 2 : 3);
}

/** "PING target (203.0.113.10) 56(84) bytes of data." */
export function openingText(name: string, address: IpAddress, payload: number): string {
  return address.family === 4
    ? `PING ${name} (${address}) ${payload}(${payload + 28}) bytes of data.`
    : `PING ${name} (${address}) ${payload} data bytes`;
}

/** "Destination Host Unreachable", or in IPv6 "Destination unreachable: Address unreachable". */
export function errorText({ kind, mtu, type, icmpCode, local }: IcmpError): string {
  const texts = local.family === 4 ? errorTexts4(mtu) : errorTexts6(mtu);
  return texts[kind] ?? `ICMP type ${type}, code ${icmpCode}`;
}

type ErrorTexts = Readonly<Partial<Record<IcmpError["kind"], string>>>;

const errorTexts4 = (mtu: number): ErrorTexts => ({
  "network-unreachable": "Destination Net Unreachable",
  "host-unreachable": "Destination Host Unreachable",
  "protocol-unreachable": "Destination Protocol Unreachable",
  "port-unreachable": "Destination Port Unreachable",
  "packet-too-big": `Frag needed and DF set (mtu = ${mtu})`,
  prohibited: "Packet filtered",
  "time-exceeded": "Time to live exceeded",
  "parameter-problem": "Parameter problem",
  "source-quench": "Source Quench",
});

const errorTexts6 = (mtu: number): ErrorTexts => ({
  "network-unreachable": "Destination unreachable: No route",
  "host-unreachable": "Destination unreachable: Address unreachable",
  "port-unreachable": "Destination unreachable: Port unreachable",
  prohibited: "Destination unreachable: Administratively prohibited",
  "packet-too-big": `Packet too big: mtu=${mtu}`,
  "time-exceeded": "Time exceeded: Hop limit",
  "parameter-problem": "Parameter problem",
});
