/**
 * Random numbers are injected. `SeededRandom` is xoshiro128** (Blackman and Vigna, 2018): the same seed gives
 * the same numbers on every machine, for simulation and tests. A real host is given a cryptographic source by
 * `node/` or `web/`.
 */
export interface Random {
  /** A uniform integer in 0 … 2³²−1. */
  uint32(): number;
  fill(bytes: Uint8Array): void;
}

/**
 * A uniform integer in 0 … limit−1. The bias for limits far below 2³² is below 2⁻²⁰ for limits up to 4,096.
 */
export function below(random: Random, limit: number): number {
  return Math.floor((random.uint32() / 0x1_0000_0000) * limit);
}

/** True with the given probability (0 … 1). */
export function chance(random: Random, probability: number): boolean {
  return random.uint32() < probability * 0x1_0000_0000;
}

export class SeededRandom implements Random {
  readonly #state = new Uint32Array(4);

  constructor(seed: number) {
    // splitmix32 spreads a small seed over the whole state, which must not be all zero.
    let mix = seed | 0;
    for (let i = 0; i < 4; i++) {
      mix = (mix + 0x9e3779b9) | 0;
      let z = mix;
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      this.#state[i] = z ^ (z >>> 15);
    }
    if (this.#state.every(word => word === 0)) this.#state[0] = 1;
  }

  uint32(): number {
    const s = this.#state;
    const s0 = s[0] as number;
    const s1 = s[1] as number;
    const s2 = (s[2] as number) ^ s0;
    const s3 = (s[3] as number) ^ s1;
    s[0] = s0 ^ s3;
    s[1] = s1 ^ s2;
    s[2] = s2 ^ (s1 << 9);
    s[3] = rotateLeft(s3, 11);
    return Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0;
  }

  fill(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i += 4) {
      const word = this.uint32();
      const end = Math.min(4, bytes.length - i);
      for (let k = 0; k < end; k++) bytes[i + k] = word >>> (8 * k);
    }
  }

  /** An independent stream: for a part of a simulation whose draws must not disturb those of another. */
  fork(): SeededRandom {
    return new SeededRandom(this.uint32());
  }
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
