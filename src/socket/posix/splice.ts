/**
 * splice and sendfile: bytes from one descriptor to another, through a pipe or out of a file. Linux's
 * fs/splice.c.
 */
import type { Scheduler } from "../../base/event-queue.ts";
import { pushWaiting } from "../../tcp/connection-options.ts";
import {
  MSG_DONTWAIT,
  MSG_MORE,
  RCV_SHUTDOWN,
  SPLICE_F_ALL,
  SPLICE_F_MORE,
  SPLICE_F_NONBLOCK,
} from "./constants.ts";
import type { Errno } from "./errno.ts";
import type { File, IntReference } from "./file.ts";
import { MemoryFile } from "./memory-file.ts";
import { PAGE_SIZE, PipeEnd } from "./pipe.ts";
import { attemptOrSleep } from "./sleep.ts";
import { plainMessage, SocketFile } from "./socket-file.ts";
import { fail, isPending, OK, type SysOutcome, type SysResult, succeed } from "./sys-result.ts";
import { TcpSocket } from "./tcp-socket.ts";
import { UserMemory } from "./user-memory.ts";

/** One end of a transfer: a file, and where in it, if not at its own position. */
export interface SpliceEnd {
  readonly file: File;
  readonly offset: IntReference | null;
}

/** What an end gives or takes at once: so many bytes, nothing yet, or an error. */
type Moved<T> = T | "later" | { readonly errno: Errno };

const LATER = "later";

export function splice(
  scheduler: Scheduler | undefined,
  from: SpliceEnd,
  to: SpliceEnd,
  length: number,
  flags: number,
): SysOutcome {
  const refusal = spliceRefusal(from, to, flags);
  if (refusal !== undefined) return fail(refusal);
  if (length === 0) return OK;
  const isNonBlocking =
    (flags & SPLICE_F_NONBLOCK) !== 0 ||
    [from.file, to.file].some(file => file instanceof PipeEnd && file.isNonBlocking);
  const transfer = new Transfer(from, to, length, (flags & SPLICE_F_MORE) !== 0);
  const attempt = (): SysResult | undefined => {
    const result = transfer.run();
    if (result !== undefined) return result;
    if (transfer.done > 0) return succeed(transfer.done);
    const waits = !isNonBlocking && !transfer.blockedFile.isNonBlocking;
    return waits ? undefined : fail("EAGAIN");
  };
  const expired = (): SysResult => fail("EAGAIN");
  return attemptOrSleep({ scheduler, files: [from.file, to.file], attempt, timeout: undefined, expired });
}

/** `from` is a regular file; all of it is sent, however long it takes, if the other end may wait. */
export function sendFile(
  scheduler: Scheduler | undefined,
  from: SpliceEnd,
  to: File,
  count: number,
): SysOutcome {
  if (!from.file.isReadable || !to.isWritable) return fail("EBADF");
  if (!(from.file instanceof MemoryFile) || (from.offset?.value ?? 0) < 0) return fail("EINVAL");
  const transfer = new Transfer(from, { file: to, offset: null }, count, false);
  const attempt = (): SysResult | undefined => {
    const result = transfer.run();
    if (result !== undefined) return result;
    if (!to.isNonBlocking) return undefined;
    return transfer.done > 0 ? succeed(transfer.done) : fail("EAGAIN");
  };
  const expired = (): SysResult => fail("EAGAIN");
  return attemptOrSleep({ scheduler, files: [to], attempt, timeout: undefined, expired });
}

/** Exactly one end, or both, must be a pipe; only a file has offsets. */
function spliceRefusal(from: SpliceEnd, to: SpliceEnd, flags: number): Errno | undefined {
  if ((flags & ~SPLICE_F_ALL) !== 0) return "EINVAL";
  if (!from.file.isReadable || !to.file.isWritable) return "EBADF";
  const fromPipe = from.file instanceof PipeEnd ? from.file.pipe : undefined;
  const toPipe = to.file instanceof PipeEnd ? to.file.pipe : undefined;
  if (fromPipe === undefined && toPipe === undefined) return "EINVAL";
  if ((fromPipe !== undefined && from.offset !== null) || (toPipe !== undefined && to.offset !== null))
    return "ESPIPE";
  if (fromPipe === toPipe) return "EINVAL";
  for (const { file, offset } of [from, to]) {
    if (offset !== null && (!(file instanceof MemoryFile) || offset.value < 0)) return "EINVAL";
  }
  return undefined;
}

class Transfer {
  done = 0;
  /** Which end had nothing, or no room. */
  blockedFile: File;
  readonly #from: SpliceEnd;
  readonly #to: SpliceEnd;
  readonly #length: number;
  readonly #moreFollows: boolean;

  constructor(from: SpliceEnd, to: SpliceEnd, length: number, moreFollows: boolean) {
    this.#from = from;
    this.#to = to;
    this.#length = length;
    this.#moreFollows = moreFollows;
    this.blockedFile = from.file;
  }

