/**
 * What the handles use of Node's inside: the classes beneath `net`, by `process.binding`, which answers with
 * the same objects that Node's own modules take theirs from. Nothing imported from here, directly or not, may
 * load `net` or `dgram`: the classes are exchanged before those look at them.
 */

/** A call that Node's JavaScript has made of a handle, and what is to be called when it is done. */
export interface Request {
  oncomplete?: unknown;
}

/** JSStream: a stream of Node's C++ whose ends are JavaScript's. */
export interface NativeStream {
  /** What `net` has set to be called with what was read. */
  onread: unknown;
  /** Hands on what was read, to whoever consumes the stream: JavaScript, TLS, HTTP. */
  readBuffer(bytes: Uint8Array): void;
  emitEOF(): void;
  readStart(): number;
  readStop(): number;
  useUserBuffer(buffer: Uint8Array): void;
  /** The end of what `onwrite` and `onshutdown` were asked for. */
  finishWrite(request: object, status: number): void;
  finishShutdown(request: object, status: number): void;
  getAsyncId(): number;
}

interface StreamWrap {
  readonly streamBaseState: Int32Array;
  readonly kReadBytesOrError: number;
  readonly kBytesWritten: number;
  readonly kLastWriteWasAsync: number;
}

export interface TcpWrap {
  TCP: new (type: number) => KernelTcpHandle;
}

/** What is used of the kernel's handles. */
export interface KernelTcpHandle {
  bind(address: string, port: number): number;
  bind6(address: string, port: number, flags: number): number;
  listen(backlog: number): number;
  close(): void;
}

export interface UdpWrap {
  UDP: new () => object;
}

/** TLS puts itself between a stream and its user. */
export interface TlsWrap {
  wrap(stream: object, ...rest: unknown[]): NativeStream;
}

export interface CaresWrap {
  readonly DNS_ORDER_IPV4_FIRST: number;
  readonly DNS_ORDER_IPV6_FIRST: number;
  getaddrinfo(request: Request, name: string, family: number, hints: number, order: number): number;
}

export interface PipeWrap {
  readonly Pipe: {
    new (type: number): { connect(request: object, path: string): number };
    readonly prototype: { writeUtf8String(...rest: unknown[]): number };
  };
  readonly PipeConnectWrap: new () => object;
}

interface Bindings {
  js_stream: { readonly JSStream: new () => NativeStream };
  stream_wrap: StreamWrap;
  tcp_wrap: TcpWrap;
  udp_wrap: UdpWrap;
  tls_wrap: TlsWrap;
  cares_wrap: CaresWrap;
  pipe_wrap: PipeWrap;
  uv: Readonly<Record<string, unknown>>;
}

export function binding<Name extends keyof Bindings>(name: Name): Bindings[Name] {
  const { binding: find } = process as unknown as { binding(name: string): unknown };
  try {
    return find.call(process, name) as Bindings[Name];
  } catch (cause) {
    throw new Error("Postel needs process.binding, which this process denies (--permission).", { cause });
  }
}

export const { JSStream } = binding("js_stream");
export const { streamBaseState, kReadBytesOrError, kBytesWritten, kLastWriteWasAsync } =
  binding("stream_wrap");
/** Where a class that stands in the place of the kernel's has that one. */
export const KERNELS = Symbol.for("@postel/stack: the kernel's handles");

/** The kernel's: taken before ours stand in their place, or from there, by another copy of this file. */
export const KernelTcp = kernelsOf(binding("tcp_wrap").TCP);
export const KernelUdp = kernelsOf(binding("udp_wrap").UDP);

function kernelsOf<Class extends object>(current: Class): Class {
  return (current as { [KERNELS]?: Class })[KERNELS] ?? current;
}

/** Runs it as C++ runs JavaScript: in a callback scope, after which the tick queue has its turn. */
export function enterScope(run: () => void): void {
  const stream = entrance;
  stream.onreadstart = () => {
    run();
    return 0;
  };
  stream.readStart();
}

const entrance = Object.assign(new JSStream(), { onreadstart: () => 0 });
