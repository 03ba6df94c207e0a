/**
 * Joins a socket of the kernel's and a connection of ours: what arrives at one leaves at the other, both
 * ways, with back-pressure, and with nothing between the two buffers. Each direction is closed for itself
 * when its source closes in order; a reset of either end resets the other.
 */
import type { Socket } from "node:net";
import { CONNECTION_EVENT } from "../tcp/connection-events.ts";
import type { TcpConnection } from "../tcp/tcp-connection.ts";

const LARGEST_PIECE = 65_536;
/**
 * What goes to a socket, on its way. Most of it is the kernel's when `write` returns; a socket that keeps it
 * keeps the piece, and others get a new one.
 */
let piece = Buffer.allocUnsafeSlow(LARGEST_PIECE);

export class KernelSplice {
  /** Resolves when both directions have ended, however they did. */
  readonly done: Promise<void>;
  readonly #socket: Socket;
  readonly #connection: TcpConnection;
  /** What the connection's send buffer had no room for, and how much of it has been taken. */
  #held: Uint8Array | undefined = undefined;
  #taken = 0;
  /** The connection gets nothing more, once it has what is held. */
  #isLastHeld = false;
  #isOpen = false;
  #isStopping = false;
  #socketHasEnded = false;
  #connectionHasEnded = false;
  #isDone = false;
  #settle: () => void = () => {};

  constructor(socket: Socket, connection: TcpConnection) {
    this.#socket = socket;
    this.#connection = connection;
    this.done = new Promise(resolve => {
      this.#settle = resolve;
    });
    socket.allowHalfOpen = true;
    // Whoever wrote it has decided already when it was to be sent.
    socket.setNoDelay(true);
    connection.setNoDelay(true);
    socket.on("end", () => this.#socketEnded());
    socket.on("error", () => this.reset());
    socket.on("close", () => this.#socketClosed());
    connection.observe({ connectionEvent: (_connection, events) => this.#happened(events) });
    if (socket.destroyed) this.reset();
    else if (connection.isOver) this.#connectionIsOver();
    else if (connection.state !== "SYN-SENT") this.#opened();
  }

  /**
   * Closes both ends in order, after what is already on its way; what arrives later is read and thrown away.
   * `done` still waits for both peers to close: set a limit to that, and `reset` after it.
   */
  stop(): void {
    this.#isStopping = true;
    this.#closeConnection();
    this.#socket.end();
  }

  reset(): void {
    if (this.#isDone) return;
    this.#connection.abort();
    this.#socket.resetAndDestroy();
    this.#isOver();
  }

  #isOver(): void {
    this.#isDone = true;
    this.#settle();
  }

  #happened(events: number): void {
    if (this.#isDone) return;
    const { connected, writable, closed } = CONNECTION_EVENT;
    if ((events & connected) !== 0) this.#opened();
    if ((events & writable) !== 0) this.#sendHeld();
    this.#writeOn();
    if ((events & closed) !== 0) this.#connectionIsOver();
  }

  /** The socket is not read before: a close would take back the open. */
  #opened(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#socket.on("data", (bytes: Uint8Array) => this.#take(bytes));
    this.#writeOn();
  }

  // --- from the socket to the connection

  #take(bytes: Uint8Array): void {
    const connection = this.#connection;
    if (this.#isStopping || connection.isOver) return;
    const taken = connection.send(bytes);
    if (taken === bytes.length) return;
    this.#held = bytes;
    this.#taken = taken;
    this.#socket.pause();
  }

  #sendHeld(): void {
    const held = this.#held;
    if (held === undefined || this.#connection.isOver) return;
    this.#taken += this.#connection.send(held, this.#taken);
    if (this.#taken < held.length) return;
    this.#held = undefined;
    this.#socket.resume();
    if (this.#isLastHeld) this.#connection.close();
  }

  #socketEnded(): void {
    this.#socketHasEnded = true;
    this.#closeConnection();
    this.#endIfBothHave();
  }

  #closeConnection(): void {
    if (this.#held === undefined) this.#connection.close();
    else this.#isLastHeld = true;
  }

  // --- from the connection to the socket

  readonly #writeOn = (): void => {
    const connection = this.#connection;
    const socket = this.#socket;
    while (connection.readable > 0 && socket.writableLength === 0) {
      const bytes = piece.subarray(0, Math.min(connection.readable, LARGEST_PIECE));
      connection.receive(bytes);
      if (!socket.writable) continue;
      socket.write(bytes, this.#writeOn);
      if (socket.writableLength > 0) piece = Buffer.allocUnsafeSlow(LARGEST_PIECE);
    }
    if (connection.isAtEnd) this.#connectionEnded();
  };

  #connectionEnded(): void {
    if (this.#connectionHasEnded) return;
    this.#connectionHasEnded = true;
    this.#socket.end(() => this.#endIfBothHave());
  }

  #endIfBothHave(): void {
    if (this.#socketHasEnded && this.#connectionHasEnded && this.#socket.writableFinished) this.#isOver();
  }

  // --- the ends that are no closing in order

  /** In order, which a reader may not have heard of; or by a reset, or as nobody answered any more. */
  #connectionIsOver(): void {
    if (this.#connection.error !== undefined) this.reset();
    else if (this.#connection.readable === 0) this.#connectionEnded();
  }

  #socketClosed(): void {
    if (!this.#socketHasEnded || !this.#socket.writableFinished) this.reset();
  }
}
