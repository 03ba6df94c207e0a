/** Connections by the kernel's TCP, as streams that can be half-closed. */
import { connect, type Socket } from "node:net";
import { asError } from "./byte-end.ts";
import { withKernelHandles } from "./kernel-handles.ts";

export interface DialOptions {
  readonly host: string;
  readonly port: number;
  /** 4 or 6: only addresses of this family. */
  readonly family?: 4 | 6 | undefined;
  /** Gives up a connection attempt; of no effect once it has succeeded. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Rejects with Node's error: `code` is ECONNREFUSED, ETIMEDOUT, ENOTFOUND, …; or with the signal's reason.
 */
export function dial(options: DialOptions): Promise<Socket> {
  const { host, port, family, signal } = options;
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const options = { host, port, allowHalfOpen: true, noDelay: true };
    const socket = withKernelHandles(() => connect(family === undefined ? options : { ...options, family }));
    const aborted = () => socket.destroy(asError(signal?.reason));
    const settled = () => {
      signal?.removeEventListener("abort", aborted);
      socket.off("connect", connected);
      socket.off("error", failed);
    };
    const connected = () => {
      settled();
      resolve(socket);
    };
    const failed = (error: Error) => {
      settled();
      reject(firstOf(error));
    };
    socket.once("connect", connected);
    socket.once("error", failed);
    signal?.addEventListener("abort", aborted, { once: true });
  });
}

/** A name with several addresses fails with an error for each: the first address is the preferred one. */
function firstOf(error: Error): Error {
  return error instanceof AggregateError && error.errors[0] instanceof Error ? error.errors[0] : error;
}
