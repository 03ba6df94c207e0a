/**
 * A handle's connection: reading, writing and the ways to end, and the requests that wait for them. What the
 * stack tells comes in here and becomes turns of the event loop. libuv's uv_stream_t, once it is connected.
 */
import { CONNECTION_EVENT } from "../../tcp/connection-events.ts";
import type { TcpConnection } from "../../tcp/tcp-connection.ts";
import { uvCode } from "./error-codes.ts";
import type { HandleContext } from "./handle-context.ts";
import type { PendingRequest } from "./requests.ts";
import { type Reader, Reading } from "./tcp-reading.ts";
import { Writing } from "./tcp-writing.ts";

/** Whose connection it is. */
export interface FlowUser extends Reader {
  /** The handshake is over: 0, or libuv's number. */
  opened(status: number): void;
}

export class Flow {
  readonly connection: TcpConnection;
  readonly reading: Reading;
  readonly writing: Writing;
  readonly #context: HandleContext;
  readonly #user: FlowUser;
  readonly #writes = new Set<PendingRequest>();
  #shutdown: PendingRequest | undefined = undefined;
  #isShut = false;
  #isOpening: boolean;

  constructor(context: HandleContext, connection: TcpConnection, user: FlowUser) {
    this.connection = connection;
    this.#context = context;
    this.#user = user;
    this.#isOpening = connection.state === "SYN-SENT";
    this.reading = new Reading(connection, context.turns, user);
    this.writing = new Writing(connection);
    connection.observe({ connectionEvent: (_connection, events) => this.#happened(events) });
  }

  /** A shutdown has been asked for, and is not answered. */
  get isShutting(): boolean {
    return this.#shutdown !== undefined;
  }

  /**
   * Writes as far as there is room. Answers 0, libuv's number, or that it waits: then `request` makes the
   * request.
   */
  write(chunks: readonly Uint8Array[], size: number, request: () => PendingRequest): number | PendingRequest {
    const write = this.writing.write(chunks, size);
    if (typeof write === "number") return write;
    const pending = request();
    this.#writes.add(pending);
    write.ended = status => this.#context.turns.happened(() => this.#writeEnded(pending, status));
    return pending;
  }

  /** Nothing more to send, once everything is written. Answers 0 or libuv's number. */
  shutDown(request: () => PendingRequest): number {
    if (this.#isShut || this.connection.isOver) return uvCode("ENOTCONN");
    this.#isShut = true;
    const pending = request();
    this.#shutdown = pending;
    this.writing.whenDrained(() => this.#context.turns.later(() => this.#sendFin()));
    return 0;
  }

  /** The program closes the handle: the peer gets what was written, and then FIN. */
  close(): void {
    this.#leave();
    if (this.connection.readable > 0) this.#sendFirst();
    this.connection.release();
  }

  /** The peer gets RST. */
  reset(): void {
    this.#leave();
    this.#sendFirst();
    this.connection.abort();
  }

  /** What waited when the handle was closed is answered in the closing phase. */
  cancel(): void {
    const status = uvCode("ECANCELED");
    for (const pending of [...this.#writes]) this.#writeEnded(pending, status);
    this.#shutdown?.complete(status);
    this.#shutdown = undefined;
  }

  /** libuv shuts down in the turn in which it tells so: the peer does not hear of it first. */
  #sendFin(): void {
    const pending = this.#shutdown;
    this.#shutdown = undefined;
    const status = this.connection.isOver ? uvCode("ENOTCONN") : 0;
    this.connection.close();
    pending?.complete(status);
  }

  /** A RST drops what has not been sent; what a program has just written counts as sent to it. */
  #sendFirst(): void {
    if (this.connection.unsent > 0) this.#context.host.tcp.pump();
  }

  #leave(): void {
    this.reading.stop();
    this.connection.observer = undefined;
  }

  #writeEnded(pending: PendingRequest, status: number): void {
    this.#writes.delete(pending);
    pending.complete(status);
  }

  /**
   * On a loopback the peer's program hears of the connection first, as with the kernel's: its descriptor was
   * ready before ours was waited for. So the news go to the end of the queue once more.
   */
  #openedAfterPeer(status: number): void {
    const { turns } = this.#context;
    turns.happened(() => turns.happened(() => this.#user.opened(status)));
  }

  /** The stack's news. A connection that was refused has nothing to read. */
  #happened(events: number): void {
    const { connected, closed, writable } = CONNECTION_EVENT;
    if (this.#isOpening && (events & (connected | closed)) !== 0) {
      this.#isOpening = false;
      const status = (events & connected) !== 0 ? 0 : uvCode(this.connection.error ?? "ECONNABORTED");
      this.#openedAfterPeer(status);
    }
    this.reading.happened();
    if ((events & (writable | closed)) !== 0) this.writing.happened();
  }
}
