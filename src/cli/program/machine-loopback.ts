/**
 * On the user link a program's loopback stands for the machine's, as far as that can be: what it listens to
 * is published, at 127.0.0.1 too when it listens there alone; and a connection to a loopback port that nobody
 * of the program listens to goes to the machine's, through the gate.
 */
import type { ErrorCode } from "../../base/errors.ts";
import type { Surroundings } from "../../node/handles/handle-context.ts";
import { type IpAddress, LOOPBACK_V6 } from "../../wire/address.ts";
import { PEER_V4, PEER_V6 } from "../network-plan.ts";
import type { PublishedPorts } from "./published-ports.ts";

export class MachineLoopback implements Surroundings {
  readonly #published: PublishedPorts;
  /** Ports that the program listens to, and how many times. */
  readonly #listening = new Map<string, number>();

  constructor(published: PublishedPorts) {
    this.#published = published;
  }

  opened(protocol: "tcp" | "udp", port: number): ErrorCode | undefined {
    const key = keyOf(protocol, port);
    const before = this.#listening.get(key) ?? 0;
    const refused = before > 0 ? undefined : this.#published.opened(protocol, port);
    if (refused === undefined) this.#listening.set(key, before + 1);
    return refused;
  }

  closed(protocol: "tcp" | "udp", port: number): void {
    const key = keyOf(protocol, port);
    const left = (this.#listening.get(key) ?? 0) - 1;
    if (left > 0) {
      this.#listening.set(key, left);
      return;
    }
    this.#listening.delete(key);
    this.#published.closed(protocol, port);
  }

  destinationOf(protocol: "tcp" | "udp", address: IpAddress, port: number): IpAddress {
    const isOurs = protocol === "tcp" && this.#listening.has(keyOf(protocol, port));
    if (!isLoopback(address) || isOurs) return address;
    return address.family === 4 ? PEER_V4 : PEER_V6;
  }

  opensUp(address: IpAddress): boolean {
    return isLoopback(address);
  }
}

function keyOf(protocol: "tcp" | "udp", port: number): string {
  return `${protocol} ${port}`;
}

function isLoopback(address: IpAddress): boolean {
  return address.family === 4 ? address.w3 >>> 24 === 127 : address.equals(LOOPBACK_V6);
}
