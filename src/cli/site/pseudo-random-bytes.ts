/** N bytes that look random and are the same for the same N: AES-128 in counter mode, its key made from N. */
import { type Cipher, createCipheriv, createHash } from "node:crypto";
import { Readable } from "node:stream";

const CHUNK = 65_536;
const ZEROS = Buffer.alloc(CHUNK);

export class PseudoRandomBytes extends Readable {
  readonly #cipher: Cipher;
  #left: number;

  constructor(count: number) {
    super({ highWaterMark: 2 * CHUNK });
    const seed = createHash("sha256").update(`postel ${count}`).digest();
    this.#cipher = createCipheriv("aes-128-ctr", seed.subarray(0, 16), seed.subarray(16, 32));
    this.#left = count;
  }

  override _read(): void {
    if (this.#left === 0) {
      this.push(null);
      return;
    }
    const length = Math.min(CHUNK, this.#left);
    this.#left -= length;
    this.push(this.#cipher.update(length === CHUNK ? ZEROS : ZEROS.subarray(0, length)));
  }
}
