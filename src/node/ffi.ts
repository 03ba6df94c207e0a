/**
 * The system calls that Node does not offer, through koffi: an optional package with prebuilt binaries,
 * loaded when a device is opened and not before. Linux only, as its callers are.
 *
 * Readiness is libuv's own `uv_poll`, which koffi hands out: unlike a poll(2) on the thread pool it takes no
 * thread from file access and name lookup, it never holds up the end of the process, and it wakes as fast or
 * faster.
 */
import { createRequire } from "node:module";
import { constants } from "node:os";
import { isMainThread } from "node:worker_threads";
import { OperationError } from "./operation-error.ts";

export interface Ready {
  readonly readable: boolean;
  readonly writable: boolean;
  /** The descriptor is of no more use. */
  readonly failed: boolean;
}

/** A watched descriptor. Keeps the process alive unless `unref` was called. */
export interface Watch {
  /** Watches for room to write too, or no longer. */
  wantWritable(wanted: boolean): void;
  ref(): void;
  unref(): void;
  /** To be called before the descriptor is closed. */
  close(): void;
}

/** Calls answer −1 on failure; `errno()` then says why, until the next call. */
export interface Libc {
  open(path: string, flags: number): number;
  close(descriptor: number): number;
  read(descriptor: number, into: Uint8Array, count: number): number;
  write(descriptor: number, from: Uint8Array, count: number): number;
  /** @param vector struct iovec, `count` times */
  writev(descriptor: number, vector: Uint8Array, count: number): number;
  /**
   * Where the bytes lie. Only arrays of more than 64 bytes stay there, for as long as they are referred to.
   */
  addressOf(bytes: Uint8Array): number;
  /** In bytes. */
  readonly pointerSize: number;
  /** io_uring_setup(2) */
  uringSetup(entries: number, params: Uint32Array): number;
  /** io_uring_enter(2), which comes back when all that is submitted is done. */
  uringEnter(descriptor: number, count: number): number;
  /** Memory that we have together with the kernel: mmap(2) of a descriptor. Undefined: it refuses. */
  share(descriptor: number, offset: number, size: number): ArrayBuffer | undefined;
  /** Ends that. What is read or written there afterwards ends the process. */
  unshare(memory: ArrayBuffer): void;
  ioctl(descriptor: number, request: number, argument: Uint8Array): number;
  /** A request whose argument is a number, not a structure. */
  ioctlValue(descriptor: number, request: number, argument: number): number;
  socket(domain: number, type: number, protocol: number): number;
  bind(descriptor: number, address: Uint8Array, size: number): number;
  setsockopt(descriptor: number, level: number, option: number, value: Uint8Array, size: number): number;
  /** Moves the calling thread into a namespace. */
  setns(descriptor: number, type: number): number;
  errno(): number;
  /** Tells when a descriptor can be read, each turn of the event loop for as long as it can. */
  watch(descriptor: number, onReady: (ready: Ready) => void): Watch;
}

export const O_RDONLY = 0;
export const O_RDWR = 2;
export const O_NONBLOCK = 0o4000;
export const O_CLOEXEC = 0o2000000;
export const AF_INET = 2;
export const SOCK_DGRAM = 2;
export const CLONE_NEWNET = 0x4000_0000;
/** Younger system calls have one number on all machines. */
const IO_URING_SETUP = 425;
const IO_URING_ENTER = 426;
const IORING_ENTER_GETEVENTS = 1;
const READ_AND_WRITE = 3;
const MAP_SHARED = 1;
const MAP_POPULATE = 0x8000;
export const EAGAIN = constants.errno.EAGAIN;
export const EINTR = constants.errno.EINTR;
export const ECANCELED = constants.errno.ECANCELED;
export const EOPNOTSUPP = constants.errno.EOPNOTSUPP;

interface PollHandle {
  start(options: { readable: boolean; writable: boolean }, callback: PollCallback): void;
  close(): void;
  ref(): void;
  unref(): void;
}
type PollCallback = (status: number, events: { readable: boolean; writable: boolean }) => void;

type Poll = (
  descriptor: number,
  options: { readable: boolean; writable: boolean },
  callback: PollCallback,
) => PollHandle;

type SystemCall = (...parameters: ReadonlyArray<number | Uint8Array | Uint32Array | null>) => number;

interface Library {
  func(definition: string): unknown;
}

/** What is used of koffi; its own types are not imported, since it may be absent. */
interface Koffi {
  load(path: null): Library;
  errno(): number;
  address(bytes: Uint8Array): bigint;
  sizeof(type: string): number;
  view(address: bigint, size: number): ArrayBuffer;
  readonly node?: { readonly poll?: Poll };
}

let loaded: Libc | undefined;

export function loadLibc(): Libc {
  loaded ??= bindLibc(process.platform, () => createRequire(import.meta.url)("koffi"));
  return loaded;
}

