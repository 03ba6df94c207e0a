/**
 * The two ends of a socketpair: Linux's net/unix/af_unix.c, for streams, datagrams and sequences of packets.
 * What one end sends is queued at the other, and counts against the sender's buffer until it is read.
 */
import type { GivenAddress } from "./addresses.ts";
import {
  AF_UNIX,
  FIONREAD,
  MSG_ERRQUEUE,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  MSG_WAITALL,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLRDHUP,
  POLLRDNORM,
  POLLWRBAND,
  POLLWRNORM,
  RCV_SHUTDOWN,
  SEND_SHUTDOWN,
  SHUTDOWN_MASK,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
  TIOCOUTQ,
  WAKE_ALL,
  WAKE_READABLE,
  WAKE_WRITABLE,
} from "./constants.ts";
import type { Errno } from "./errno.ts";
import type { IntReference } from "./file.ts";
import { SO_RCVLOWAT } from "./option-names.ts";
import type { PosixContext } from "./posix-context.ts";
import { type IncomingMessage, type OutgoingMessage, SocketFile, type TakeSocket } from "./socket-file.ts";
import { sendBuffer } from "./socket-level-options.ts";
import { fail, OK, type SysOutcome, type SysResult, succeed } from "./sys-result.ts";

const DEFAULT_BUFFER = 212_992;
/** What a message costs beside its bytes: Linux's truesize of the smallest. */
const MESSAGE_COST = 768;

interface Queued {
  readonly bytes: Uint8Array;
  /** How much of it has been read. */
  at: number;
  readonly cost: number;
}

export class UnixSocket extends SocketFile {
  #peer: UnixSocket | undefined = undefined;
  readonly #queue: Queued[] = [];
  /** What the other end has not read yet. */
  #inFlight = 0;

  static pair(context: PosixContext, type: number): [UnixSocket, UnixSocket] {
    const a = new UnixSocket(context, AF_UNIX, type, 0);
    const b = new UnixSocket(context, AF_UNIX, type, 0);
    a.#peer = b;
    b.#peer = a;
    return [a, b];
  }

