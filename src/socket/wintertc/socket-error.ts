/**
 * What goes wrong with a socket: the WinterTC Sockets API, "SocketError". What is behind it is its `cause`.
 */
export class SocketError extends TypeError {
  override readonly name = "SocketError";

  constructor(message: string, cause?: unknown) {
    super(`SocketError: ${message}`, cause === undefined ? undefined : { cause });
  }
}

/** Any reason as one. */
export function socketError(reason: unknown): SocketError {
  if (reason instanceof SocketError) return reason;
  return new SocketError(reason instanceof Error ? reason.message : String(reason), reason);
}
