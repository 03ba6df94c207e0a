/**
 * A UDP handle amid what is around the host: a port that its program has asked for is to be found there, and
 * what lies at the host's loopback may be more than the program itself.
 */
import type { ErrorCode } from "../../base/errors.ts";
import type { UdpEndpoint } from "../../udp/udp-endpoint.ts";
import type { IpAddress } from "../../wire/address.ts";
import { reachable } from "./addresses.ts";
import type { HandleContext } from "./handle-context.ts";

export class UdpExposure {
  readonly #context: HandleContext;
  /** The port that the surroundings know of. */
  #openedPort = 0;
  /** What was bound, where the endpoint is to be reached at more than that. */
  boundAddress: IpAddress | undefined = undefined;

  constructor(context: HandleContext) {
    this.#context = context;
  }

  /** Binds an endpoint; one whose port cannot be had around the host is closed. */
  bind(endpoint: UdpEndpoint, address: IpAddress, port: number): ErrorCode | undefined {
    const { surroundings } = this.#context;
    const isOpenedUp = port !== 0 && surroundings?.opensUp(address) === true;
    const error = endpoint.bind(isOpenedUp ? undefined : address, port);
    // Who asks for a port wants to be found there.
    if (error !== undefined || port === 0) return error;
    const refused = surroundings?.opened("udp", port);
    if (refused !== undefined) {
      endpoint.close();
      return refused;
    }
    this.#openedPort = port;
    this.boundAddress = isOpenedUp ? address : undefined;
    return undefined;
  }

  close(): void {
    if (this.#openedPort !== 0) this.#context.surroundings?.closed("udp", this.#openedPort);
  }

  /** Where a datagram goes that the program has addressed so. */
  destination(named: IpAddress, port: number): IpAddress {
    const { host, surroundings } = this.#context;
    const address = reachable(named);
    if (surroundings === undefined || !address.isLoopback) return address;
    for (const { localPort } of host.udp.endpoints()) if (localPort === port) return address;
    return surroundings.destinationOf("udp", address, port);
  }
}
