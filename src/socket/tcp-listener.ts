/**
 * A listening socket: connections that nobody accepts yet wait in the listener's accept queue, so its backlog
 * is the back-pressure.
 */
import { NetError } from "../base/errors.ts";
import type { Host } from "../host/host.ts";
import type { Listener } from "../tcp/handshake/listener.ts";
import type { ListenOptions } from "../tcp/tcp.ts";
import { Deferred } from "./deferred.ts";
import { requireAddress } from "./given.ts";
import { TcpStream } from "./tcp-stream.ts";

export class TcpListener implements AsyncIterable<TcpStream> {
  readonly #host: Host;
  readonly #listener: Listener;
  readonly #waiting: Array<Deferred<TcpStream | undefined>> = [];

  constructor(host: Host, listener: Listener) {
    this.#host = host;
    this.#listener = listener;
    listener.observer = { acceptable: () => this.#serve() };
  }

  /** The address listened on; undefined: every one. */
  get localAddress(): string | undefined {
    return this.#listener.address?.toString();
  }

  get localPort(): number {
    return this.#listener.port;
  }

  get isClosed(): boolean {
    return this.#listener.isClosed;
  }

  /** The next connection. Rejects with ECANCELED when the listener is closed. */
  async accept(): Promise<TcpStream> {
    const stream = await this.#next();
    if (stream === undefined) throw new NetError("ECANCELED", { syscall: "accept" });
    return stream;
  }

  /** Every connection, until the listener is closed. */
  async *[Symbol.asyncIterator](): AsyncGenerator<TcpStream, void, undefined> {
    for (let stream = await this.#next(); stream !== undefined; stream = await this.#next()) yield stream;
  }

  /** No new connections; those that were accepted go on. */
  close(): void {
    this.#host.tcp.closeListener(this.#listener);
    for (const waiting of this.#waiting.splice(0)) waiting.resolve(undefined);
  }

  #next(): Promise<TcpStream | undefined> {
    const connection = this.#listener.accept();
    if (connection !== undefined) return Promise.resolve(new TcpStream(connection));
    if (this.#listener.isClosed) return Promise.resolve(undefined);
    const waiting = new Deferred<TcpStream | undefined>();
    this.#waiting.push(waiting);
    return waiting.promise;
  }

  #serve(): void {
    while (this.#waiting.length > 0) {
      const connection = this.#listener.accept();
      if (connection === undefined) return;
      this.#waiting.shift()?.resolve(new TcpStream(connection));
    }
  }
}

/**
 * Throws a `NetError`: EADDRINUSE, EADDRNOTAVAIL. With `fastOpen` a stream may be given out, read and written
 * before it has `opened`: RFC 7413; the host's configuration has to let it (`tcp: { fastOpen: 3 }`).
 */
export function listenTcp(host: Host, options: ListenOptions): TcpListener {
  if (options.address !== undefined) requireAddress(options.address, "address");
  return new TcpListener(host, host.tcp.listen(options));
}
