/**
 * What a TCP socket's error queue is told about its own sending: completions of MSG_ZEROCOPY, which come at
 * once, as the bytes are copied anyway; and timestamps (SO_TIMESTAMPING), as soon as TCP notes when a byte
 * was sent and acknowledged.
 */
import { type Seq, seqAdd, seqDiff } from "../../base/seq.ts";
import { requestStamp } from "../../tcp/connection-options.ts";
import { STAMP, type Stamp } from "../../tcp/send/transmission-stamps.ts";
import {
  SCM_TSTAMP_ACK,
  SCM_TSTAMP_SCHED,
  SCM_TSTAMP_SND,
  SO_EE_ORIGIN_TIMESTAMPING,
  SOF_TIMESTAMPING_OPT_ID,
  SOF_TIMESTAMPING_OPT_ID_TCP,
  SOF_TIMESTAMPING_OPT_TSONLY,
  SOF_TIMESTAMPING_TX_ACK,
  SOF_TIMESTAMPING_TX_SCHED,
  SOF_TIMESTAMPING_TX_SOFTWARE,
  SOL_SOCKET,
  WAKE_ERROR,
} from "./constants.ts";
import type { Errno } from "./errno.ts";
import { SO_TIMESTAMPING } from "./option-names.ts";
import type { TcpSocket } from "./tcp-socket.ts";

/** What each kind of stamp is told as. */
const INFO: Readonly<Record<number, number>> = {
  [STAMP.scheduled]: SCM_TSTAMP_SCHED,
  [STAMP.sent]: SCM_TSTAMP_SND,
  [STAMP.acknowledged]: SCM_TSTAMP_ACK,
};

function kindsOf(flags: number): number {
  return (
    ((flags & SOF_TIMESTAMPING_TX_SCHED) !== 0 ? STAMP.scheduled : 0) |
    ((flags & SOF_TIMESTAMPING_TX_SOFTWARE) !== 0 ? STAMP.sent : 0) |
    ((flags & SOF_TIMESTAMPING_TX_ACK) !== 0 ? STAMP.acknowledged : 0)
  );
}

const ANY_STAMP = SOF_TIMESTAMPING_TX_SCHED | SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_TX_ACK;

export class TransmissionNotes {
  readonly #socket: TcpSocket;
  #zerocopyCalls = 0;
  /** Stamps are numbered by bytes from here (SOF_TIMESTAMPING_OPT_ID). */
  #base: Seq | undefined = undefined;

  constructor(socket: TcpSocket) {
    this.#socket = socket;
  }

  /** Of a connected socket alone: its bytes are counted. */
  beginIds(flags: number): Errno | undefined {
    const { connection, state } = this.#socket;
    if (connection === undefined || state === "CLOSED" || state === "LISTEN") return "EINVAL";
    const fromEnd = (flags & SOF_TIMESTAMPING_OPT_ID_TCP) !== 0;
    this.#base = fromEnd ? connection.sendBuffer.end : connection.tcb.snd.una;
    return undefined;
  }

  /** A call with MSG_ZEROCOPY has sent something. */
  zerocopySent(): void {
    this.#socket.errors.zerocopyDone(this.#zerocopyCalls++);
    this.#socket.waiters.wake(WAKE_ERROR);
  }

  /** A call has put text into the send buffer: its last byte is what stamps are about. */
  textSent(length: number, flags = this.#socket.options.get(SOL_SOCKET, SO_TIMESTAMPING) ?? 0): void {
    const { connection } = this.#socket;
    if (connection === undefined || length === 0 || (flags & ANY_STAMP) === 0) return;
    const { end } = connection.sendBuffer;
    const base = (flags & SOF_TIMESTAMPING_OPT_ID) !== 0 ? this.#base : undefined;
    const id = base === undefined ? 0 : seqDiff(seqAdd(end, -1), base) >>> 0;
    const isBare = (flags & SOF_TIMESTAMPING_OPT_TSONLY) !== 0;
    requestStamp(connection, { kinds: kindsOf(flags), id, length: isBare ? 0 : length });
  }

  /** The connection has stamps for us. */
  stamped(): void {
    const stamps = this.#socket.connection?.stamps?.take() ?? [];
    for (const stamp of stamps) this.#tell(stamp);
    if (stamps.length > 0) this.#socket.waiters.wake(WAKE_ERROR);
  }

  #tell({ kinds, id, length, at }: Stamp): void {
    this.#socket.errors.push({
      errno: "ENOMSG",
      origin: SO_EE_ORIGIN_TIMESTAMPING,
      type: 0,
      code: 0,
      info: INFO[kinds] ?? 0,
      data: id,
      payload: new Uint8Array(length),
      destination: undefined,
      offender: undefined,
      timestamp: at,
    });
  }
}
