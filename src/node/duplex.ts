/**
 * A Web-Streams socket as a `node:stream` Duplex, with what Node's own protocol modules expect of a
 * `net.Socket`: `http.createServer().emit("connection", toDuplex(stream))` serves HTTP over it.
 */
import { Duplex } from "node:stream";
import { asError, type PairReader, type PairWriter, type StreamPair } from "./byte-end.ts";

/** A Web-Streams socket that knows its addresses. */
export interface SocketPair extends StreamPair {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
}

export function toDuplex(stream: SocketPair): StreamSocket {
  return new StreamSocket(stream);
}

export class StreamSocket extends Duplex {
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
  readonly remoteFamily: "IPv4" | "IPv6" | undefined;
  readonly localAddress: string | undefined;
  readonly localPort: number | undefined;
  readonly connecting = false;
  bytesRead = 0;
  bytesWritten = 0;
  /** The idle time that `setTimeout` set, in milliseconds: 0 for none. */
  timeout = 0;

  readonly #stream: StreamPair;
  readonly #reader: PairReader;
  readonly #writer: PairWriter;
  #idle: NodeJS.Timeout | undefined;
  #isReading = false;
  #isFinishing = false;

  constructor(stream: SocketPair) {
    super({ allowHalfOpen: true, emitClose: true });
    this.#stream = stream;
    this.remoteAddress = stream.remoteAddress;
    this.remotePort = stream.remotePort;
    this.localAddress = stream.localAddress;
    this.localPort = stream.localPort;
    this.remoteFamily = familyOf(stream.remoteAddress);
    this.#reader = stream.readable.getReader();
    this.#writer = stream.writable.getWriter();
    // A reset must be seen although nobody reads or writes at the moment.
    this.#reader.closed.catch(reason => this.#failed(reason, "read"));
    this.#writer.closed.catch(reason => this.#failed(reason, "write"));
  }

  override _read(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    this.#reader.read().then(
      ({ done, value }) => {
        this.#isReading = false;
        if (this.destroyed) return;
        this.#active();
        if (done || value === undefined) {
          this.push(null);
          // Node finds the end of a stream by reading it; a server that waits to write may never read again.
          if (this.readableLength === 0) this.read(0);
        } else {
          this.bytesRead += value.length;
          this.push(Buffer.from(value.buffer, value.byteOffset, value.length));
        }
      },
      reason => this.#failed(reason, "read"),
    );
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#send(chunk, callback);
  }

  /** Headers and body were corked together: they go as one write, so as one segment where they fit. */
  override _writev(
    chunks: Array<{ chunk: Buffer; encoding: BufferEncoding }>,
    callback: (error?: Error | null) => void,
  ): void {
    this.#send(Buffer.concat(chunks.map(({ chunk }) => chunk)), callback);
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#isFinishing = true;
    this.#writer.close().then(
      () => callback(),
      reason => callback(withCode(reason, "shutdown")),
    );
  }

  /** As close(2) does: what was sent still goes out, then a FIN; nothing more is read. */
  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.setTimeout(0);
    if (!this.#isFinishing) this.#writer.close().catch(() => undefined);
    if (!this.readableEnded) this.#reader.cancel().catch(() => undefined);
    callback(error);
  }

  /** Closes with a reset. */
  resetAndDestroy(): this {
    if (this.destroyed) return this;
    this.#isFinishing = true;
    Promise.resolve(this.#stream.abort()).catch(() => undefined);
    this.destroy();
    return this;
  }

  /** Ends the writing side, and destroys the socket once all is written. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once("finish", () => this.destroy());
  }

  /** Emits "timeout" after this many milliseconds without anything read or written. */
  setTimeout(milliseconds: number, onTimeout?: () => void): this {
    this.timeout = milliseconds;
    clearTimeout(this.#idle);
    this.#idle = undefined;
    if (milliseconds > 0) {
      if (this.destroyed) return this;
      this.#idle = setTimeout(() => this.emit("timeout"), milliseconds).unref();
      if (onTimeout !== undefined) this.once("timeout", onTimeout);
    } else if (onTimeout !== undefined) {
      this.removeListener("timeout", onTimeout);
    }
    return this;
  }

  /** The stack's own settings hold: these three are here because protocol modules call them. */
  setNoDelay(_noDelay?: boolean): this {
    return this;
  }

  setKeepAlive(_enable?: boolean, _initialDelay?: number): this {
    return this;
  }

  /** The driver alone keeps the process alive. */
  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  address(): { address: string; family: string; port: number } | Record<string, never> {
    const family = familyOf(this.localAddress);
    if (this.localAddress === undefined || this.localPort === undefined || family === undefined) return {};
    return { address: this.localAddress, family, port: this.localPort };
  }

  get readyState(): "open" | "readOnly" | "writeOnly" | "closed" {
    if (this.readable) return this.writable ? "open" : "readOnly";
    return this.writable ? "writeOnly" : "closed";
  }

  #send(bytes: Buffer, callback: (error?: Error | null) => void): void {
    this.#active();
    this.#writer.write(bytes).then(
      () => {
        this.bytesWritten += bytes.length;
        this.#active();
        callback();
      },
      reason => callback(withCode(reason, "write")),
    );
  }

  #active(): void {
    this.#idle?.refresh();
  }

  #failed(reason: unknown, syscall: string): void {
    if (this.destroyed || (this.readableEnded && this.writableFinished)) return;
    this.destroy(withCode(reason, syscall));
  }
}

function familyOf(address: string | undefined): "IPv4" | "IPv6" | undefined {
  if (address === undefined) return undefined;
  return address.includes(":") ? "IPv6" : "IPv4";
}

/**
 * Node users tell errors by `code` and `syscall`: what the stack reports has both, a foreign abort gets them.
 */
function withCode(reason: unknown, syscall: string): NodeJS.ErrnoException {
  const error = asError(reason) as NodeJS.ErrnoException;
  if (typeof error.code === "string") return error;
  const coded: NodeJS.ErrnoException = new Error(`${syscall} ECONNRESET: ${error.message}`, { cause: error });
  coded.code = "ECONNRESET";
  coded.syscall = syscall;
  return coded;
}
