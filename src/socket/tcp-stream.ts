/**
 * A TCP connection as Web Streams. Back-pressure is the connection's own: what is not read stays in the
 * receive buffer and closes the peer's window; a write is done when the send buffer has taken all of it.
 *
 * The ways to end are apart:
 * - `writable.close()`: FIN; the peer's text still comes (half-close).
 * - `readable` ends: the peer's FIN. It fails with ECONNRESET after the peer's RST, ETIMEDOUT when it
 *   vanished.
 * - `readable.cancel()`: what comes is thrown away; once `writable` is closed too, RST answers what comes.
 * - `close()`: both directions, in order; `abort()` or `writable.abort()`: RST.
 */
import { type ErrorCode, NetError } from "../base/errors.ts";
import type { Host } from "../host/host.ts";
import { CONNECTION_EVENT } from "../tcp/connection-events.ts";
import type { ConnectOptions } from "../tcp/tcp.ts";
import type { TcpConnection } from "../tcp/tcp-connection.ts";
import type { TcpInfo } from "../tcp/tcp-info.ts";
import { Deferred } from "./deferred.ts";
import { requireAddress, requireBytes } from "./given.ts";

/** A chunk of `readable` is at most so large, in bytes. */
const LARGEST_CHUNK = 65_536;

export interface SocketAddresses {
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
}

export interface TcpStreamOptions extends Omit<ConnectOptions, "fastOpen"> {
  /**
   * The first text, which goes out with the SYN (Fast Open, RFC 7413), so that the server can answer a round
   * trip earlier. The first time only a cookie is asked for, and the text follows the handshake as usual; so
   * does what a SYN has no room for, and all of it when the server does not take it.
   *
   * A SYN's text may reach the server's application twice (§2.1): give only what may be done twice, such as a
   * request that only reads.
   */
  readonly fastOpen?: Uint8Array | undefined;
  /** Ends the attempt, or the connection by RST. */
  readonly signal?: AbortSignal | undefined;
}

export class TcpStream {
  /** A byte stream: BYOB readers save the allocation. */
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  /** Resolves when the connection is established. */
  readonly opened: Promise<SocketAddresses>;
  /** Resolves when the connection has ended in order, rejects with a `NetError` if it did not. */
  readonly closed: Promise<void>;

  readonly #connection: TcpConnection;
  readonly #opened = new Deferred<SocketAddresses>().ignoreRejection();
  readonly #closed = new Deferred<void>().ignoreRejection();
  #readableController: ReadableByteStreamController | undefined = undefined;
  #writableController: WritableStreamDefaultController | undefined = undefined;
  /** A pull waits for text, a write for room. */
  #pulling: Deferred<void> | undefined = undefined;
  #writing: Deferred<void> | undefined = undefined;
  #readEnded = false;
  #readCancelled = false;
  #writeEnded = false;

  /**
   * Takes over a connection: from `connectTcp`, or from a listener.
   * @param text goes before all else that is written
   */
  constructor(connection: TcpConnection, text?: Uint8Array) {
    this.#connection = connection;
    const beginning = text === undefined ? undefined : this.#begin(text);
    this.opened = this.#opened.promise;
    this.closed = this.#closed.promise;
    this.readable = new ReadableStream(
      {
        type: "bytes",
        start: controller => {
          this.#readableController = controller;
        },
        pull: () => this.#pull(),
        cancel: () => this.#cancel(),
      },
      { highWaterMark: 0 },
    );
    this.writable = new WritableStream<Uint8Array>(
      {
        start: controller => {
          this.#writableController = controller;
          return beginning;
        },
        write: chunk => this.#write(chunk),
        close: () => this.#closeWritable(),
        abort: () => this.abort(),
      },
      { highWaterMark: 1 },
    );
    if (connection.state === "ESTABLISHED" || connection.state === "CLOSE-WAIT") this.#isOpen();
    connection.observe({ connectionEvent: (_connection, events) => this.#happened(events) });
    if (connection.isOver) this.#isOver();
  }

  get localAddress(): string {
    return this.#connection.local.toString();
  }

  get localPort(): number {
    return this.#connection.localPort;
  }

  get remoteAddress(): string {
    return this.#connection.remote.toString();
  }

  get remotePort(): number {
    return this.#connection.remotePort;
  }

  /** TCP_INFO; it stays after the end. */
  info(): TcpInfo {
    return this.#connection.info();
  }

  setNoDelay(on: boolean): void {
    this.#connection.setNoDelay(on);
  }

  /** @param idle silence before the first probe, in µs; the host's setting if not given */
  setKeepAlive(on: boolean, idle?: Parameters<TcpConnection["setKeepalive"]>[1]): void {
    this.#connection.setKeepalive(on, idle);
  }

  /**
   * Closes both directions in order: what was written is still delivered, once the connection is open.
   * Resolves as
   * `closed` does.
   */
  close(): Promise<void> {
    this.#endWriting();
    this.#readCancelled = true;
    this.#endReading();
    this.#whenOpen(() => {
      this.#connection.release();
      if (this.#connection.isOver) this.#isOver();
    });
    return this.closed;
  }

  /** RST: the peer's reads fail with ECONNRESET, ours with ECONNABORTED. */
  abort(): void {
    this.#connection.abort("ECONNABORTED");
    this.#isOver();
  }

  #happened(events: number): void {
    if ((events & CONNECTION_EVENT.connected) !== 0) this.#isOpen();
    if ((events & (CONNECTION_EVENT.readable | CONNECTION_EVENT.peerClosed)) !== 0) this.#readableArrived();
    if ((events & CONNECTION_EVENT.writable) !== 0) this.#wakeWriter();
    if ((events & CONNECTION_EVENT.closed) !== 0) this.#isOver();
  }

