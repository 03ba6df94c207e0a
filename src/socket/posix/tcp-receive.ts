/** Reading from a TCP socket: Linux's tcp_recvmsg. */

import { seqAdd } from "../../base/seq.ts";
import type { Instant } from "../../base/time.ts";
import {
  MSG_ERRQUEUE,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  MSG_WAITALL,
  RCV_SHUTDOWN,
  SOL_SOCKET,
  SOL_TCP,
} from "./constants.ts";
import type { Errno } from "./errno.ts";
import { SO_OOBINLINE, TCP_CM_INQ, TCP_INQ } from "./option-names.ts";
import type { IncomingMessage } from "./socket-file.ts";
import { fail, OK, type SysOutcome, type SysResult, succeed } from "./sys-result.ts";
import { lowWater } from "./tcp-readiness.ts";
import type { TcpSocket } from "./tcp-socket.ts";
import { putTimestamps } from "./timestamp-messages.ts";
import type { UserMemory } from "./user-memory.ts";

const MOST_AT_ONCE = 1 << 16;

export function receiveFromTcp(socket: TcpSocket, message: IncomingMessage, flags: number): SysOutcome {
  if ((flags & MSG_ERRQUEUE) !== 0) return socket.receiveError(message);
  if (socket.state === "LISTEN") return fail("ENOTCONN");
  if ((flags & MSG_OOB) !== 0) return receiveUrgent(socket, message, flags);
  const read = new StreamRead(socket, message, flags);
  const expired = (): SysResult => read.stopped("EAGAIN");
  return socket.sleep(() => read.attempt(), socket.receiveTimeout, expired);
}

class StreamRead {
  readonly #socket: TcpSocket;
  readonly #message: IncomingMessage;
  readonly #flags: number;
  /** Read, or looked at, so far. */
  #done = 0;
  /** Where peeking goes on, counted from the first unread byte; it passes over the urgent one. */
  #peekAt = 0;
  /** When the last byte of it came, if that is kept. */
  #arrivedAt: Instant | undefined = undefined;

  constructor(socket: TcpSocket, message: IncomingMessage, flags: number) {
    this.#socket = socket;
    this.#message = message;
    this.#flags = flags;
  }

