/** Bytes as digits and letters, sixteen a row; and the way of a key from byte to byte. */

export const BYTES_A_ROW = 16;

export interface HexByte {
  readonly at: number;
  readonly digits: string;
  /** A point stands for what cannot be printed. */
  readonly letter: string;
}

export function hexRow(
  bytes: Uint8Array,
  row: number,
): { readonly offset: string; readonly all: readonly HexByte[] } {
  const start = row * BYTES_A_ROW;
  const all = Array.from(bytes.subarray(start, start + BYTES_A_ROW), (byte, index) => ({
    at: start + index,
    digits: byte.toString(16).padStart(2, "0"),
    letter: byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·",
  }));
  return { offset: start.toString(16).padStart(4, "0"), all };
}

/** Undefined: the key is none of these. */
export function byteByKey(key: string, at: number, count: number): number | undefined {
  const steps: Readonly<Record<string, number>> = {
    ArrowRight: 1,
    ArrowLeft: -1,
    ArrowDown: BYTES_A_ROW,
    ArrowUp: -BYTES_A_ROW,
    Home: -count,
    End: count,
  };
  const step = steps[key];
  return step === undefined || count === 0 ? undefined : Math.max(0, Math.min(count - 1, at + step));
}
