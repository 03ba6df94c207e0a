/** What a handle lives in: a host, and how its program's event loop is reached. One for each host. */
import type { Host } from "../../host/host.ts";
import { TcpPorts } from "../../socket/posix/tcp-ports.ts";
import type { Driver } from "../driver.ts";
import { whenClosing } from "./closing.ts";
import { Lifetime } from "./lifetime.ts";
import { EventLoopTurns, type Turns } from "./turns.ts";

export interface HandleContext {
  readonly host: Host;
  readonly turns: Turns;
  readonly lifetime: Lifetime;
  /** The TCP ports that handles are bound to. */
  readonly tcpPorts: TcpPorts;
  /** Runs it in the loop's closing phase. */
  closing(run: () => void): void;
}

/**
 * The context of a host that the driver drives, in real time. The driver lives as long as the handles need
 * it.
 */
export function handleContext(host: Host, driver: Driver): HandleContext {
  const turns = new EventLoopTurns();
  return {
    host,
    turns,
    lifetime: new Lifetime([turns, driver]),
    tcpPorts: new TcpPorts(host),
    closing: whenClosing,
  };
}
