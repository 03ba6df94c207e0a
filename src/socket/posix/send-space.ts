/**
 * How much a write may take: Linux's tcp_sendmsg. Text is gathered in units of up to half the peer's window
 * (Linux's skb with its size goal). A unit that has begun is filled whatever the limits say; a new one begins
 * only as long as what is queued is below SO_SNDBUF, and what is not sent below TCP_NOTSENT_LOWAT. That is
 * why a write may take more than the buffer's size, and why a socket is writable only when a third of it is
 * free.
 */
/** TCP_MSS_DEFAULT: smaller windows are not halved. */
const SMALL_WINDOW = 536;
/** GSO_LEGACY_MAX_SIZE with room for headers. */
const LARGEST_UNIT = 65_215;
export const NO_LOW_WATER = 0xffff_ffff;

/** What it looks at in a connection. */
export interface SendingConnection {
  readonly sendBuffer: { limit: number; readonly length: number };
  readonly tcb: {
    readonly snd: { readonly mss: number; readonly wnd: number; readonly maxWnd: number };
    readonly outstanding: number;
  };
  readonly congestion: { readonly cwnd: number };
  readonly inFlight: number;
  /** Taken, but not sent yet. */
  readonly unsent: number;
  send(bytes: Uint8Array, from: number, to: number, urgent: boolean): number;
}

export class SendSpace {
  readonly #connection: SendingConnection;
  /** TCP_NOTSENT_LOWAT. */
  lowWater = NO_LOW_WATER;
  /** Bytes in the last unit. */
  #tail = 0;

  constructor(connection: SendingConnection) {
    this.#connection = connection;
  }

  /** Takes `bytes`, or as much as there is room for; answers how much. */
  append(bytes: Uint8Array, urgent: boolean): number {
    const c = this.#connection;
    let taken = 0;
    while (taken < bytes.length) {
      const room = this.#unitRoom();
      if (room === 0) break;
      const count = Math.min(room, bytes.length - taken);
      const isLast = taken + count === bytes.length;
      // The buffer's own limit is the stream sockets'; a unit that has begun may go beyond it.
      const { limit } = c.sendBuffer;
      c.sendBuffer.limit = c.sendBuffer.length + count;
      c.send(bytes, taken, taken + count, urgent && isLast);
      c.sendBuffer.limit = limit;
      this.#tail += count;
      taken += count;
    }
    return taken;
  }

  /** What a record's end means for the unit: it is closed. */
  endUnit(): void {
    this.#tail = 0;
  }

  /** Whether a write that finds no room would be worth a try: Linux's sk_stream_is_writeable. */
  get isWritable(): boolean {
    const { sendBuffer } = this.#connection;
    const free = sendBuffer.limit - sendBuffer.length;
    return free > 0 && free >= sendBuffer.length >> 1 && 2 * this.#unsent < this.lowWater;
  }

  /** What the next write may add to the unit, or to a new one; 0: it has to wait. */
  #unitRoom(): number {
    const goal = this.#sizeGoal;
    this.#tail = Math.min(this.#tail, this.#unsent);
    if (this.#tail > 0 && this.#tail < goal) return goal - this.#tail;
    const { sendBuffer } = this.#connection;
    if (sendBuffer.length >= sendBuffer.limit || this.#unsent >= this.lowWater) return 0;
    this.#tail = 0;
    return goal;
  }

  /**
   * What stays behind when the next pump has sent what it may: it comes after the write, Linux sends within.
   */
  get #unsent(): number {
    const c = this.#connection;
    const window = c.tcb.snd.wnd - c.tcb.outstanding;
    const mayGo = Math.max(0, Math.min(c.congestion.cwnd - c.inFlight, window));
    return Math.max(0, c.unsent - mayGo);
  }

  get #sizeGoal(): number {
    const { mss, maxWnd } = this.#connection.tcb.snd;
    const bound = maxWnd > SMALL_WINDOW ? maxWnd >> 1 : maxWnd;
    const most = bound === 0 ? LARGEST_UNIT : Math.min(LARGEST_UNIT, bound);
    return Math.max(mss, Math.floor(most / mss) * mss);
  }
}
