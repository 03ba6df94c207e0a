/** TLS for Web-Streams sockets, by `node:tls`: the implementation of `TlsProvider` on Node. */
import { isIP } from "node:net";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import type {
  ByteStream,
  TlsClientOptions,
  TlsProvider,
  TlsSession,
} from "../socket/wintertc/tls-provider.ts";
import { toDuplex } from "./duplex.ts";

/** @param options for every session: `ca`, `cert` and `key`, `minVersion`, … */
export function nodeTls(options: ConnectionOptions = {}): TlsProvider {
  return {
    connect: (carrier, wanted) => new NodeTlsSession(carrier, wanted, options),
  };
}

class NodeTlsSession implements TlsSession {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  readonly opened: Promise<{ readonly alpn: string | undefined }>;
  readonly closed: Promise<void>;
  readonly #socket: TLSSocket;

  constructor(carrier: ByteStream, { hostname, sni, alpn }: TlsClientOptions, options: ConnectionOptions) {
    // RFC 6066 §3: the name that is asked for is never an address.
    const servername = sni ?? (isIP(hostname) === 0 ? hostname : undefined);
    const socket = connect({
      ...options,
      socket: toDuplex(carrier),
      host: hostname,
      ...(servername === undefined ? {} : { servername }),
      ...(alpn.length === 0 ? {} : { ALPNProtocols: [...alpn] }),
    });
    this.#socket = socket;
    socket.allowHalfOpen = true;
    this.opened = new Promise((resolve, reject) => {
      socket.once("secureConnect", () => resolve({ alpn: socket.alpnProtocol || undefined }));
      socket.once("error", reject);
      socket.once("close", () => reject(new Error("the connection ended before TLS was established")));
    });
    this.closed = new Promise((resolve, reject) => {
      socket.once("error", reject);
      socket.once("close", () => resolve());
    });
    this.opened.catch(() => {});
    this.closed.catch(() => {});
    this.readable = readableOf(socket);
    this.writable = writableOf(socket);
  }

  /** close_notify, and then the connection's end. */
  async close(): Promise<void> {
    this.#socket.resume();
    this.#socket.end();
    await this.closed;
  }

  abort(reason?: unknown): void {
    this.#socket.destroy(reason instanceof Error ? reason : undefined);
  }
}

/** What is not asked for stays in the socket, and so in the carrier. */
function readableOf(socket: TLSSocket): ReadableStream<Uint8Array> {
  let controller: ReadableStreamDefaultController<Uint8Array>;
  let isOver = false;
  const end = (error?: Error): void => {
    if (isOver) return;
    isOver = true;
    if (error === undefined) controller.close();
    else controller.error(error);
  };
  socket.pause();
  socket.on("data", (bytes: Buffer) => {
    socket.pause();
    if (!isOver) controller.enqueue(bytes);
  });
  socket.once("end", () => end());
  socket.once("error", end);
  socket.once("close", () => end());
  return new ReadableStream<Uint8Array>(
    {
      start: given => {
        controller = given;
      },
      pull: () => {
        socket.resume();
      },
      cancel: () => {
        isOver = true;
        socket.resume();
      },
    },
    { highWaterMark: 0 },
  );
}

function writableOf(socket: TLSSocket): WritableStream<Uint8Array> {
  const done = (resolve: () => void, reject: (reason: unknown) => void) => (error?: Error | null) =>
    error ? reject(error) : resolve();
  return new WritableStream<Uint8Array>({
    start: controller => {
      socket.once("error", error => controller.error(error));
    },
    write: chunk => new Promise((resolve, reject) => socket.write(chunk, done(resolve, reject))),
    close: () => new Promise((resolve, reject) => socket.end(done(resolve, reject))),
    abort: () => {
      socket.destroy();
    },
  });
}
