/**
 * The stream half of a handle: reading, writing and shutting down, what Node's LibuvStreamWrap is to its TCP
 * class. It answers as LibuvStreamWrap and libuv do, in return values, in the order of events and in the
 * turns of the event loop.
 *
 * It is a JSStream, so that TLS, HTTP and HTTP/2 may consume it from C++. The names of its methods are
 * Node's.
 */
import type { TcpConnection } from "../../tcp/tcp-connection.ts";
import {
  JSStream,
  kBytesWritten,
  kLastWriteWasAsync,
  kReadBytesOrError,
  type Request,
  streamBaseState,
} from "./bindings.ts";
import { uvCode } from "./error-codes.ts";
import type { HandleContext } from "./handle-context.ts";
import { PendingRequest, scriptRequest } from "./requests.ts";
import { Flow, type FlowUser } from "./tcp-flow.ts";
import { hearerOf } from "./tls-wraps.ts";

export abstract class StreamHandle extends JSStream {
  // As Node's own has it.
  reading = false;

  // What is not Node's is not to be seen when a program prints its sockets.
  readonly #context: HandleContext;
  #flow: Flow | undefined = undefined;
  #largestPiece = Number.POSITIVE_INFINITY;
  #isClosing = false;
  /** What is to run in the handle's own async context. */
  #errand: (() => void) | undefined = undefined;

  constructor(context: HandleContext) {
    super();
    this.#context = context;
  }

  /** The connection's handshake is over: 0, or libuv's number. */
  protected abstract opened(status: number): void;

  /** It may have begun or ceased to keep the process alive. */
  protected abstract weighActivity(): void;

  protected get context(): HandleContext {
    return this.#context;
  }

  protected get flow(): Flow | undefined {
    return this.#flow;
  }

  isClosing(): boolean {
    return this.#isClosing;
  }

  protected beginClosing(): void {
    this.#isClosing = true;
  }

  /** From now on it is a stream. */
  protected use(connection: TcpConnection): void {
    const user: FlowUser = {
      opened: status => this.opened(status),
      read: bytes => this.readBuffer(bytes),
      ended: () => this.#readingEnded(),
      failed: code => this.#readingFailed(code),
    };
    this.#flow = new Flow(this.#context, connection, user);
    this.#flow.reading.largestPiece = this.#largestPiece;
  }

  // --- reading

  /** Node's `readStart`, from wherever it was called. */
  onreadstart(): number {
    const errand = this.#errand;
    this.#errand = undefined;
    if (errand !== undefined) {
      errand();
      return 0;
    }
    if (this.isClosing()) return uvCode("EINVAL");
    const status = this.flow?.reading.start() ?? uvCode("ENOTCONN");
    this.weighActivity();
    return status;
  }

  onreadstop(): number {
    this.flow?.reading.stop();
    this.weighActivity();
    return 0;
  }

  /** The reader brings his own buffer, and may bring another one after each piece. */
  override useUserBuffer(buffer: Uint8Array): void {
    const { onread } = this;
    this.#takeNoMoreThan(buffer.length);
    super.useUserBuffer(buffer);
    if (typeof onread !== "function") return;
    this.onread = (...args: unknown[]) => {
      const next: unknown = onread.apply(this, args);
      if (next instanceof Uint8Array) this.#takeNoMoreThan(next.length);
      return next;
    };
  }

