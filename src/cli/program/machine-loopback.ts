/**
 * On the user link a program's loopback stands for the machine's, as far as that can be: what it listens to
 * is published, at 127.0.0.1 too when it listens there alone; and a connection to a loopback port that nobody
 * of the program listens to goes to the machine's, through the gate.
 */
import type { Surroundings } from "../../node/handles/handle-context.ts";
import { type IpAddress, LOOPBACK_V6 } from "../../wire/address.ts";
import { PEER_V4, PEER_V6 } from "../network-plan.ts";
import type { PublishedPorts } from "./published-ports.ts";

export class MachineLoopback implements Surroundings {
  readonly #published: PublishedPorts;
  /** TCP ports that the program listens to, and how many times. */
  readonly #listening = new Map<number, number>();

  constructor(published: PublishedPorts) {
    this.#published = published;
  }

  opened(protocol: "tcp" | "udp", port: number): void {
    if (protocol === "tcp") this.#listening.set(port, (this.#listening.get(port) ?? 0) + 1);
    this.#published.opened(protocol, port);
  }

  closed(protocol: "tcp" | "udp", port: number): void {
    if (protocol === "tcp") {
      const left = (this.#listening.get(port) ?? 0) - 1;
      if (left > 0) {
        this.#listening.set(port, left);
        return;
      }
      this.#listening.delete(port);
    }
    this.#published.closed(protocol, port);
  }

  destinationOf(protocol: "tcp" | "udp", address: IpAddress, port: number): IpAddress {
    const isOurs = protocol === "tcp" && this.#listening.has(port);
    if (!isLoopback(address) || isOurs) return address;
    return address.family === 4 ? PEER_V4 : PEER_V6;
  }

  opensUp(address: IpAddress): boolean {
    return isLoopback(address);
  }
}

function isLoopback(address: IpAddress): boolean {
  return address.family === 4 ? address.w3 >>> 24 === 127 : address.equals(LOOPBACK_V6);
}
