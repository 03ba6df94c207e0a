/**
 * Sequence numbers: arithmetic modulo 2³². RFC 9293 §3.4.
 *
 * A `Seq` is kept as a signed 32-bit integer (`| 0`), which V8 holds without a heap number. Order is that of
 * the signed difference, so it is meaningful between numbers less than 2³¹ apart; never compare two of them
 * by `<`.
 */
export type Seq = number & { readonly __unit: "seq" };

export function seq(value: number): Seq {
  return (value | 0) as Seq;
}

export function seqAdd(a: Seq, count: number): Seq {
  return ((a + count) | 0) as Seq;
}

/** The signed distance from `b` to `a`: positive when `a` comes after `b`. */
export function seqDiff(a: Seq, b: Seq): number {
  return (a - b) | 0;
}

export function seqBefore(a: Seq, b: Seq): boolean {
  return ((a - b) | 0) < 0;
}

export function seqAtOrBefore(a: Seq, b: Seq): boolean {
  return ((a - b) | 0) <= 0;
}

export function seqAfter(a: Seq, b: Seq): boolean {
  return ((a - b) | 0) > 0;
}

export function seqAtOrAfter(a: Seq, b: Seq): boolean {
  return ((a - b) | 0) >= 0;
}

/** `start ≤ a < start + length`, for a length below 2³¹. */
export function seqIn(a: Seq, start: Seq, length: number): boolean {
  const offset = (a - start) | 0;
  return offset >= 0 && offset < length;
}

export function seqMax(a: Seq, b: Seq): Seq {
  return seqAfter(a, b) ? a : b;
}

export function seqMin(a: Seq, b: Seq): Seq {
  return seqBefore(a, b) ? a : b;
}

/** As people and packet dumps write it: 0 … 4294967295. */
export function seqText(a: Seq): number {
  return a >>> 0;
}
