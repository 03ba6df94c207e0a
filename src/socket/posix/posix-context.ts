/** What the sockets of one `PosixSockets` share. */
import type { Scheduler } from "../../base/event-queue.ts";
import type { Instant } from "../../base/time.ts";
import type { Host } from "../../host/host.ts";
import type { TcpPorts } from "./tcp-ports.ts";

export interface PosixContext {
  readonly host: Host;
  /** For calls with a timeout; without one they wait for ever. */
  readonly scheduler: Scheduler | undefined;
  readonly tcpPorts: TcpPorts;
  readonly now: Instant;
  /** A number that no other socket has (SO_COOKIE). */
  nextCookie(): bigint;
}
