/** Writing to a TCP socket: Linux's tcp_sendmsg. */
import { WRITE } from "../../tcp/write.ts";
import {
  MSG_EOR,
  MSG_FASTOPEN,
  MSG_MORE,
  MSG_OOB,
  MSG_ZEROCOPY,
  SEND_SHUTDOWN,
  SOL_SOCKET,
} from "./constants.ts";
import type { ControlMessage } from "./control-messages.ts";
import type { Errno } from "./errno.ts";
import { SO_TIMESTAMPING, SO_ZEROCOPY } from "./option-names.ts";
import type { OutgoingMessage } from "./socket-file.ts";
import { fail, type SysOutcome, type SysResult, succeed } from "./sys-result.ts";
import { isDeferred, sendWithFastOpen, type WriteToCome } from "./tcp-fast-open.ts";
import type { TcpSocket } from "./tcp-socket.ts";

const MOST_AT_ONCE = 1 << 20;

export function sendToTcp(socket: TcpSocket, message: OutgoingMessage, flags: number): SysOutcome {
  const write = new StreamWrite(socket, message, flags);
  if ((flags & MSG_FASTOPEN) !== 0 || isDeferred(socket))
    return sendWithFastOpen(socket, message, flags, write);
  const expired = (): SysResult => write.stopped("EAGAIN");
  return socket.sleep(() => write.attempt(), socket.sendTimeout, expired);
}

class StreamWrite implements WriteToCome {
  readonly #socket: TcpSocket;
  readonly #message: OutgoingMessage;
  readonly #flags: number;
  #done = 0;

  constructor(socket: TcpSocket, message: OutgoingMessage, flags: number) {
    this.#socket = socket;
    this.#message = message;
    this.#flags = flags;
  }

  begun(taken: number): void {
    this.#done = taken;
  }

  attempt(): SysResult | undefined {
    const socket = this.#socket;
    socket.settle();
    const { state } = socket;
    const isOpen = state === "ESTABLISHED" || state === "CLOSE-WAIT";
    if (!isOpen && socket.connection?.isFastOpenRequest !== true) {
      const isOpening = state === "SYN-SENT" || state === "SYN-RECEIVED";
      if (!isOpening || socket.pendingError !== undefined) return this.#broken();
      return this.#wait();
    }
    if (socket.pendingError !== undefined || (socket.shut & SEND_SHUTDOWN) !== 0) return this.#broken();
    return this.#push();
  }

  /** The call ends here: with what it has done, if anything. */
  stopped(errno: Errno): SysResult {
    return this.#done > 0 ? this.#finish() : fail(errno);
  }

  #push(): SysResult | undefined {
    const { connection } = this.#socket;
    const { memory } = this.#message;
    if (connection === undefined) return this.#broken();
    while (this.#done < memory.length) {
      const run = memory.run(this.#done, MOST_AT_ONCE);
      if (run === undefined) return this.stopped("EFAULT");
      const isLast = this.#done + run.length === memory.length;
      const taken = connection.send(run, 0, run.length, this.#flagsFor(isLast));
      this.#done += taken;
      if (taken < run.length) return this.#wait();
    }
    return this.#finish();
  }

  /** What the user's flags mean for a part of the message. */
  #flagsFor(isLast: boolean): number {
    const flags = this.#flags;
    let bits = 0;
    if ((flags & MSG_MORE) !== 0) bits |= WRITE.more;
    if (isLast && (flags & MSG_OOB) !== 0) bits |= WRITE.urgent;
    if (isLast && (flags & MSG_EOR) !== 0) bits |= WRITE.endsRecord;
    if (this.#isZerocopy) bits |= WRITE.fragment;
    return bits;
  }

  get #isZerocopy(): boolean {
    return (this.#flags & MSG_ZEROCOPY) !== 0 && this.#socket.options.isSet(SOL_SOCKET, SO_ZEROCOPY);
  }

  #wait(): SysResult | undefined {
    return this.#socket.mayWait(this.#flags) ? undefined : this.stopped("EAGAIN");
  }

  /** Linux's sk_stream_error: the pending error goes before EPIPE. */
  #broken(): SysResult {
    if (this.#done > 0) return this.#finish();
    return fail(this.#socket.takeError() ?? "EPIPE");
  }

  #finish(): SysResult {
    if (this.#done > 0) {
      const { notes } = this.#socket;
      notes.textSent(this.#done, stampsAskedFor(this.#message.control));
      if (this.#isZerocopy) notes.zerocopySent();
    }
    return succeed(this.#done);
  }
}

/** SO_TIMESTAMPING as a control message: for this call alone. */
function stampsAskedFor(control: readonly ControlMessage[]): number | undefined {
  const message = control.find(({ level, type }) => level === SOL_SOCKET && type === SO_TIMESTAMPING);
  if (message === undefined || message.data.length < 4) return undefined;
  return new DataView(message.data.buffer, message.data.byteOffset).getUint32(0, true);
}
