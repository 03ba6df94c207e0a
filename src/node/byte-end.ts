/**
 * One end of a duplex byte stream, as the relay sees it, over Node's sockets and over Web-Streams sockets
 * alike. An end closes in two ways that must not be confused: in order, each direction for itself (FIN), or
 * both at once (RST).
 */
import type { Duplex } from "node:stream";

/** A Web-Streams socket: `TcpStream` and the platform's own streams have this shape. */
export interface StreamPair {
  readonly readable: { getReader(): PairReader };
  readonly writable: { getWriter(): PairWriter };
  /** Resets the connection. */
  abort(reason?: unknown): unknown;
}

export interface PairReader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
  cancel(reason?: unknown): Promise<unknown>;
  readonly closed: Promise<unknown>;
}

export interface PairWriter {
  write(chunk: Uint8Array): Promise<unknown>;
  close(): Promise<unknown>;
  readonly closed: Promise<unknown>;
}

export interface ByteEnd {
  /** The next bytes; undefined once the peer has closed in order. Rejects when the end has failed. */
  read(): Promise<Uint8Array | undefined>;
  /** Resolves when there is room for more. */
  write(bytes: Uint8Array): Promise<void>;
  /** Sends what was written, then closes this direction. The same promise each time. */
  finish(): Promise<void>;
  reset(reason: Error): void;
  /** Resolves when the end was reset, timed out or was destroyed; else never. */
  readonly failed: Promise<Error>;
}

export function byteEnd(stream: Duplex | StreamPair): ByteEnd {
  // Node's streams have a `readable` too: a boolean.
  return typeof stream.readable === "boolean"
    ? new NodeEnd(stream as Duplex)
    : new PairEnd(stream as StreamPair);
}

export function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason ?? "the connection was closed"));
}

class NodeEnd implements ByteEnd {
  readonly failed: Promise<Error>;
  readonly #socket: Duplex;
  #fail: (error: Error) => void = () => {};
  #error: Error | undefined;
  #hasEnded: boolean;
  #finished: Promise<void> | undefined;
  #wakeReader: (() => void) | undefined;
  #wakeWriter: (() => void) | undefined;

  constructor(socket: Duplex) {
    this.#socket = socket;
    this.#hasEnded = socket.readableEnded;
    this.failed = new Promise(resolve => {
      this.#fail = resolve;
    });
    socket.allowHalfOpen = true;
    socket.on("error", error => this.#failed(error));
    socket.on("close", () => this.#closed());
    socket.on("drain", () => this.#wakeWriter?.());
    socket.on("end", () => {
      this.#hasEnded = true;
      this.#wakeReader?.();
    });
    socket.on("readable", () => this.#wakeReader?.());
    if (socket.errored) this.#failed(socket.errored);
    else if (socket.destroyed) this.#closed();
  }

  async read(): Promise<Uint8Array | undefined> {
    for (;;) {
      if (this.#error !== undefined) throw this.#error;
      const chunk = this.#socket.read() as Uint8Array | null;
      if (chunk !== null) return chunk;
      if (this.#hasEnded) return undefined;
      await new Promise<void>(resolve => {
        this.#wakeReader = resolve;
      });
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#error !== undefined) throw this.#error;
    if (this.#socket.write(bytes)) return;
    await new Promise<void>(resolve => {
      this.#wakeWriter = resolve;
    });
    if (this.#error !== undefined) throw this.#error;
  }

  finish(): Promise<void> {
    this.#finished ??= new Promise((resolve, reject) => {
      // Node calls back with an error where the socket fails first, although its types do not say so.
      this.#socket.end((error?: Error | null) => (error ? reject(error) : resolve()));
    });
    return this.#finished;
  }

  reset(reason: Error): void {
    this.#failed(reason);
    const socket = this.#socket as Duplex & { resetAndDestroy?: () => unknown };
    try {
      if (socket.resetAndDestroy !== undefined) socket.resetAndDestroy();
      else socket.destroy(reason);
    } catch {
      // A socket that is no TCP socket has no reset.
      socket.destroy(reason);
    }
  }

  #failed(error: Error): void {
    if (this.#error !== undefined) return;
    this.#error = error;
    this.#fail(error);
    this.#wakeReader?.();
    this.#wakeWriter?.();
  }

  #closed(): void {
    if (this.#hasEnded && this.#socket.writableFinished) return;
    this.#failed(Object.assign(new Error("the socket was destroyed"), { code: "ECONNABORTED" }));
  }
}

class PairEnd implements ByteEnd {
  readonly failed: Promise<Error>;
  readonly #pair: StreamPair;
  readonly #reader: PairReader;
  readonly #writer: PairWriter;
  #finished: Promise<void> | undefined;

  constructor(pair: StreamPair) {
    this.#pair = pair;
    this.#reader = pair.readable.getReader();
    this.#writer = pair.writable.getWriter();
    this.failed = new Promise(resolve => {
      const failed = (reason: unknown) => resolve(asError(reason));
      this.#reader.closed.catch(failed);
      this.#writer.closed.catch(failed);
    });
  }

  async read(): Promise<Uint8Array | undefined> {
    const { done, value } = await this.#reader.read();
    return done ? undefined : value;
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#writer.write(bytes);
  }

  finish(): Promise<void> {
    this.#finished ??= this.#writer.close().then(() => undefined);
    return this.#finished;
  }

  reset(reason: Error): void {
    // What an abort answers (a promise, in some) says nothing that `failed` does not say.
    Promise.resolve(this.#pair.abort(reason)).catch(() => undefined);
  }
}
