/**
 * Chance of a seed: Math.random and the random numbers of node:crypto and of Web Crypto, so that nonces,
 * masks and identifiers are the same in every run. Nothing of it is secret.
 */
import crypto from "node:crypto";
import type { Random } from "../../base/random.ts";
import type { Replacements } from "./replacements.ts";

type Fill = (bytes: Uint8Array) => void;
type Filled<T> = (error: Error | null, bytes: T) => void;

export function replaceChance(replacements: Replacements, random: Random): void {
  const fill: Fill = bytes => random.fill(bytes);
  const fraction = (): number => random.uint32() / 2 ** 32;
  replacements.replace(Math, "random", () => fraction);
  // Their many overloads are told apart here, as Node does.
  const module = crypto as unknown as Record<string, (...args: never[]) => unknown>;
  replacements.exchange(
    module,
    "randomFillSync",
    () =>
      (view: ArrayBufferView, offset = 0, size?: number) => {
        fill(part(view, offset, size));
        return view;
      },
  );
  replacements.exchange(module, "randomFill", () => (view: ArrayBufferView, ...rest: unknown[]) => {
    const [offset, size] = rest.filter(value => typeof value === "number");
    fill(part(view, offset, size));
    later(rest.at(-1) as Filled<ArrayBufferView>, view);
  });
  replacements.exchange(module, "randomBytes", () => (size: number, done?: Filled<Buffer>) => {
    const bytes = Buffer.alloc(size);
    fill(bytes);
    return done === undefined ? bytes : later(done, bytes);
  });
  replacements.replace(
    module,
    "randomInt",
    () =>
      (...args: unknown[]) =>
        randomInt(random, args),
  );
  replacements.exchange(module, "randomUUID", () => () => uuid(fill));
  const web = globalThis.crypto as unknown as Record<string, (...args: never[]) => unknown>;
  replacements.exchange(web, "getRandomValues", () => (view: ArrayBufferView) => {
    fill(part(view));
    return view;
  });
  replacements.exchange(web, "randomUUID", () => () => uuid(fill));
}

function part(view: ArrayBufferView, offset = 0, size?: number): Uint8Array {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  return bytes.subarray(offset, size === undefined ? undefined : offset + size);
}

function later<T>(done: Filled<T>, value: T): void {
  process.nextTick(done, null, value);
}

/** Of the arguments `[min], max, [callback]`. */
function randomInt(random: Random, args: unknown[]): number | undefined {
  const done = typeof args.at(-1) === "function" ? (args.at(-1) as Filled<number>) : undefined;
  const numbers = args.filter(value => typeof value === "number");
  const [min, max] = numbers.length === 1 ? [0, numbers[0] ?? 0] : [numbers[0] ?? 0, numbers[1] ?? 0];
  const drawn = (random.uint32() * 2 ** 20 + (random.uint32() >>> 12)) / 2 ** 52;
  const value = min + Math.floor(drawn * (max - min));
  if (done === undefined) return value;
  later(done, value);
  return undefined;
}

/** RFC 9562 §5.4: version 4. */
function uuid(fill: Fill): string {
  const bytes = Buffer.alloc(16);
  fill(bytes);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
