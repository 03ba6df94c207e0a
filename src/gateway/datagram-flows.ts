/**
 * The flows of datagrams of a gateway: an endpoint of its host for each, bound to the destination and
 * connected to the source. RFC 4787: a flow that is silent for two minutes is forgotten (REQ-5), either
 * direction keeps it (REQ-6).
 */
import { PacketBuffer } from "../base/packet-buffer.ts";
import { elapsed, type Instant, START_OF_TIME, seconds } from "../base/time.ts";
import type { Host } from "../host/host.ts";
import type { UdpEndpoint } from "../udp/udp-endpoint.ts";
import type { Dialer, Flow, OutboundDatagrams } from "./dialer.ts";

const SILENCE = seconds(120);
/** How often all flows may be looked through for silent ones. */
const SWEEP_INTERVAL = seconds(1);

class DatagramFlow {
  readonly endpoint: UdpEndpoint;
  /** The latest packet to the destination: should nobody be there, the host says so about this one. */
  readonly latest = new PacketBuffer(2_048);
  outbound: OutboundDatagrams | undefined;
  lastHeardAt: Instant;

  constructor(endpoint: UdpEndpoint, now: Instant) {
    this.endpoint = endpoint;
    this.lastHeardAt = now;
  }

  close(): void {
    this.endpoint.close();
    this.outbound?.close();
  }
}

export class DatagramFlows {
  readonly #host: Host;
  readonly #dialer: Dialer;
  readonly #release: (packet: PacketBuffer) => void;
  readonly #flows = new Map<string, DatagramFlow>();
  #sweptAt = START_OF_TIME;

  constructor(host: Host, dialer: Dialer, release: (packet: PacketBuffer) => void) {
    this.#host = host;
    this.#dialer = dialer;
    this.#release = release;
  }

  get size(): number {
    return this.#flows.size;
  }

  /** Where the flows lead. */
  *destinations(): Generator<string> {
    for (const { endpoint } of this.#flows.values()) yield String(endpoint.localAddress);
  }

  /** Whether the host can take the datagram: its flow is open now. */
  passes(flow: Flow, packet: PacketBuffer, limit: number): boolean {
    const key = `${flow.source} ${flow.sourcePort} ${flow.destination} ${flow.destinationPort}`;
    let known = this.#flows.get(key);
    if (known === undefined) {
      if (this.#flows.size >= limit) this.#forgetSilent();
      if (this.#flows.size >= limit) return false;
      known = this.#open(key, flow);
      // The port is the host's own.
      if (known === undefined) return true;
    }
    known.lastHeardAt = this.#host.now;
    known.latest.copyFrom(packet);
    return true;
  }

  close(): void {
    for (const flow of this.#flows.values()) flow.close();
    this.#flows.clear();
  }

  #open(key: string, flow: Flow): DatagramFlow | undefined {
    const { protocol, source, sourcePort, destination, destinationPort } = flow;
    const endpoint = this.#host.udp.open({ family: destination.family, reusePort: true });
    const problem = endpoint.bind(destination, destinationPort) ?? endpoint.connect(source, sourcePort);
    if (problem !== undefined) {
      endpoint.close();
      return undefined;
    }
    const opened = new DatagramFlow(endpoint, this.#host.now);
    this.#flows.set(key, opened);
    const outbound = this.#dialer.open(
      { protocol, source, sourcePort, destination, destinationPort },
      {
        received: bytes => {
          opened.lastHeardAt = this.#host.now;
          // What does not get through is lost, as datagrams are.
          endpoint.send(bytes);
        },
        refused: () => this.#refused(key, opened),
      },
    );
    opened.outbound = outbound;
    endpoint.onReadable = () => {
      for (let found = endpoint.receive(); found !== undefined; found = endpoint.receive())
        outbound.send(found.bytes);
    };
    return opened;
  }

  /** Without the endpoint the host answers port unreachable. */
  #refused(key: string, flow: DatagramFlow): void {
    if (this.#flows.get(key) !== flow) return;
    this.#flows.delete(key);
    flow.close();
    this.#release(flow.latest);
  }

  #forgetSilent(): void {
    const { now } = this.#host;
    if (elapsed(this.#sweptAt, now) < SWEEP_INTERVAL) return;
    this.#sweptAt = now;
    for (const [key, flow] of this.#flows) {
      if (elapsed(flow.lastHeardAt, now) < SILENCE) continue;
      this.#flows.delete(key);
      flow.close();
    }
  }
}
