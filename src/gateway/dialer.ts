/**
 * How the gateway gets out: whoever owns the other side (the kernel's sockets, another host, a test) gives it
 * a `Dialer`. The gateway itself names no platform.
 */
import type { TcpConnection } from "../tcp/tcp-connection.ts";
import type { IpAddress } from "../wire/address.ts";

/** Who wants to speak to whom. */
export interface Flow {
  readonly protocol: "tcp" | "udp";
  readonly source: IpAddress;
  readonly sourcePort: number;
  readonly destination: IpAddress;
  readonly destinationPort: number;
}

/** The far half of a TCP connection: open, and nothing carried yet. */
export interface OutboundStream {
  /** Joins it to the near half; resolves when both directions have ended, however they did. */
  carry(connection: TcpConnection): Promise<unknown>;
  /** It is not needed: the near half never came. */
  abort(): void;
}

/** The far half of a flow of datagrams. */
export interface OutboundDatagrams {
  /** The bytes are the callee's to keep. */
  send(bytes: Uint8Array): void;
  close(): void;
}

export interface DatagramEvents {
  received(bytes: Uint8Array): void;
  /** Nobody is there. */
  refused(): void;
}

export interface Dialer {
  /**
   * Rejects when the destination does not accept. An error with the `code` EHOSTUNREACH, ENETUNREACH or
   * ETIMEDOUT says that it, or the way to it, is not there; any other that it refused.
   */
  connect(flow: Flow): Promise<OutboundStream>;
  open(flow: Flow, events: DatagramEvents): OutboundDatagrams;
}
