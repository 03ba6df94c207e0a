/**
 * A failed assertion is a bug of ours. Bad packets and failed operations have their own paths (drop-reason,
 * errors).
 */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}