  #wakeReader(): void {
    this.#pulling?.resolve();
    this.#pulling = undefined;
  }

  #wakeWriter(): void {
    this.#writing?.resolve();
    this.#writing = undefined;
  }

  #isOpen(): void {
    const { localAddress, localPort, remoteAddress, remotePort } = this;
    this.#opened.resolve({ localAddress, localPort, remoteAddress, remotePort });
  }

  #readableArrived(): void {
    if (this.#readCancelled) this.#discard();
    else if (this.#connection.isAtEnd) this.#endReading();
    this.#wakeReader();
  }

  async #pull(): Promise<void> {
    while (!this.#readEnded && this.#connection.readable === 0 && !this.#connection.isAtEnd) {
      if (this.#connection.isOver) return this.#failReading();
      this.#pulling = new Deferred<void>();
      await this.#pulling.promise;
    }
    if (this.#readEnded) return;
    if (this.#connection.readable > 0) this.#deliver();
    else this.#endReading();
  }

  /** One copy, from the connection's ring into the reader's buffer or into one of our own. */
  #deliver(): void {
    const controller = this.#readableController;
    const request = controller?.byobRequest;
    if (request?.view) {
      const { buffer, byteOffset, byteLength } = request.view;
      request.respond(this.#connection.receive(new Uint8Array(buffer, byteOffset, byteLength)));
    } else {
      const chunk = new Uint8Array(Math.min(this.#connection.readable, LARGEST_CHUNK));
      this.#connection.receive(chunk);
      controller?.enqueue(chunk);
    }
    if (this.#connection.isAtEnd) this.#endReading();
  }

  #endReading(): void {
    if (this.#readEnded) return;
    this.#readEnded = true;
    const controller = this.#readableController;
    if (!this.#readCancelled) {
      controller?.close();
      // A BYOB read that waits is answered only by this.
      controller?.byobRequest?.respond(0);
    }
    this.#wakeReader();
  }

  #failReading(): void {
    if (this.#readEnded) return;
    this.#readEnded = true;
    this.#readableController?.error(this.#failure("read"));
  }

  #cancel(): void {
    this.#readCancelled = true;
    this.#readEnded = true;
    this.#discard();
    this.#wakeReader();
    if (this.#writeEnded) this.#connection.release();
  }

  #discard(): void {
    const sink = new Uint8Array(LARGEST_CHUNK);
    while (this.#connection.receive(sink) > 0);
  }

  /** What the send buffer takes of the first text is there before the SYN goes out. */
  #begin(text: Uint8Array): Promise<void> | undefined {
    const taken = this.#connection.send(text);
    return taken < text.length ? this.#write(text.subarray(taken)) : undefined;
  }

  async #write(chunk: Uint8Array): Promise<void> {
    requireBytes(chunk, "a TcpStream");
    let at = 0;
    while (at < chunk.length) {
      if (this.#connection.isOver) throw this.#failure("write");
      at += this.#connection.send(chunk, at);
      if (at === chunk.length) return;
      this.#writing = new Deferred<void>();
      await this.#writing.promise;
    }
  }

  /**
   * RFC 9293 §3.10.4 forgets in SYN-SENT what was queued; a stream delivers what was written, and then
   * closes.
   */
  #closeWritable(): void {
    this.#endWriting();
    this.#whenOpen(() => {
      if (this.#readCancelled) this.#connection.release();
      else this.#connection.close();
    });
  }

  /**
   * A CLOSE in SYN-SENT would take back the open, and what was written with it (RFC 9293 §3.10.4): it has to
   * wait.
   */
  #whenOpen(act: () => void): void {
    if (this.#connection.state === "SYN-SENT") this.opened.then(act, () => {});
    else act();
  }

  #endWriting(): void {
    this.#writeEnded = true;
    this.#wakeWriter();
  }

  #isOver(): void {
    const { error } = this.#connection;
    this.#opened.reject(this.#failure("connect"));
    if (error === undefined) this.#closed.resolve();
    else this.#closed.reject(this.#failure("read"));
    if (!this.#writeEnded) {
      this.#writeEnded = true;
      this.#writableController?.error(this.#failure("write"));
    }
    this.#wakeWriter();
    if (this.#connection.readable === 0) {
      if (this.#connection.isAtEnd || error === undefined) this.#endReading();
      else this.#failReading();
    }
    this.#wakeReader();
  }

  #failure(syscall: string): NetError {
    const code: ErrorCode = this.#connection.error ?? (syscall === "read" ? "ECANCELED" : "EPIPE");
    return new NetError(code, { syscall, address: this.remoteAddress, port: this.remotePort });
  }
}

/**
 * Opens a connection. Fails at once, or by `opened`, with a `NetError`; with a `TypeError` where an address
 * is none.
 */
export function connectTcp(host: Host, options: TcpStreamOptions): TcpStream {
  const { signal, fastOpen, ...connect } = options;
  requireAddress(connect.remote, "remote");
  if (connect.local !== undefined) requireAddress(connect.local, "local");
  if (fastOpen !== undefined) requireBytes(fastOpen, "a TcpStream");
  if (signal?.aborted) throw new NetError("ECANCELED", { syscall: "connect" });
  const how = fastOpen === undefined ? undefined : "at-once";
  const stream = new TcpStream(host.tcp.connect({ ...connect, fastOpen: how }), fastOpen);
  if (signal !== undefined) {
    const abort = (): void => stream.abort();
    signal.addEventListener("abort", abort, { once: true });
    const done = (): void => signal.removeEventListener("abort", abort);
    stream.closed.then(done, done);
  }
  return stream;
}
