/** What a handle lives in: a host, and how its program's event loop is reached. One for each host. */
import type { ErrorCode } from "../../base/errors.ts";
import type { Host } from "../../host/host.ts";
import { TcpPorts } from "../../socket/posix/tcp-ports.ts";
import type { IpAddress } from "../../wire/address.ts";
import type { Driver } from "../driver.ts";
import { whenClosing } from "./closing.ts";
import { Lifetime } from "./lifetime.ts";
import { EventLoopTurns, type Turns } from "./turns.ts";

/** What lies around the host, where its loopback is to stand for the machine's: cli/program. */
export interface Surroundings {
  /** The program is to be reached at a port from now on, and no longer. Answers why it cannot be. */
  opened(protocol: "tcp" | "udp", port: number): ErrorCode | undefined;
  closed(protocol: "tcp" | "udp", port: number): void;
  /** Where a connection or a datagram to this end goes. */
  destinationOf(protocol: "tcp" | "udp", address: IpAddress, port: number): IpAddress;
  /** Whether who listens at this address alone is to be reached at all of the host's. */
  opensUp(address: IpAddress): boolean;
}

export interface HandleContext {
  readonly host: Host;
  readonly turns: Turns;
  readonly lifetime: Lifetime;
  /** The TCP ports that handles are bound to. */
  readonly tcpPorts: TcpPorts;
  readonly surroundings?: Surroundings | undefined;
  /** Runs it in the loop's closing phase. */
  closing(run: () => void): void;
}

export interface ContextOptions {
  readonly surroundings?: Surroundings | undefined;
  /** What the event loop has to wait for beside the driver: devices of the kernel. */
  readonly sources?: ReadonlyArray<{ ref(): unknown; unref(): unknown }> | undefined;
}

/**
 * The context of a host that the driver drives, in real time. The driver lives as long as the handles need
 * it.
 */
export function handleContext(
  host: Host,
  driver: Driver,
  { surroundings, sources = [] }: ContextOptions = {},
): HandleContext {
  const turns = new EventLoopTurns();
  return {
    surroundings,
    host,
    turns,
    lifetime: new Lifetime([turns, driver, ...sources]),
    tcpPorts: new TcpPorts(host),
    closing: whenClosing,
  };
}
