/** The two kinds of probes: what is sent, and how its answer is known. */

import type { ErrorCode } from "../base/errors.ts";
import { NetError } from "../base/errors.ts";
import type { Host } from "../host/host.ts";
import type { Ping } from "../net/icmp/ping.ts";
import type { UdpEndpoint } from "../udp/udp-endpoint.ts";
import type { IpAddress } from "../wire/address.ts";
import { Failure } from "./failure.ts";
import { markOf, type ProbeAnswer } from "./traceroute-hop.ts";

export interface Probes {
  /** Sends a probe. `answered` is called at most once. @throws NetError */
  send(hopLimit: number, answered: (answer: ProbeAnswer) => void): void;
  close(): void;
}

interface Pending {
  readonly sentAt: number;
  readonly answered: (answer: ProbeAnswer) => void;
}

/** The probes that wait for an answer, by what names them in it. */
class PendingProbes {
  readonly #host: Host;
  readonly #pending = new Map<number, Pending>();

  constructor(host: Host) {
    this.#host = host;
  }

  sent(name: number, answered: (answer: ProbeAnswer) => void): void {
    this.#pending.set(name, { sentAt: this.#host.now, answered });
  }

  answered(name: number, from: IpAddress, mark: string, isFinal: boolean): void {
    const pending = this.#pending.get(name);
    if (pending === undefined) return;
    this.#pending.delete(name);
    pending.answered({ from, rtt: this.#host.now - pending.sentAt, mark, isFinal });
  }
}

/** UDP datagrams, each to a port of its own, which the error quotes. */
export class UdpProbes implements Probes {
  readonly #endpoint: UdpEndpoint;
  readonly #pending: PendingProbes;
  readonly #destination: IpAddress;
  readonly #payload: Uint8Array;
  #port: number;

  constructor(host: Host, destination: IpAddress, payload: Uint8Array, firstPort: number) {
    this.#pending = new PendingProbes(host);
    this.#destination = destination;
    this.#payload = payload;
    this.#port = firstPort;
    this.#endpoint = host.udp.open({ family: destination.family });
    this.#endpoint.onError = () => this.#takeErrors();
    // Somebody does listen there: that is the target as well.
    this.#endpoint.onReadable = () => {
      for (let found = this.#endpoint.receive(); found !== undefined; found = this.#endpoint.receive()) {
        this.#pending.answered(found.sourcePort, found.source, "", true);
      }
    };
  }

  send(hopLimit: number, answered: (answer: ProbeAnswer) => void): void {
    const port = this.#port;
    this.#port = port === 65_535 ? 1 : port + 1;
    this.#endpoint.hopLimit = hopLimit;
    this.#pending.sent(port, answered);
    const code = this.#endpoint.send(this.#payload, { address: this.#destination, port });
    refuse(code, this.#destination);
  }

  close(): void {
    this.#endpoint.close();
  }

  #takeErrors(): void {
    for (
      let error = this.#endpoint.receiveError();
      error !== undefined;
      error = this.#endpoint.receiveError()
    ) {
      const { kind, icmpCode, reporter, remotePort } = error;
      this.#pending.answered(remotePort, reporter, markOf(kind, icmpCode), kind !== "time-exceeded");
    }
  }
}

/** Echo requests, each with a sequence number of its own. */
export class EchoProbes implements Probes {
  readonly #ping: Ping;
  readonly #pending: PendingProbes;
  readonly #destination: IpAddress;
  readonly #payload: Uint8Array;
  #sequence = 0;

  constructor(host: Host, destination: IpAddress, payload: Uint8Array) {
    const pending = new PendingProbes(host);
    this.#pending = pending;
    this.#destination = destination;
    this.#payload = payload;
    const ping = host.net.openPing(destination.family, {
      reply: ({ source, sequence }) => pending.answered(sequence, source, "", true),
      error: ({ kind, icmpCode, reporter }, sequence) =>
        pending.answered(sequence, reporter, markOf(kind, icmpCode), kind !== "time-exceeded"),
    });
    if (ping === undefined) throw new Failure("No identifier for echo requests is free.");
    this.#ping = ping;
  }

  send(hopLimit: number, answered: (answer: ProbeAnswer) => void): void {
    const sequence = ++this.#sequence;
    this.#pending.sent(sequence, answered);
    refuse(this.#ping.send(this.#destination, sequence, this.#payload, { hopLimit }), this.#destination);
  }

  close(): void {
    this.#ping.close();
  }
}

function refuse(code: ErrorCode | undefined, destination: IpAddress): void {
  if (code !== undefined) throw new NetError(code, { syscall: "send", address: destination.toString() });
}
