/**
 * The two streams of a socket: they are there before the connection is, and go on to it once it is open. The
 * connection may be taken away again (`startTls`): the streams end then, and nothing that was on its way is
 * lost.
 */
import { socketError } from "./socket-error.ts";
import type { ByteStream } from "./tls-provider.ts";

type Reader = ReadableStreamDefaultReader<Uint8Array>;
type ReadResult = Awaited<ReturnType<Reader["read"]>>;

export interface StreamEvents {
  /** The peer will send no more, and all that it has sent was read. */
  ended(): void;
  failed(reason: unknown): void;
}

export class SocketStreams {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  readonly #carrier: Promise<ByteStream>;
  readonly #events: StreamEvents;
  #readableController: ReadableStreamDefaultController<Uint8Array> | undefined = undefined;
  #writableController: WritableStreamDefaultController | undefined = undefined;
  #reader: Reader | undefined = undefined;
  #writer: WritableStreamDefaultWriter<Uint8Array> | undefined = undefined;
  /**
   * A read that has been asked of the carrier. Whoever has the carrier when it is answered gets the answer.
   */
  #reading: Promise<ReadResult> | undefined = undefined;
  #isReadingOver = false;
  #isWritingOver = false;

  constructor(carrier: Promise<ByteStream>, events: StreamEvents) {
    this.#carrier = carrier;
    this.#events = events;
    this.readable = new ReadableStream<Uint8Array>(
      {
        start: controller => {
          this.#readableController = controller;
        },
        pull: () => this.#pull(),
        cancel: reason => this.#cancel(reason),
      },
      { highWaterMark: 0 },
    );
    this.writable = new WritableStream<Uint8Array>(
      {
        start: controller => {
          this.#writableController = controller;
        },
        write: chunk => this.#told(writer => writer.write(bytesOf(chunk))),
        close: () => this.#told(writer => writer.close()),
        abort: async reason => {
          this.#isWritingOver = true;
          await (await this.#writing()).abort(reason);
        },
      },
      { highWaterMark: 1 },
    );
  }

  /** Both streams end. With a reason, whoever still writes is told. */
  end(reason: unknown): void {
    this.#endReading();
    this.#endWriting(reason);
  }

  /** Both streams fail. */
  fail(reason: unknown): void {
    if (!this.#isReadingOver) this.#readableController?.error(reason);
    this.#isReadingOver = true;
    this.#endWriting(reason);
  }

  /** Ends both streams and gives the connection away, with what was on its way to the reader. */
  detach(reason: unknown): ByteStream {
    this.end(reason);
    let reading = this.#reading;
    const readable = new ReadableStream<Uint8Array>(
      {
        pull: async controller => {
          const next = reading ?? (await this.#source()).read();
          reading = undefined;
          const { done, value } = await next;
          if (done) controller.close();
          else controller.enqueue(value);
        },
        cancel: async cause => (await this.#source()).cancel(cause),
      },
      { highWaterMark: 0 },
    );
    const writable = new WritableStream<Uint8Array>({
      write: async chunk => (await this.#writing()).write(chunk),
      close: async () => (await this.#writing()).close(),
      abort: async cause => (await this.#writing()).abort(cause),
    });
    const carrier = this.#carrier;
    const closed = carrier.then(stream => stream.closed);
    closed.catch(() => {});
    return {
      readable,
      writable,
      closed,
      close: async () => (await carrier).close(),
      abort: cause => void carrier.then(stream => stream.abort(cause)).catch(() => {}),
    };
  }

  async #pull(): Promise<void> {
    try {
      this.#reading = (await this.#source()).read();
      const { done, value } = await this.#reading;
      if (this.#isReadingOver) return;
      this.#reading = undefined;
      if (!done) {
        this.#readableController?.enqueue(value);
        return;
      }
      this.#endReading();
      this.#events.ended();
    } catch (cause) {
      if (this.#isReadingOver) return;
      this.#isReadingOver = true;
      const error = socketError(cause);
      this.#readableController?.error(error);
      this.#events.failed(error);
    }
  }

  /** Failures of the connection are a socket's. */
  async #told(act: (writer: WritableStreamDefaultWriter<Uint8Array>) => Promise<void>): Promise<void> {
    try {
      await act(await this.#writing());
    } catch (cause) {
      throw cause instanceof NotBytes ? cause : socketError(cause);
    }
  }

  async #cancel(reason: unknown): Promise<void> {
    this.#isReadingOver = true;
    await (await this.#source()).cancel(reason);
  }

  async #source(): Promise<Reader> {
    const { readable } = await this.#carrier;
    this.#reader ??= readable.getReader();
    return this.#reader;
  }

  async #writing(): Promise<WritableStreamDefaultWriter<Uint8Array>> {
    const { writable } = await this.#carrier;
    this.#writer ??= this.#newWriter(writable);
    return this.#writer;
  }

  #newWriter(writable: WritableStream<Uint8Array>): WritableStreamDefaultWriter<Uint8Array> {
    const writer = writable.getWriter();
    // Each write tells its own failure.
    writer.closed.catch(() => {});
    writer.ready.catch(() => {});
    return writer;
  }

  #endReading(): void {
    if (this.#isReadingOver) return;
    this.#isReadingOver = true;
    this.#readableController?.close();
  }

  #endWriting(reason: unknown): void {
    if (this.#isWritingOver) return;
    this.#isWritingOver = true;
    this.#writableController?.error(reason);
  }
}

class NotBytes extends TypeError {}

/** A BufferSource's bytes. */
function bytesOf(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk);
  if (!ArrayBuffer.isView(chunk)) throw new NotBytes("a socket takes chunks of bytes");
  return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}
