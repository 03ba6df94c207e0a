/**
 * MD5: RFC 1321. For RFC 2385's signatures of TCP segments, and nothing else: it has been broken as a hash
 * for a long time.
 */
const SHIFTS = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21] as const;
/** §3.4: the integer parts of 2³²·|sin(i)|. */
const SINES = Int32Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32) | 0);
const BLOCK = 64;

export class Md5 {
  readonly #state = new Int32Array(4);
  readonly #block = new Uint8Array(BLOCK);
  readonly #words = new Int32Array(16);
  #length = 0;

  constructor() {
    this.begin();
  }

  begin(): void {
    this.#state.set([0x6745_2301, 0xefcd_ab89 | 0, 0x98ba_dcfe | 0, 0x1032_5476]);
    this.#length = 0;
  }

  add(bytes: Uint8Array, start = 0, end = bytes.length): void {
    let used = this.#length % BLOCK;
    this.#length += end - start;
    for (let at = start; at < end; ) {
      const count = Math.min(BLOCK - used, end - at);
      for (let i = 0; i < count; i++) this.#block[used + i] = bytes[at + i] as number;
      at += count;
      used += count;
      if (used === BLOCK) {
        this.#digestBlock();
        used = 0;
      }
    }
  }

  /** Writes the 16 bytes of the digest. */
  finish(target: Uint8Array, at: number): void {
    const bits = this.#length * 8;
    const padding = new Uint8Array(padded(this.#length));
    padding[0] = 0x80;
    for (let i = 0; i < 8; i++) padding[padding.length - 8 + i] = Math.floor(bits / 2 ** (8 * i)) & 0xff;
    this.add(padding);
    for (let i = 0; i < 16; i++) target[at + i] = (this.#state[i >> 2] as number) >>> (8 * (i & 3));
  }

  #digestBlock(): void {
    const words = this.#words;
    const block = this.#block;
    for (let i = 0; i < 16; i++) {
      const byte = (k: number): number => (block[4 * i + k] as number) << (8 * k);
      words[i] = byte(0) | byte(1) | byte(2) | byte(3);
    }
    const state = this.#state;
    let a = state[0] as number;
    let b = state[1] as number;
    let c = state[2] as number;
    let d = state[3] as number;
    for (let i = 0; i < 64; i++) {
      const round = i >> 4;
      const mix = mixOf(round, b, c, d);
      const word = words[indexOf(round, i)] as number;
      const sum = (a + mix + (SINES[i] as number) + word) | 0;
      const shift = SHIFTS[4 * round + (i & 3)] as number;
      a = d;
      d = c;
      c = b;
      b = (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0;
    }
    state[0] = (state[0] as number) + a;
    state[1] = (state[1] as number) + b;
    state[2] = (state[2] as number) + c;
    state[3] = (state[3] as number) + d;
  }
}

/** §3.1, §3.2: one bit, zeros, and the length in 8 bytes fill up the last block. */
function padded(length: number): number {
  const rest = (length + 9) % BLOCK;
  return 9 + (rest === 0 ? 0 : BLOCK - rest);
}

function mixOf(round: number, b: number, c: number, d: number): number {
  if (round === 0) return (b & c) | (~b & d);
  if (round === 1) return (b & d) | (c & ~d);
  return round === 2 ? b ^ c ^ d : c ^ (b | ~d);
}

function indexOf(round: number, i: number): number {
  if (round === 0) return i;
  if (round === 1) return (5 * i + 1) & 15;
  return (round === 2 ? 3 * i + 5 : 7 * i) & 15;
}
