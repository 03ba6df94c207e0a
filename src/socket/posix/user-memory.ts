/**
 * The caller's memory: one buffer, or the vectors of readv and writev, as one row of bytes. A vector without
 * bytes is a null pointer: what touches it faults (EFAULT).
 */

/** struct iovec. */
export interface IoVector {
  readonly bytes: Uint8Array | null;
  /** How much of it counts; the buffer's length if not said. */
  readonly length?: number | undefined;
}

/** Linux's UIO_MAXIOV. */
export const MOST_VECTORS = 1024;

export class UserMemory {
  readonly length: number;
  readonly #vectors: readonly IoVector[];

  constructor(vectors: readonly IoVector[]) {
    this.#vectors = vectors;
    this.length = vectors.reduce((sum, vector) => sum + sizeOf(vector), 0);
  }

  static of(bytes: Uint8Array | null, length: number | undefined): UserMemory {
    return new UserMemory([{ bytes, length }]);
  }

  /** The bytes from `at` on that lie together, at most `most`; undefined is a fault, none is the end. */
  run(at: number, most: number): Uint8Array | undefined {
    let start = 0;
    for (const vector of this.#vectors) {
      const size = sizeOf(vector);
      if (at < start + size) {
        if (vector.bytes === null) return undefined;
        const from = at - start;
        return vector.bytes.subarray(from, Math.min(size, from + most));
      }
      start += size;
    }
    return NOTHING;
  }

  /** Copies `source` to `at` and on; answers how much until the end or a fault. */
  put(at: number, source: Uint8Array): number {
    let done = 0;
    while (done < source.length) {
      const run = this.run(at + done, source.length - done);
      if (run === undefined || run.length === 0) break;
      run.set(source.subarray(done, done + run.length));
      done += run.length;
    }
    return done;
  }

  /** All of it in one piece; undefined is a fault. The caller must not keep it. */
  gather(): Uint8Array | undefined {
    const first = this.run(0, this.length);
    if (first === undefined || first.length === this.length) return first;
    const whole = new Uint8Array(this.length);
    for (let at = 0; at < this.length; ) {
      const run = this.run(at, this.length);
      if (run === undefined) return undefined;
      whole.set(run, at);
      at += run.length;
    }
    return whole;
  }
}

const NOTHING = new Uint8Array(0);

function sizeOf(vector: IoVector): number {
  const length = vector.length ?? vector.bytes?.length ?? 0;
  return vector.bytes === null ? length : Math.min(length, vector.bytes.length);
}
