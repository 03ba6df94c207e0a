/**
 * A window into TCP for traces, inspectors and tests. Every method is optional; a probe must not call back
 * into TCP.
 */
import type { IpAddress } from "../wire/address.ts";
import type { TcpState } from "./states.ts";
import type { TcpConnection } from "./tcp-connection.ts";

/**
 * The four numbers that name a connection. A listener's remote half is the unspecified address and port 0.
 */
export interface FourTuple {
  readonly local: IpAddress;
  readonly localPort: number;
  readonly remote: IpAddress;
  readonly remotePort: number;
}

/** Why a segment was sent again. */
export type RetransmissionCause = "syn" | "timeout" | "fast" | "rack" | "tlp" | "size";

export interface TcpProbe {
  stateChanged?(tuple: FourTuple, from: TcpState, to: TcpState): void;
  retransmitted?(tuple: FourTuple, cause: RetransmissionCause): void;
  /** A connection has left: its numbers are final. It may live on as a TIME-WAIT record. */
  ended?(connection: TcpConnection): void;
}
