/**
 * The handle beneath `net.Socket` and `net.Server`: what Node's TCP class is, on a connection or a
 * listener of the stack instead of one of the kernel's. It answers as TCPWrap, LibuvStreamWrap and libuv
 * do, in return values, in the order of events and in the turns of the event loop; of that Node's own
 * `net` makes its events and errors.
 *
 * It is a JSStream, so that TLS, HTTP and HTTP/2 may consume it from C++. The names of its methods are
 * Node's.
 */
import { seconds } from "../../base/time.ts";
import type { TcpConnection } from "../../tcp/tcp-connection.ts";
import type { IpFamily } from "../../wire/address.ts";
import { type ToldAddress, tellAddress } from "./addresses.ts";
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
import { Hold } from "./lifetime.ts";
import { PendingRequest, scriptRequest } from "./requests.ts";
import { openConnection } from "./tcp-connecting.ts";
import { Flow, type FlowUser } from "./tcp-flow.ts";
import { LocalEnd } from "./tcp-local-end.ts";
import { hearerOf } from "./tls-wraps.ts";
import { UnsupportedError } from "./unsupported.ts";

/** libuv's TCP_KEEPINTVL and TCP_KEEPCNT. */
const KEEPALIVE_INTERVAL = seconds(1);
const KEEPALIVE_PROBES = 10;

const SOCKET = 0;

export abstract class TcpHandle extends JSStream {
  // As Node's own has them.
  reading = false;
  onconnection: unknown = null;

  readonly #context: HandleContext;
  readonly #local: LocalEnd;
  readonly #activity: Hold;
  #flow: Flow | undefined = undefined;
  #connecting: PendingRequest | undefined = undefined;
  #largestPiece = Number.POSITIVE_INFINITY;
  #isReferenced = true;
  #isClosing = false;
  #acceptIsDue = false;
  /** What is to run in the handle's own async context. */
  #errand: (() => void) | undefined = undefined;

  constructor(context: HandleContext) {
    super();
    this.#context = context;
    this.#local = new LocalEnd(context);
    this.#activity = new Hold(context.lifetime);
  }

  // --- addresses

  bind(address: unknown, port: unknown): number {
    return this.#isClosing ? uvCode("EBADF") : this.#local.bind(4, String(address), Number(port), 0);
  }

  bind6(address: unknown, port: unknown, flags: unknown): number {
    return this.#isClosing
      ? uvCode("EBADF")
      : this.#local.bind(6, String(address), Number(port), Number(flags));
  }

