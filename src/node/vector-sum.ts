/**
 * The Internet checksum (RFC 1071) by the processor's vectors, eight 16-bit words at a time, for frames that
 * lie in memory which a WebAssembly module shares: a quarter of the time of the loop in base/checksum. The
 * module is one function, put together here.
 */
import { foldSum, sumWords } from "../base/checksum.ts";
import type { WordSummer } from "../base/packet-buffer.ts";

/** What is used of it: Node's types do not have it. */
declare const WebAssembly:
  | {
      readonly Memory: new (limits: { initial: number }) => { readonly buffer: ArrayBuffer };
      readonly Module: new (code: Uint8Array) => object;
      readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
    }
  | undefined;

const PAGE_SIZE = 65_536;
/** A vector, in bytes. */
const VECTOR = 16;

/** Bytes that are summed fast. */
export interface SummedMemory {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Undefined: this machine has no vectors, or no WebAssembly. By place in `bytes`. */
  readonly summer: WordSummer | undefined;
}

export function summedMemory(size: number): SummedMemory {
  try {
    return vectorMemory(size);
  } catch {
    return { bytes: new Uint8Array(size), summer: undefined };
  }
}

/** @throws whatever this machine lacks */
function vectorMemory(size: number): SummedMemory {
  if (WebAssembly === undefined) throw new Error("no WebAssembly");
  const memory = new WebAssembly.Memory({ initial: Math.ceil(size / PAGE_SIZE) });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(MODULE), { "": { "": memory } });
  const sumVectors = (instance.exports as Record<"", (from: number, to: number) => number>)[""];
  const bytes = new Uint8Array(memory.buffer);
  const sum = (from: number, to: number): number => {
    const vectors = (to - from) & -VECTOR;
    const rest = sumWords(bytes, from + vectors, to);
    if (vectors === 0) return rest;
    // Bytes in the machine's order: the sum of swapped words is the swapped sum (RFC 1071 §2 B).
    const swapped = foldSum(sumVectors(from, from + vectors) >>> 0);
    return rest + (((swapped & 0xff) << 8) | (swapped >>> 8));
  };
  return { bytes, summer: { sum } };
}

const I32 = 0x7f;
const V128 = 0x7b;
/** Locals: the two parameters, and four vectors. */
const AT = 0;
const END = 1;
const WORDS = 2;
const LOW = 3;
const HIGH = 4;
const MASK = 5;

const LOOP = [0x03, 0x40];
const REPEAT_IF = [0x0d, 0];
const CLOSE = 0x0b;
const I32_ADD = 0x6a;
const I32_LESS = 0x49;
const VECTOR_LOAD = [0xfd, 0, 0, 0];
const VECTOR_CONSTANT = [0xfd, 12];
const VECTOR_AND = [0xfd, 0x4e];
const VECTOR_SHIFT_RIGHT = [0xfd, 0xad, 1];
const VECTOR_ADD = [0xfd, 0xae, 1];
const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
const setAndKeep = (local: number): number[] => [0x22, local];
const constant = (value: number): number[] => [0x41, value];
const lane = (index: number): number[] => [0xfd, 0x1b, index];

/** Lanes of 32 bits: the even words are summed in one vector, the odd ones in another. */
const BODY: readonly number[] = [
  ...[1, 4, V128],
  ...[...VECTOR_CONSTANT, ...[0, 1, 2, 3].flatMap(() => [0xff, 0xff, 0, 0]), ...set(MASK)],
  ...LOOP,
  ...[...get(AT), ...VECTOR_LOAD, ...set(WORDS)],
  ...[...get(WORDS), ...get(MASK), ...VECTOR_AND, ...get(LOW), ...VECTOR_ADD, ...set(LOW)],
  ...[...get(WORDS), ...constant(16), ...VECTOR_SHIFT_RIGHT, ...get(HIGH), ...VECTOR_ADD, ...set(HIGH)],
  ...[...get(AT), ...constant(VECTOR), I32_ADD, ...setAndKeep(AT)],
  ...[...get(END), I32_LESS, ...REPEAT_IF, CLOSE],
  ...[...get(LOW), ...get(HIGH), ...VECTOR_ADD, ...set(LOW)],
  ...[...get(LOW), ...lane(0), ...get(LOW), ...lane(1), I32_ADD],
  ...[...get(LOW), ...lane(2), I32_ADD, ...get(LOW), ...lane(3), I32_ADD, CLOSE],
];

/** Everything in it is shorter than 128 bytes, so that each length is one byte. */
function section(id: number, ...content: number[]): number[] {
  return [id, content.length, ...content];
}

const TYPES = section(1, 1, 0x60, 2, I32, I32, 1, I32);
/** The memory, of one page or more; names are empty. */
const IMPORTS = section(2, 1, 0, 0, 2, 0, 1);
const FUNCTIONS = section(3, 1, 0);
const EXPORTS = section(7, 1, 0, 0, 0);
const CODE = section(10, 1, BODY.length, ...BODY);
const MODULE = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...TYPES,
  ...IMPORTS,
  ...FUNCTIONS,
  ...EXPORTS,
  ...CODE,
);
