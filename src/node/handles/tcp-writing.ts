/**
 * Writing to a connection: libuv's uv_try_write and uv_write. What the send buffer has room for is written
 * at once, and the write is done; of the rest a queue is kept here, which goes on as soon as there is room
 * again. So a program's back-pressure is the connection's own.
 */
import { Fifo } from "../../base/fifo.ts";
import type { TcpConnection } from "../../tcp/tcp-connection.ts";
import { codeOf, uvCode } from "./error-codes.ts";

/** A write that is not done. */
export interface UnfinishedWrite {
  readonly chunks: readonly Uint8Array[];
  /** The chunk that is next, and how much of it has been taken. */
  next: number;
  taken: number;
  /** Called when it ends: with 0, or libuv's number. The caller of `write` sets it. */
  ended: ((status: number) => void) | undefined;
}

export class Writing {
  readonly #connection: TcpConnection;
  readonly #queue = new Fifo<UnfinishedWrite>();
  /** Bytes that the send buffer had no room for: `writeQueueSize`. */
  queued = 0;
  bytesWritten = 0;
  #drained: (() => void) | undefined = undefined;

  constructor(connection: TcpConnection) {
    this.#connection = connection;
  }

  /** Answers with 0 when it is done at once, with libuv's number when it has failed. */
  write(chunks: readonly Uint8Array[], size: number): number | UnfinishedWrite {
    const write: UnfinishedWrite = { chunks, next: 0, taken: 0, ended: undefined };
    this.bytesWritten += size;
    this.queued += size;
    if (this.#queue.length === 0) {
      try {
        if (this.#send(write)) return 0;
      } catch (error) {
        this.queued -= size;
        return codeOf(error);
      }
    }
    this.#queue.push(write);
    return write;
  }

  /** Calls back when everything has been taken. */
  whenDrained(call: () => void): void {
    if (this.#queue.length === 0) call();
    else this.#drained = call;
  }

  /** There is room, or the connection is over. */
  happened(): void {
    if (this.#connection.isOver) {
      this.abandon(uvCode(this.#connection.error ?? "EPIPE"));
      return;
    }
    for (let first = this.#queue.peek(); first !== undefined; first = this.#queue.peek()) {
      if (!this.#send(first)) return;
      this.#queue.shift();
      first.ended?.(0);
    }
    this.#tellDrained();
  }

  /** Nothing more is written: every write that waits ends with the number. */
  abandon(status: number): void {
    this.queued = 0;
    for (let first = this.#queue.shift(); first !== undefined; first = this.#queue.shift())
      first.ended?.(status);
    this.#tellDrained();
  }

  #tellDrained(): void {
    const call = this.#drained;
    this.#drained = undefined;
    call?.();
  }

  /** As much as there is room for. True: it is all. */
  #send(write: UnfinishedWrite): boolean {
    const { chunks } = write;
    for (let chunk = chunks[write.next]; chunk !== undefined; chunk = chunks[write.next]) {
      const count = this.#connection.send(chunk, write.taken);
      write.taken += count;
      this.queued -= count;
      if (write.taken < chunk.length) return false;
      write.next++;
      write.taken = 0;
    }
    return true;
  }
}