  getsockname(out: ToldAddress): number {
    const { family, address, heldPort } = this.#local;
    if (this.#isClosing || family === undefined) return uvCode("EBADF");
    const connection = this.#flow?.connection;
    tellAddress(out, family, connection?.local ?? address, connection?.localPort ?? heldPort);
    return 0;
  }

  getpeername(out: ToldAddress): number {
    const { family } = this.#local;
    if (this.#isClosing || family === undefined) return uvCode("EBADF");
    const connection = this.#flow?.connection;
    if (connection === undefined || connection.isOver || connection.state === "SYN-SENT")
      return uvCode("ENOTCONN");
    tellAddress(out, family, connection.remote, connection.remotePort);
    return 0;
  }

  // --- listening

  listen(backlog: unknown): number {
    if (this.#isClosing) return uvCode("EBADF");
    if (this.#flow !== undefined) return uvCode("EINVAL");
    const status = this.#local.listen(Number(backlog) | 0);
    const { listener } = this.#local;
    if (listener !== undefined) listener.observer = { acceptable: () => this.#acceptLater() };
    this.#weighActivity();
    return status;
  }

  #acceptLater(): void {
    if (this.#acceptIsDue) return;
    this.#acceptIsDue = true;
    this.#context.turns.arrived(this.#accept);
  }

  /** One connection a turn, as long as the program has not closed the handle. */
  readonly #accept = (): void => {
    this.#acceptIsDue = false;
    const { listener, family } = this.#local;
    const connection = this.#isClosing ? undefined : listener?.accept();
    if (connection === undefined) return;
    if (listener !== undefined && listener.waiting > 0) this.#acceptLater();
    const client = this.#sibling();
    client.#local.family = family;
    client.#use(connection);
    this.#inOwnContext(() => {
      if (typeof this.onconnection === "function") this.onconnection(0, client);
    });
  };

  /** Another handle of the same host. */
  #sibling(): TcpHandle {
    return Reflect.construct(this.constructor, [SOCKET]) as TcpHandle;
  }

  // --- connecting

  connect(request: Request, address: unknown, port: unknown): number {
    return this.#connect(4, request, address, port);
  }

  connect6(request: Request, address: unknown, port: unknown): number {
    return this.#connect(6, request, address, port);
  }

  #connect(family: IpFamily, request: Request, address: unknown, port: unknown): number {
    if (this.#isClosing) return uvCode("EBADF");
    if (this.#connecting !== undefined) return uvCode("EALREADY");
    if (this.#flow !== undefined) return uvCode("EISCONN");
    const { lifetime, turns } = this.#context;
    const { delayedError } = this.#local;
    if (delayedError !== undefined) {
      turns.later(() => this.#opened(uvCode(delayedError)));
    } else {
      const opened = openConnection(this.#context, this.#local, family, String(address), Number(port));
      if (typeof opened === "number") return opened;
      this.#use(opened);
    }
    this.#connecting = scriptRequest(lifetime, "TCPCONNECTWRAP", request, this, request);
    return 0;
  }

  #opened(status: number): void {
    const connecting = this.#connecting;
    this.#connecting = undefined;
    const isOpen = status === 0;
    connecting?.complete(status, isOpen, isOpen);
  }

  #use(connection: TcpConnection): void {
    const user: FlowUser = {
      opened: status => this.#opened(status),
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
    if (this.#isClosing) return uvCode("EINVAL");
    const status = this.#flow?.reading.start() ?? uvCode("ENOTCONN");
    this.#weighActivity();
    return status;
  }

  onreadstop(): number {
    this.#flow?.reading.stop();
    this.#weighActivity();
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
    if (this.#flow !== undefined) this.#flow.reading.largestPiece = size;
  }

  #readingEnded(): void {
    this.#weighActivity();
    this.emitEOF();
  }

  /** A JSStream has no way to report a read error: whoever hears of what is read is told as C++ would. */
  #readingFailed(code: number): void {
    this.#weighActivity();
    this.#inOwnContext(() => {
      const hearer = hearerOf(this);
      streamBaseState[kReadBytesOrError] = code;
      if (typeof hearer.onread === "function") hearer.onread(undefined);
    });
  }

  get bytesRead(): number {
    return this.#flow?.reading.bytesRead ?? 0;
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
    if (this.#flow === undefined || this.#isClosing) return uvCode("EBADF");
    const { lifetime } = this.#context;
    const pend = (): PendingRequest => scriptRequest(lifetime, "WRITEWRAP", request, this, undefined);
    const written = this.#flow.write(chunks, size, pend);
    if (typeof written === "number") return written;
    streamBaseState[kLastWriteWasAsync] = 1;
    return 0;
  }

  /**
   * C++ writes: TLS, HTTP/2. As with the kernel's handles HTTP/2 is answered within the call, while TLS
   * cannot bear that, and is answered right after.
   */
  onwrite(request: object, chunks: readonly Uint8Array[]): number {
    if (this.#flow === undefined || this.#isClosing) return uvCode("EBADF");
    const { lifetime, turns } = this.#context;
    const size = chunks.reduce((sum, { length }) => sum + length, 0);
    const pend = (): PendingRequest =>
      new PendingRequest(lifetime, status => this.finishWrite(request, status));
    const written = this.#flow.write(chunks, size, pend);
    if (typeof written !== "number") return 0;
    if (written < 0) return written;
    const isForTls = hearerOf(this) !== this;
    const pending = pend();
    if (isForTls) turns.arrived(() => pending.complete(0));
    else pending.complete(0);
    return 0;
  }

  get bytesWritten(): number {
    return this.#flow?.writing.bytesWritten ?? 0;
  }

  get writeQueueSize(): number {
    return this.#flow?.writing.queued ?? 0;
  }

  // --- ending

  shutdown(request: Request): number {
    const { lifetime } = this.#context;
    return this.#shutDown(() => scriptRequest(lifetime, "SHUTDOWNWRAP", request));
  }

  /** C++ shuts down. */
  onshutdown(request: object): number {
    const { lifetime } = this.#context;
    return this.#shutDown(() => new PendingRequest(lifetime, status => this.finishShutdown(request, status)));
  }

  #shutDown(request: () => PendingRequest): number {
    if (this.#isClosing) return uvCode("EBADF");
    return this.#flow?.shutDown(request) ?? uvCode("ENOTCONN");
  }

  close(closed?: unknown): void {
    if (this.#isClosing) return;
    this.#flow?.close();
    this.#leave(closed);
  }

  reset(closed?: unknown): number {
    if (this.#isClosing) return 0;
    if (this.#flow?.isShutting === true) return uvCode("EINVAL");
    this.#flow?.reset();
    this.#leave(closed);
    return 0;
  }

  #leave(closed: unknown): void {
    this.#isClosing = true;
    this.#local.close();
    this.#weighActivity();
    this.#context.closing(() => {
      this.#opened(uvCode("ECANCELED"));
      this.#flow?.cancel();
      if (typeof closed === "function") closed.call(this);
    });
  }

  isClosing(): boolean {
    return this.#isClosing;
  }

  // --- options

  setNoDelay(on: unknown): number {
    this.#flow?.connection.setNoDelay(on === true);
    return this.#flow === undefined ? uvCode("EBADF") : 0;
  }

  /** @param idle in seconds */
  setKeepAlive(on: unknown, idle: unknown): number {
    const connection = this.#flow?.connection;
    if (connection === undefined) return uvCode("EBADF");
    const isOn = Boolean(on);
    const time = Number(idle);
    connection.keepalive.interval = KEEPALIVE_INTERVAL;
    connection.keepalive.limit = KEEPALIVE_PROBES;
    connection.setKeepalive(isOn);
    if (isOn && time > 0) connection.setKeepalive(isOn, seconds(time));
    return 0;
  }

  setBlocking(): number {
    return 0;
  }

  open(fd: unknown): never {
    throw new UnsupportedError(`To take over descriptor ${fd}`, "its socket is the kernel's");
  }

  // --- the process's life

  ref(): void {
    this.#isReferenced = true;
    this.#weighActivity();
  }

  unref(): void {
    this.#isReferenced = false;
    this.#weighActivity();
  }

  hasRef(): boolean {
    return this.#isReferenced && !this.#isClosing;
  }

  #weighActivity(): void {
    const isActive = this.#local.isListening || this.#flow?.reading.isActive === true;
    this.#activity.set(isActive && this.#isReferenced && !this.#isClosing);
  }

  /** Runs it as C++ would: in the handle's async context, and what it throws is nobody's to catch. */
  #inOwnContext(run: () => void): void {
    this.#errand = run;
    this.readStart();
  }
}

/** What Node makes handles of: `new TCP(type)`. */
export type TcpClass = new (type: number) => TcpHandle;

/** The class of a host's handles. */
export function tcpClass(context: HandleContext): TcpClass {
  return class TCP extends TcpHandle {
    constructor(_type: number) {
      super(context);
    }
  };
}
