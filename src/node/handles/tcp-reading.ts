/**
 * Reading from a connection: libuv's uv_read_start and uv_read_stop. A turn hands on what has come, in one
 * piece of at most 64 KiB, and asks for another turn if that was not all. What is not asked for stays in the
 * receive buffer, and so closes the peer's window.
 */
import type { TcpConnection } from "../../tcp/tcp-connection.ts";
import { uvCode } from "./error-codes.ts";
import type { Turns } from "./turns.ts";

const LARGEST_PIECE = 65_536;
/**
 * Before 1.52, libuv looked at a connection that had been reset no further once it had read less than it
 * could: to the program it had ended in order.
 */
const RESET_IS_AN_END = Number(process.versions.uv?.split(".")[1]) < 52;
/** What is read is copied on before anything else can be read. */
const piece = new Uint8Array(LARGEST_PIECE);

/** Who reads. */
export interface Reader {
  read(bytes: Uint8Array): void;
  ended(): void;
  failed(code: number): void;
}

export class Reading {
  /** Turned on, and there may be more to come. */
  isActive = false;
  /** A reader with a buffer of its own takes no more than that at once. */
  largestPiece = LARGEST_PIECE;
  bytesRead = 0;
  readonly #connection: TcpConnection;
  readonly #turns: Turns;
  readonly #reader: Reader;
  #turnIsDue = false;
  #hasFailed = false;
  #isCutShort = false;

  constructor(connection: TcpConnection, turns: Turns, reader: Reader) {
    this.#connection = connection;
    this.#turns = turns;
    this.#reader = reader;
  }

  /** Answers 0 or libuv's number. */
  start(): number {
    if (this.#hasFailed) return uvCode("ENOTCONN");
    this.isActive = true;
    if (this.#hasNews && !this.#turnIsDue) {
      this.#turnIsDue = true;
      this.#turns.later(this.#turn);
    }
    return 0;
  }

  stop(): void {
    this.isActive = false;
  }

  /** There may be something to read: text, the peer's FIN, or the connection's end. */
  happened(): void {
    if (!this.isActive || this.#turnIsDue || !this.#hasNews) return;
    this.#turnIsDue = true;
    this.#turns.arrived(this.#turn);
  }

  get #hasNews(): boolean {
    const { readable, receiveClosed, isOver } = this.#connection;
    return readable > 0 || receiveClosed || isOver;
  }

  readonly #turn = (): void => {
    this.#turnIsDue = false;
    if (!this.isActive) return;
    const connection = this.#connection;
    const room = Math.min(this.largestPiece, LARGEST_PIECE);
    const count = Math.min(connection.readable, room);
    if (count === 0) {
      this.#finish();
      return;
    }
    if (RESET_IS_AN_END && connection.isOver && count < room) this.#isCutShort = true;
    const bytes = piece.subarray(0, count);
    this.bytesRead += connection.receive(bytes);
    // Before the reader is called, which may throw. It may also stop: then the turn does nothing.
    this.happened();
    this.#reader.read(bytes);
  };

  #finish(): void {
    const { isAtEnd, isOver, error } = this.#connection;
    if (!isAtEnd && !isOver) return;
    this.isActive = false;
    if (isAtEnd || error === undefined || this.#isCutShort) {
      this.#reader.ended();
    } else {
      this.#hasFailed = true;
      this.#reader.failed(uvCode(error));
    }
  }
}