  get #isStream(): boolean {
    return this.type === SOCK_STREAM;
  }

  get #isDatagram(): boolean {
    return this.type === SOCK_DGRAM;
  }

  get #mayWrite(): boolean {
    return this.#inFlight * 4 <= sendBuffer(this);
  }

  override poll(): number {
    const { shutdownMask: shut } = this;
    let mask = 0;
    if (this.pendingError !== undefined) mask |= POLLERR;
    if (shut === SHUTDOWN_MASK) mask |= POLLHUP;
    if ((shut & RCV_SHUTDOWN) !== 0) mask |= POLLIN | POLLRDNORM | POLLRDHUP;
    if (this.#queue.length > 0) mask |= POLLIN | POLLRDNORM;
    if (this.#mayWrite) mask |= POLLOUT | POLLWRNORM | POLLWRBAND;
    return mask;
  }

  override send(message: OutgoingMessage, flags: number): SysOutcome {
    if ((flags & MSG_OOB) !== 0) return fail("EOPNOTSUPP");
    if (message.address !== undefined && message.address.bytes.length > 0)
      return fail(this.#isDatagram ? "ECONNREFUSED" : "EISCONN");
    const bytes = message.memory.gather();
    let done = 0;
    const stopped = (errno: Errno): SysResult => (done > 0 ? succeed(done) : fail(errno));
    const attempt = (): SysResult | undefined => {
      const error = this.#sendError();
      if (error !== undefined) return stopped(error);
      if (bytes === undefined) return fail("EFAULT");
      if (!this.#isStream && bytes.length + MESSAGE_COST > sendBuffer(this)) return fail("EMSGSIZE");
      do {
        if (bytes.length === 0 && this.#isStream) return OK;
        if (this.#inFlight >= sendBuffer(this)) return this.mayWait(flags) ? undefined : stopped("EAGAIN");
        done += this.#give(bytes.subarray(done));
      } while (done < bytes.length);
      return succeed(done);
    };
    return this.sleep(attempt, this.sendTimeout, () => stopped("EAGAIN"));
  }

  override receive(message: IncomingMessage, flags: number): SysOutcome {
    if ((flags & MSG_ERRQUEUE) !== 0) return fail("EAGAIN");
    if ((flags & MSG_OOB) !== 0) return fail(this.#isStream ? "EINVAL" : "EOPNOTSUPP");
    let done = 0;
    const attempt = (): SysResult | undefined => {
      if (!this.#isStream && this.#queue.length > 0) return this.#takeMessage(message, flags);
      if (this.#isStream) {
        if ((flags & MSG_PEEK) !== 0) done = 0;
        const count = this.#takeStream(message, flags, done);
        if (count === undefined) return done > 0 ? succeed(done) : fail("EFAULT");
        done += count;
        if (done >= this.#target(message, flags)) return succeed(done);
      }
      if (done > 0 && (!this.mayWait(flags) || (this.shutdownMask & RCV_SHUTDOWN) !== 0))
        return succeed(done);
      if (done > 0) return undefined;
      const error = this.takeError();
      if (error !== undefined) return fail(error);
      if ((this.shutdownMask & RCV_SHUTDOWN) !== 0 && !this.#isDatagram) return OK;
      if (!this.mayWait(flags)) return fail("EAGAIN");
      return (this.shutdownMask & RCV_SHUTDOWN) !== 0 ? OK : undefined;
    };
    return this.sleep(attempt, this.receiveTimeout, () => (done > 0 ? succeed(done) : fail("EAGAIN")));
  }

  override shutdown(how: number): SysResult {
    if (how < 0 || how > 2) return fail("EINVAL");
    const mask = how + 1;
    this.shutdownMask |= mask;
    this.waiters.wake(WAKE_ALL);
    const peer = this.#peer;
    if (peer === undefined || this.#isDatagram) return OK;
    if ((mask & RCV_SHUTDOWN) !== 0) peer.shutdownMask |= SEND_SHUTDOWN;
    if ((mask & SEND_SHUTDOWN) !== 0) peer.shutdownMask |= RCV_SHUTDOWN;
    peer.waiters.wake(WAKE_ALL);
    return OK;
  }

  /**
   * What the other end had not yet read from us still reaches it; what we had not read is an error for it.
   */
  protected override release(): SysResult {
    const peer = this.#peer;
    if (peer === undefined) return OK;
    const hadUnread = this.#queue.length > 0;
    for (const { cost } of this.#queue.splice(0)) peer.#inFlight -= cost;
    if (!this.#isDatagram) {
      peer.shutdownMask = SHUTDOWN_MASK;
      if (hadUnread) peer.pendingError = "ECONNRESET";
    }
    peer.waiters.wake(WAKE_ALL);
    return OK;
  }

  override ioctl(request: number, argument: IntReference | null): SysResult {
    if (request !== FIONREAD && request !== TIOCOUTQ) return fail("ENOTTY");
    if (argument === null) return fail("EFAULT");
    argument.value = request === FIONREAD ? this.queuedToReceive : this.#inFlight;
    return OK;
  }

  override bind(_given: GivenAddress): SysResult {
    return fail("EINVAL");
  }

  override connect(_given: GivenAddress): SysResult {
    return fail(this.#isDatagram ? "ECONNREFUSED" : "EINVAL");
  }

  override listen(_backlog: number): SysResult {
    return fail(this.#isDatagram ? "EOPNOTSUPP" : "EINVAL");
  }

  override accept(_take: TakeSocket): SysResult {
    return fail(this.#isDatagram ? "EOPNOTSUPP" : "EINVAL");
  }

  override localAddress(): Uint8Array {
    return Uint8Array.of(AF_UNIX, 0);
  }

  override peerAddress(): Uint8Array | Errno {
    return this.#peer === undefined ? "ENOTCONN" : Uint8Array.of(AF_UNIX, 0);
  }

  override optionSet(): void {}

  override get defaultSendBuffer(): number {
    return DEFAULT_BUFFER;
  }

  override get defaultReceiveBuffer(): number {
    return DEFAULT_BUFFER;
  }

  override get queuedToSend(): number {
    return this.#inFlight;
  }

  /** Of a stream all of it, else the first message. */
  override get queuedToReceive(): number {
    const first = this.#queue[0];
    if (!this.#isStream) return first === undefined ? 0 : first.bytes.length;
    return this.#queue.reduce((sum, { bytes, at }) => sum + bytes.length - at, 0);
  }

  #sendError(): Errno | undefined {
    const peer = this.#peer;
    if ((this.shutdownMask & SEND_SHUTDOWN) !== 0) return "EPIPE";
    if (this.pendingError !== undefined) return this.takeError();
    if (peer === undefined) return this.#isDatagram ? "ENOTCONN" : "EPIPE";
    if (peer.isReleased) {
      this.#peer = undefined;
      return this.#isDatagram ? "ECONNREFUSED" : "EPIPE";
    }
    return this.#isDatagram && (peer.shutdownMask & RCV_SHUTDOWN) !== 0 ? "EPIPE" : undefined;
  }

  /** Queues a message at the other end; of a stream at most half a buffer. */
  #give(bytes: Uint8Array): number {
    const most = this.#isStream ? (sendBuffer(this) >> 1) - 64 : bytes.length;
    const piece = bytes.slice(0, most);
    const cost = piece.length + MESSAGE_COST;
    this.#inFlight += cost;
    const peer = this.#peer;
    if (peer !== undefined) {
      peer.#queue.push({ bytes: piece, at: 0, cost });
      peer.waiters.wake(WAKE_READABLE);
    }
    return piece.length;
  }

  #target({ memory }: IncomingMessage, flags: number): number {
    const lowWater = this.options.get(SOL_SOCKET, SO_RCVLOWAT) ?? 1;
    return Math.max(1, (flags & MSG_WAITALL) !== 0 ? memory.length : Math.min(lowWater, memory.length));
  }

  /** Undefined is a fault. */
  #takeStream({ memory }: IncomingMessage, flags: number, from: number): number | undefined {
    const isPeek = (flags & MSG_PEEK) !== 0;
    let done = 0;
    for (const piece of [...this.#queue]) {
      const bytes = piece.bytes.subarray(piece.at, piece.at + memory.length - from - done);
      if (bytes.length === 0) break;
      const count = memory.put(from + done, bytes);
      if (count < bytes.length && done === 0) return undefined;
      done += count;
      if (isPeek) continue;
      piece.at += count;
      if (piece.at === piece.bytes.length) this.#drop();
    }
    return done;
  }

  #takeMessage(message: IncomingMessage, flags: number): SysResult {
    const first = this.#queue[0] as Queued;
    const wanted = first.bytes.subarray(0, message.memory.length);
    if ((flags & MSG_PEEK) === 0) this.#drop();
    if (message.memory.put(0, wanted) < wanted.length) return fail("EFAULT");
    if (wanted.length < first.bytes.length) message.flags |= MSG_TRUNC;
    return succeed((flags & MSG_TRUNC) !== 0 ? first.bytes.length : wanted.length);
  }

  #drop(): void {
    const piece = this.#queue.shift();
    const peer = this.#peer;
    if (piece === undefined || peer === undefined) return;
    peer.#inFlight -= piece.cost;
    if (peer.#mayWrite) peer.waiters.wake(WAKE_WRITABLE);
  }
}
