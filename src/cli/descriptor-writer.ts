/**
 * Writes to a descriptor (standard output) from the thread pool. Node's own `process.stdout` blocks the event
 * loop on pipes, and the stack's timers with it, when whoever reads is slow.
 */
import { write } from "node:fs";

const LARGEST_WRITE = 256 * 1_024;
/** The descriptor is shared with a program that made it non-blocking. */
const RETRY_AFTER_MS = 5;

export class DescriptorWriter {
  readonly #descriptor: number;
  #waiting: Buffer[] = [];
  #bytes = 0;
  #isWriting = false;
  #error: NodeJS.ErrnoException | undefined;
  #onIdle: Array<() => void> = [];
  /** Nobody reads any more (EPIPE), the disk is full, … Called once. What is written later is thrown away. */
  onError: ((error: NodeJS.ErrnoException) => void) | undefined;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** Bytes that are not written yet. */
  get waiting(): number {
    return this.#bytes;
  }

  get error(): NodeJS.ErrnoException | undefined {
    return this.#error;
  }

  /** Takes the bytes as they are: do not change them. */
  write(content: Uint8Array | string): void {
    if (this.#error !== undefined) return;
    const bytes = typeof content === "string" ? Buffer.from(content) : asBuffer(content);
    if (bytes.length === 0) return;
    this.#waiting.push(bytes);
    this.#bytes += bytes.length;
    if (!this.#isWriting) this.#next();
  }

  /** Writes, and resolves when all was written. @throws what the system reported. */
  async writeAll(content: Uint8Array | string): Promise<void> {
    this.write(content);
    await this.idle();
    if (this.#error !== undefined) throw this.#error;
  }

  /** Resolves when nothing waits. */
  idle(): Promise<void> {
    if (!this.#isWriting) return Promise.resolve();
    return new Promise(resolve => this.#onIdle.push(resolve));
  }

  #next(): void {
    const first = this.#waiting[0];
    if (first === undefined) {
      this.#isWriting = false;
      for (const resolve of this.#onIdle.splice(0)) resolve();
      return;
    }
    this.#isWriting = true;
    if (first.length < LARGEST_WRITE && this.#waiting.length > 1) this.#mergeSmall();
    this.#writeFirst();
  }

  #writeFirst(): void {
    const first = this.#waiting[0] as Buffer;
    write(this.#descriptor, first, 0, first.length, null, (error, written) => {
      if (error?.code === "EAGAIN") {
        setTimeout(() => this.#writeFirst(), RETRY_AFTER_MS);
        return;
      }
      if (error) {
        this.#failed(error);
        return;
      }
      this.#bytes -= written;
      if (written === first.length) this.#waiting.shift();
      else this.#waiting[0] = first.subarray(written);
      this.#next();
    });
  }

  /** Many lines become one write. */
  #mergeSmall(): void {
    let count = 0;
    let size = 0;
    for (const { length } of this.#waiting) {
      if (size + length > LARGEST_WRITE && count > 0) break;
      size += length;
      count++;
    }
    this.#waiting.splice(0, count, Buffer.concat(this.#waiting.slice(0, count)));
  }

  #failed(error: NodeJS.ErrnoException): void {
    this.#error = error;
    this.#waiting = [];
    this.#bytes = 0;
    this.#next();
    this.onError?.(error);
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