  #takeNoMoreThan(size: number): void {
    this.#largestPiece = size;
    if (this.flow !== undefined) this.flow.reading.largestPiece = size;
  }

  #readingEnded(): void {
    this.weighActivity();
    this.emitEOF();
  }

  /** A JSStream has no way to report a read error: whoever hears of what is read is told as C++ would. */
  #readingFailed(code: number): void {
    this.weighActivity();
    this.inOwnContext(() => {
      const hearer = hearerOf(this);
      streamBaseState[kReadBytesOrError] = code;
      if (typeof hearer.onread === "function") hearer.onread(undefined);
    });
  }

  get bytesRead(): number {
    return this.flow?.reading.bytesRead ?? 0;
  }

  // --- writing

  writeBuffer(request: Request, bytes: Uint8Array): number {
    return this.#write(request, [bytes], bytes.length);
  }

  writeUtf8String(request: Request, text: string): number {
    return this.#writeText(request, text, "utf8");
  }

  writeAsciiString(request: Request, text: string): number {
    return this.#writeText(request, text, "latin1");
  }

  writeLatin1String(request: Request, text: string): number {
    return this.#writeText(request, text, "latin1");
  }

  writeUcs2String(request: Request, text: string): number {
    return this.#writeText(request, text, "utf16le");
  }

  /** Buffers, or texts and buffers, each followed by its encoding. */
  writev(request: Request, chunks: readonly unknown[], allBuffers: boolean): number {
    const bytes: Uint8Array[] = [];
    let size = 0;
    for (let i = 0; i < chunks.length; i += allBuffers ? 1 : 2) {
      const chunk = chunks[i];
      const encoding = chunks[i + 1] as BufferEncoding;
      const part = typeof chunk === "string" ? Buffer.from(chunk, encoding) : (chunk as Uint8Array);
      bytes.push(part);
      size += part.length;
    }
    return this.#write(request, bytes, size);
  }

  #writeText(request: Request, text: string, encoding: BufferEncoding): number {
    const bytes = Buffer.from(text, encoding);
    return this.#write(request, [bytes], bytes.length);
  }

  #write(request: Request, chunks: readonly Uint8Array[], size: number): number {
    streamBaseState[kBytesWritten] = size;
    streamBaseState[kLastWriteWasAsync] = 0;
    if (this.flow === undefined || this.isClosing()) return uvCode("EBADF");
    const { lifetime } = this.context;
    const pend = (): PendingRequest => scriptRequest(lifetime, "WRITEWRAP", request, this, undefined);
    const written = this.flow.write(chunks, size, pend);
    if (typeof written === "number") return written;
    streamBaseState[kLastWriteWasAsync] = 1;
    return 0;
  }

  /**
   * C++ writes: TLS, HTTP/2. As with the kernel's handles HTTP/2 is answered within the call, while TLS
   * cannot bear that, and is answered right after.
   */
  onwrite(request: object, chunks: readonly Uint8Array[]): number {
    if (this.flow === undefined || this.isClosing()) return uvCode("EBADF");
    const { lifetime, turns } = this.context;
    const size = chunks.reduce((sum, { length }) => sum + length, 0);
    const pend = (): PendingRequest =>
      new PendingRequest(lifetime, status => this.finishWrite(request, status));
    const written = this.flow.write(chunks, size, pend);
    if (typeof written !== "number") return 0;
    if (written < 0) return written;
    const isForTls = hearerOf(this) !== this;
    const pending = pend();
    if (isForTls) turns.arrived(() => pending.complete(0));
    else pending.complete(0);
    return 0;
  }

  get bytesWritten(): number {
    return this.flow?.writing.bytesWritten ?? 0;
  }

  get writeQueueSize(): number {
    return this.flow?.writing.queued ?? 0;
  }

  // --- ending

  shutdown(request: Request): number {
    const { lifetime } = this.context;
    return this.#shutDown(() => scriptRequest(lifetime, "SHUTDOWNWRAP", request));
  }

  /** C++ shuts down. */
  onshutdown(request: object): number {
    const { lifetime } = this.context;
    return this.#shutDown(() => new PendingRequest(lifetime, status => this.finishShutdown(request, status)));
  }

  #shutDown(request: () => PendingRequest): number {
    if (this.isClosing()) return uvCode("EBADF");
    return this.flow?.shutDown(request) ?? uvCode("ENOTCONN");
  }

  /** Runs it as C++ would: in the handle's async context, and what it throws is nobody's to catch. */
  protected inOwnContext(run: () => void): void {
    this.#errand = run;
    this.readStart();
  }
}
