/** What a connection tells its user: bits, so that several events become one call. */
import type { TcpConnection } from "./tcp-connection.ts";

export const CONNECTION_EVENT = {
  connected: 1,
  readable: 2,
  writable: 4,
  /** The peer's FIN: what is readable now is all there will be. */
  peerClosed: 8,
  /** The connection is over: `error` says why, or is undefined after an orderly close. */
  closed: 16,
  urgent: 32,
  /** An ICMP error that does not end it, for who wants to know: `reportedError`. */
  troubled: 64,
  /** `stamps` has something to be taken: SO_TIMESTAMPING. */
  stamped: 128,
  /** Memory that was given by reference (WRITE.byReference) is the user's again: `sendQueue`. */
  returned: 256,
} as const;

export interface ConnectionObserver {
  /**
   * Called between the events that changed the state and the pump, never from within a call of the user's.
   */
  connectionEvent(connection: TcpConnection, events: number): void;
}