  attempt(): SysResult | undefined {
    const socket = this.#socket;
    const { memory } = this.#message;
    socket.settle();
    if (this.#isPeek) {
      this.#done = 0;
      this.#peekAt = Math.max(0, socket.peekOffset);
    }
    const error = this.#copy(memory);
    if (error !== undefined) return this.stopped(error);
    if (this.#done >= this.#target || (memory.length === 0 && socket.queuedToReceive > 0))
      return this.#finish();
    if (this.#done > 0 && (this.#isAtMark || this.#isEnd || !socket.mayWait(this.#flags)))
      return this.#finish();
    if (this.#done > 0) return undefined;
    if (socket.isDone) return OK;
    if (socket.pendingError !== undefined) return fail(socket.takeError() ?? "EAGAIN");
    if ((socket.shut & RCV_SHUTDOWN) !== 0) return OK;
    if (socket.state === "CLOSED") return fail("ENOTCONN");
    return socket.mayWait(this.#flags) ? undefined : fail("EAGAIN");
  }

  stopped(errno: Errno): SysResult {
    return this.#done > 0 ? this.#finish() : fail(errno);
  }

  get #isPeek(): boolean {
    return (this.#flags & MSG_PEEK) !== 0;
  }

  /** How much the call waits for: SO_RCVLOWAT's worth, or with MSG_WAITALL all of it. */
  get #target(): number {
    const { length } = this.#message.memory;
    const target = (this.#flags & MSG_WAITALL) !== 0 ? length : Math.min(lowWater(this.#socket), length);
    return target === 0 ? 1 : target;
  }

  /** Nothing more will come. */
  get #isEnd(): boolean {
    const { pendingError, state, shut } = this.#socket;
    return pendingError !== undefined || state === "CLOSED" || (shut & RCV_SHUTDOWN) !== 0;
  }

  /** A call that has read something stops in front of the urgent byte. */
  get #isAtMark(): boolean {
    return this.#socket.urgent?.distance === this.#peekAt;
  }

  #copy(memory: UserMemory): Errno | undefined {
    while (this.#done < memory.length) {
      const most = this.#reach();
      if (most === 0) return undefined;
      const count = this.#take(memory, Math.min(most, memory.length - this.#done));
      if (count === undefined) return "EFAULT";
      this.#done += count;
    }
    return undefined;
  }

  /** How many bytes lie together: up to the urgent one; from there on, that one is passed over first. */
  #reach(): number {
    const socket = this.#socket;
    const { connection, urgent } = socket;
    if (connection === undefined || urgent === undefined) return 0;
    const left = connection.readable - this.#peekAt;
    const distance = urgent.distance === undefined ? -1 : urgent.distance - this.#peekAt;
    if (left <= 0 || distance < 0 || distance >= left) return Math.max(0, left);
    if (distance > 0) return distance;
    if (this.#done > 0) return 0;
    if (socket.options.isSet(SOL_SOCKET, SO_OOBINLINE)) return left;
    if (this.#isPeek) this.#peekAt++;
    else {
      connection.receive(new Uint8Array(1));
      urgent.passed();
    }
    return left - 1;
  }

  /** Undefined is a fault. */
  #take(memory: UserMemory, most: number): number | undefined {
    const { connection, urgent } = this.#socket;
    if (connection === undefined) return 0;
    const isDiscarded = (this.#flags & MSG_TRUNC) !== 0;
    const run = isDiscarded
      ? new Uint8Array(Math.min(most, MOST_AT_ONCE))
      : memory.run(this.#done, Math.min(most, MOST_AT_ONCE));
    if (run === undefined) return undefined;
    if (this.#isPeek) {
      const count = connection.peek(run, this.#peekAt);
      this.#peekAt += count;
      this.#arrivedAt =
        connection.arrivals?.before(seqAdd(connection.copied, this.#peekAt)) ?? this.#arrivedAt;
      return count;
    }
    const end = seqAdd(connection.copied, Math.min(run.length, connection.readable));
    this.#arrivedAt = connection.arrivals?.before(end) ?? this.#arrivedAt;
    const count = connection.receive(run);
    urgent?.passed();
    return count;
  }

  /** SO_PEEK_OFF: peeking goes on where it left off, and reading moves it back. */
  #movePeekOffset(): void {
    const socket = this.#socket;
    if (socket.peekOffset < 0) return;
    if (this.#isPeek) socket.peekOffset += this.#done;
    else socket.peekOffset = Math.max(0, socket.peekOffset - this.#done);
  }

  #finish(): SysResult {
    const { control } = this.#message;
    this.#movePeekOffset();
    if (control !== undefined && this.#arrivedAt !== undefined)
      putTimestamps(control, this.#socket.timestampWishes, this.#arrivedAt);
    if (control !== undefined && this.#socket.options.isSet(SOL_TCP, TCP_INQ))
      control.putInt(SOL_TCP, TCP_CM_INQ, inQueueHint(this.#socket));
    return succeed(this.#done);
  }
}

/** Linux's tcp_inq_hint: a FIN counts as one byte, so that the reader comes back for it. */
function inQueueHint({ connection }: TcpSocket): number {
  return (connection?.readable ?? 0) + (connection?.receiveClosed === true ? 1 : 0);
}

/** MSG_OOB: Linux's tcp_recv_urg. */
function receiveUrgent(socket: TcpSocket, message: IncomingMessage, flags: number): SysResult {
  const { connection, urgent, options } = socket;
  socket.settle();
  if (connection === undefined || urgent?.isExpected !== true || options.isSet(SOL_SOCKET, SO_OOBINLINE))
    return fail("EINVAL");
  const isAway = (socket.shut & RCV_SHUTDOWN) !== 0 || socket.state === "CLOSED";
  if (socket.state === "CLOSED" && !socket.isDone) return fail("ENOTCONN");
  if (!urgent.isReadable) return isAway ? OK : fail("EAGAIN");
  const byte = new Uint8Array(1);
  connection.peek(byte, urgent.distance ?? 0);
  message.flags |= MSG_OOB;
  if ((flags & MSG_PEEK) === 0) urgent.read();
  if (message.memory.length === 0) {
    message.flags |= MSG_TRUNC;
    return OK;
  }
  if ((flags & MSG_TRUNC) !== 0) return succeed(1);
  return message.memory.put(0, byte) === 1 ? succeed(1) : fail("EFAULT");
}
