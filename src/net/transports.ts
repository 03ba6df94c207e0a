/** The protocols above IP, by number. ICMP is one of them: it is delivered to like a transport. */
import type { Transport } from "./transport.ts";

export class Transports {
  readonly #byProtocol = new Map<number, Transport>();

  set(protocol: number, transport: Transport): void {
    this.#byProtocol.set(protocol, transport);
  }

  all(): Iterable<Transport> {
    return this.#byProtocol.values();
  }

  get(protocol: number): Transport | undefined {
    return this.#byProtocol.get(protocol);
  }
}