export function bindLibc(platform: string, requireKoffi: () => unknown): Libc {
  if (platform !== "linux") throw new OperationError("ENOTSUP", "TUN devices need Linux.");
  const koffi = load(requireKoffi);
  const poll = koffi.node?.poll;
  if (poll === undefined) {
    throw new OperationError("ENOTSUP", "The installed koffi cannot watch descriptors: npm install koffi@3");
  }
  // The running program itself: its libc is there under whatever name (glibc, musl).
  const libc = koffi.load(null);
  const watcher = new Watcher(poll);
  return {
    open: libc.func("int open(const char *path, int flags)") as Libc["open"],
    close: libc.func("int close(int fd)") as Libc["close"],
    read: libc.func("intptr_t read(int fd, void *into, size_t count)") as Libc["read"],
    write: libc.func("intptr_t write(int fd, const void *from, size_t count)") as Libc["write"],
    writev: libc.func("intptr_t writev(int fd, const void *vector, int count)") as Libc["writev"],
    addressOf: bytes => Number(koffi.address(bytes)),
    pointerSize: koffi.sizeof("void *"),
    ...bindSharing(koffi, libc),
    // Variadic in C; on Linux's calling conventions a pointer goes the same way.
    ioctl: libc.func("int ioctl(int fd, unsigned long request, void *argument)") as Libc["ioctl"],
    ioctlValue: libc.func(
      "int ioctl(int fd, unsigned long request, unsigned long argument)",
    ) as Libc["ioctlValue"],
    socket: libc.func("int socket(int domain, int type, int protocol)") as Libc["socket"],
    bind: libc.func("int bind(int fd, const void *address, unsigned int size)") as Libc["bind"],
    setsockopt: libc.func(
      "int setsockopt(int fd, int level, int option, const void *value, unsigned int size)",
    ) as Libc["setsockopt"],
    setns: libc.func("int setns(int fd, int type)") as Libc["setns"],
    errno: () => koffi.errno(),
    watch: (descriptor, onReady) => watcher.watch(descriptor, onReady),
  };
}

function bindSharing(koffi: Koffi, libc: Library) {
  const setup = libc.func("long syscall(long number, unsigned int entries, void *params)") as SystemCall;
  const enter = libc.func(
    "long syscall(long number, int fd, unsigned int count, unsigned int wait, unsigned int flags, " +
      "void *mask, size_t size)",
  ) as SystemCall;
  const map = libc.func(
    "intptr_t mmap(void *near, size_t size, int access, int flags, int fd, long offset)",
  ) as SystemCall;
  const unmap = libc.func("int munmap(void *address, size_t size)") as SystemCall;
  return {
    uringSetup: (entries, params) => setup(IO_URING_SETUP, entries, params),
    uringEnter: (descriptor, count) =>
      enter(IO_URING_ENTER, descriptor, count, count, IORING_ENTER_GETEVENTS, null, 0),
    share(descriptor, offset, size) {
      const address = map(null, size, READ_AND_WRITE, MAP_SHARED | MAP_POPULATE, descriptor, offset);
      return address === -1 ? undefined : koffi.view(BigInt(address), size);
    },
    unshare: memory => void unmap(new Uint8Array(memory), memory.byteLength),
  } satisfies Partial<Libc>;
}

function load(requireKoffi: () => unknown): Koffi {
  try {
    return requireKoffi() as Koffi;
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    throw new OperationError(
      "ENOTSUP",
      `TUN and TAP devices need the optional package koffi, which cannot be loaded (${reason}): ` +
        "npm install koffi",
    );
  }
}

/**
 * The watches of this thread. koffi aborts the whole process when it calls into a thread's program that may
 * not run any more, or may not after what it does in the call. So in a worker thread nothing of the program
 * runs within koffi's call, but right behind it: there it may exit, or throw. And watches that are open when
 * the thread exits are closed. Only `Worker.terminate`, whose moment is another thread's, can still meet a
 * descriptor that is ready: whoever owns such a worker asks it to end (node/queue-group).
 */
class Watcher {
  readonly #poll: Poll;
  readonly #handles = new Set<PollHandle>();

  constructor(poll: Poll) {
    this.#poll = poll;
  }

  watch(descriptor: number, onReady: (ready: Ready) => void): Watch {
    if (this.#handles.size === 0) process.on("exit", this.#closeAll);
    const tell = (ready: Ready): void => {
      if (this.#handles.has(handle)) onReady(ready);
    };
    const callback = isMainThread ? within(onReady) : behind(tell);
    let writable = false;
    const handle = this.#poll(descriptor, { readable: true, writable }, callback);
    this.#handles.add(handle);
    return {
      wantWritable(wanted) {
        if (wanted === writable) return;
        writable = wanted;
        handle.start({ readable: true, writable }, callback);
      },
      ref: () => handle.ref(),
      unref: () => handle.unref(),
      close: () => this.#close(handle),
    };
  }

  #close(handle: PollHandle): void {
    handle.close();
    this.#handles.delete(handle);
    if (this.#handles.size === 0) process.off("exit", this.#closeAll);
  }

  readonly #closeAll = (): void => {
    for (const handle of this.#handles) this.#close(handle);
  };
}

function within(onReady: (ready: Ready) => void): PollCallback {
  return (status, { readable, writable }) => onReady({ readable, writable, failed: status < 0 });
}

/** In the same turn of the event loop: immediates follow what descriptors have called for. */
function behind(onReady: (ready: Ready) => void): PollCallback {
  return (status, { readable, writable }) => {
    setImmediate(onReady, { readable, writable, failed: status < 0 });
  };
}

const NAMES = new Map(Object.entries(constants.errno).map(([name, value]) => [value, name]));

/** "EPERM" for 1. */
export function errnoName(errno: number): string {
  return NAMES.get(errno) ?? `error ${errno}`;
}
