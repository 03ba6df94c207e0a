/**
 * A user of a connection that gives its memory by reference, and writes to it again once the peer has
 * acknowledged what lay there. Some of its writes are copied all the same, so that both lie side by side.
 */
import { createHash } from "node:crypto";
import { SeededRandom } from "../../src/base/random.ts";
import { type ConnectionObserver, type TcpConnection, WRITE } from "../../src/tcp/tcp.ts";

const LARGEST_WRITE = 200_000;

export class ReferringSender implements ConnectionObserver {
  /** Used round and round: what the send queue holds lies before `#at`. */
  readonly #memory = new Uint8Array(1 << 20);
  #at = 0;
  #left: number;
  readonly #random: SeededRandom;
  readonly #hash = createHash("sha256");

  constructor(bytes: number, seed: number) {
    this.#left = bytes;
    this.#random = new SeededRandom(seed);
  }

  /** Of all that was sent; to be asked once. */
  sha256(): string {
    return this.#hash.digest("hex");
  }

  connectionEvent(connection: TcpConnection): void {
    if (connection.isOver) return;
    while (this.#left > 0) if (!this.#writes(connection)) return;
    connection.close();
  }

  #writes(connection: TcpConnection): boolean {
    const memory = this.#memory;
    const free = Math.min(memory.length - connection.sendQueue, memory.length - this.#at, this.#left);
    const size = Math.min(free, 1 + (this.#random.uint32() % LARGEST_WRITE));
    if (size === 0) return false;
    this.#random.fill(memory.subarray(this.#at, this.#at + size));
    const isCopied = this.#random.uint32() % 3 === 0;
    const taken = connection.send(memory, this.#at, this.#at + size, isCopied ? 0 : WRITE.byReference);
    this.#hash.update(memory.subarray(this.#at, this.#at + taken));
    this.#at = (this.#at + taken) % memory.length;
    this.#left -= taken;
    return taken === size;
  }
}
