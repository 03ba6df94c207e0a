/** A stack that plans are carried out on: its user's calls, and the wire to it. */

/** A call on the socket of a connection, by its number. */
export interface Call {
  readonly connection: number;
  readonly call:
    | "listen"
    | "connect"
    | "accept"
    | "state"
    | "send"
    | "recv"
    | "shutdown"
    | "close"
    | "abort"
    | "soError";
  readonly value: number;
}

/** A number, or the name of the error. */
export type Result = number | string;

export interface Subject {
  readonly name: string;
  /** Packets of the stack, as they come. */
  onPacket: (packet: Uint8Array) => void;
  call(calls: readonly Call[]): Promise<Result[]>;
  inject(packet: Uint8Array): void;
  /** Comes back once the stack has had time to answer, a delayed acknowledgment included. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** Where the stack's socket of a connection is, and the peer's. */
export function stackPort(connection: number): number {
  return 20_000 + connection;
}

export function peerPort(connection: number): number {
  return 40_000 + connection;
}