  /** Moves what can be moved at once. Undefined: there is more to do, later. */
  run(): SysResult | undefined {
    while (this.done < this.#length) {
      const room = this.#roomAt(this.#to.file);
      if (typeof room === "object") return this.#ended(room.errno);
      if (room === LATER) return this.#blocked(this.#to.file);
      const bytes = look(this.#from, Math.min(room, this.#length - this.done));
      if (bytes === LATER) return this.#blocked(this.#from.file);
      if ("errno" in bytes) return this.#ended(bytes.errno);
      if (bytes.length === 0) {
        this.#nothingFollows();
        break;
      }
      const count = this.#put(bytes, this.#moreFollows || this.#hasMoreAfter(bytes));
      if (count === LATER) return this.#blocked(this.#to.file);
      if (typeof count === "object") return this.#ended(count.errno);
      consume(this.#from, count);
      this.done += count;
    }
    return succeed(this.done);
  }

  /** A file may go on as long as not all was read; a pipe does if there is more in it. */
  #hasMoreAfter(bytes: Uint8Array): boolean {
    if (this.done + bytes.length === this.#length) return false;
    const { file } = this.#from;
    return !(file instanceof PipeEnd) || file.pipe.length > bytes.length;
  }

  /** The end came before all was read: what waited for more goes. Linux's splice_eof. */
  #nothingFollows(): void {
    const { file } = this.#to;
    if (this.#moreFollows || this.done === 0 || !(file instanceof TcpSocket)) return;
    if (file.connection !== undefined) pushWaiting(file.connection);
  }

  #ended(errno: Errno): SysResult {
    return this.done > 0 ? succeed(this.done) : fail(errno);
  }

  #blocked(file: File): undefined {
    this.blockedFile = file;
    return undefined;
  }

  #roomAt(file: File): Moved<number> {
    if (!(file instanceof PipeEnd)) return PAGE_SIZE;
    if (file.other.isReleased) return { errno: "EPIPE" };
    return file.pipe.isFull ? LATER : PAGE_SIZE;
  }

  #put(bytes: Uint8Array, more: boolean): Moved<number> {
    const { file, offset } = this.#to;
    if (file instanceof PipeEnd) {
      file.pipe.insert(bytes.slice());
      return bytes.length;
    }
    const memory = UserMemory.of(bytes, undefined);
    const outcome =
      file instanceof SocketFile
        ? file.send({ memory, address: undefined, control: [] }, MSG_DONTWAIT | (more ? MSG_MORE : 0))
        : writeAt(file, offset, memory);
    if (isPending(outcome)) return LATER;
    if (outcome.value >= 0) return outcome.value;
    return outcome.errno === "EAGAIN" ? LATER : { errno: outcome.errno ?? "EIO" };
  }
}

function writeAt(file: File, offset: IntReference | null, memory: UserMemory): SysOutcome {
  if (offset === null || !(file instanceof MemoryFile)) return file.write(memory);
  const { position } = file;
  file.position = offset.value;
  const outcome = file.write(memory);
  file.position = position;
  if (!isPending(outcome) && outcome.value > 0) offset.value += outcome.value;
  return outcome;
}

/** The next bytes of an end, left where they are as far as it can be; none is the end. */
function look({ file, offset }: SpliceEnd, most: number): Moved<Uint8Array> {
  if (file instanceof MemoryFile) {
    const at = offset?.value ?? file.position;
    return file.bytes.subarray(at, at + most);
  }
  if (file instanceof PipeEnd) {
    const front = file.pipe.front;
    if (front !== undefined) return front.subarray(0, most);
    return file.other.isReleased ? NOTHING : LATER;
  }
  if (file instanceof TcpSocket) return lookAtTcp(file, most);
  if (!(file instanceof SocketFile)) return { errno: "EINVAL" };
  const bytes = new Uint8Array(most);
  const outcome = file.receive(plainMessage(bytes), MSG_DONTWAIT);
  if (isPending(outcome)) return LATER;
  if (outcome.value >= 0) return bytes.subarray(0, outcome.value);
  return outcome.errno === "EAGAIN" ? LATER : { errno: outcome.errno ?? "EIO" };
}

const NOTHING = new Uint8Array(0);

/** Linux's tcp_splice_read: not beyond the urgent byte, in front of which it finds nothing. */
function lookAtTcp(socket: TcpSocket, most: number): Moved<Uint8Array> {
  socket.settle();
  const { connection, urgent } = socket;
  const readable = connection?.readable ?? 0;
  const count = Math.min(most, readable, urgent?.distance ?? readable);
  if (connection !== undefined && count > 0) {
    const bytes = new Uint8Array(count);
    connection.peek(bytes);
    return bytes;
  }
  if (readable > 0 || socket.isDone) return NOTHING;
  const error = socket.takeError();
  if (error !== undefined) return { errno: error };
  if ((socket.shut & RCV_SHUTDOWN) !== 0) return NOTHING;
  return socket.state === "CLOSED" || socket.state === "LISTEN" ? { errno: "ENOTCONN" } : LATER;
}

/** `count` bytes of what was looked at have been taken by the other end. */
function consume({ file, offset }: SpliceEnd, count: number): void {
  if (file instanceof PipeEnd) file.pipe.drop(count);
  else if (file instanceof TcpSocket) file.connection?.receive(new Uint8Array(count));
  else if (file instanceof MemoryFile) {
    if (offset === null) file.position += count;
    else offset.value += count;
  }
}
