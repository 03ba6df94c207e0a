/**
 * What a filter means, before it becomes instructions: conditions over arithmetic over the packet's bytes.
 */
import { ALU } from "./instruction.ts";
import { calculate } from "./machine.ts";

export type LoadSize = 1 | 2 | 4;

/**
 * Where an offset counts from: the packet's first byte, or the end of the IPv4 header that begins at
 * `offset`.
 */
export type Arithmetic =
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "length" }
  /** What a condition before it has kept. */
  | { readonly kind: "kept"; readonly word: number }
  | {
      readonly kind: "load";
      readonly size: LoadSize;
      readonly offset: number;
      /** The IPv4 header whose length is added, by its offset. */
      readonly behind: number | undefined;
      readonly index: Arithmetic;
    }
  | {
      readonly kind: "operation";
      readonly operation: number;
      readonly left: Arithmetic;
      readonly right: Arithmetic;
    }
  | { readonly kind: "negation"; readonly operand: Arithmetic };

export type Comparison = "=" | "!=" | ">" | ">=" | "<" | "<=" | "has";

export type Condition =
  | { readonly kind: "always"; readonly value: boolean }
  | { readonly kind: "not"; readonly operand: Condition }
  | { readonly kind: "both" | "either"; readonly left: Condition; readonly right: Condition }
  /** Holds always; what follows may use the value: where a tunnel's packet begins is found once. */
  | { readonly kind: "keep"; readonly word: number; readonly value: Arithmetic }
  | {
      readonly kind: "compare";
      readonly comparison: Comparison;
      readonly left: Arithmetic;
      readonly right: Arithmetic;
    };

/** Words of the machine's memory for what conditions keep; arithmetic has those before. */
export const FIRST_KEPT = 8;

export const ALWAYS: Condition = { kind: "always", value: true };
export const NEVER_TRUE: Condition = { kind: "always", value: false };

export function constant(value: number): Arithmetic {
  return { kind: "constant", value: value >>> 0 };
}

export const ZERO = constant(0);

export function load(offset: number, size: LoadSize, behind?: number, index: Arithmetic = ZERO): Arithmetic {
  if (index.kind === "constant") {
    return { kind: "load", size, offset: (offset + index.value) >>> 0, behind, index: ZERO };
  }
  return { kind: "load", size, offset, behind, index };
}

/** Undefined: a division by a constant 0. */
export function operate(operation: number, left: Arithmetic, right: Arithmetic): Arithmetic | undefined {
  if (right.kind === "constant") {
    if (right.value === 0 && (operation === ALU.div || operation === ALU.mod)) return undefined;
    const isShift = operation === ALU.lsh || operation === ALU.rsh;
    if (isShift && right.value > 31) return ZERO;
    if (left.kind === "constant") return constant(calculate(operation, left.value, right.value));
  }
  return { kind: "operation", operation, left, right };
}

export function add(left: Arithmetic, right: Arithmetic): Arithmetic {
  if (left.kind === "constant" && right.kind === "constant") return constant(left.value + right.value);
  return left === ZERO ? right : { kind: "operation", operation: ALU.add, left, right };
}

export function negate(operand: Arithmetic): Arithmetic {
  return operand.kind === "constant" ? constant(-operand.value) : { kind: "negation", operand };
}

export function compare(left: Arithmetic, comparison: Comparison, right: Arithmetic): Condition {
  return { kind: "compare", comparison, left, right };
}

export function equals(left: Arithmetic, value: number): Condition {
  return compare(left, "=", constant(value));
}

/** `left & mask = value`. */
export function maskedEquals(left: Arithmetic, mask: number, value: number): Condition {
  if (mask >>> 0 === 0xffff_ffff) return equals(left, value);
  return equals({ kind: "operation", operation: ALU.and, left, right: constant(mask) }, value);
}

export function keep(word: number, value: Arithmetic): Condition {
  return { kind: "keep", word, value };
}

export function not(operand: Condition): Condition {
  if (operand.kind === "always") return operand.value ? NEVER_TRUE : ALWAYS;
  return operand.kind === "not" ? operand.operand : { kind: "not", operand };
}

export function both(...conditions: readonly Condition[]): Condition {
  let all: Condition = ALWAYS;
  for (const right of conditions) {
    if (right.kind === "always") {
      if (!right.value) return NEVER_TRUE;
    } else if (all.kind === "always") all = right;
    else all = { kind: "both", left: all, right };
  }
  return all;
}

export function either(...conditions: readonly Condition[]): Condition {
  let any: Condition = NEVER_TRUE;
  for (const right of conditions) {
    if (right.kind === "always") {
      if (right.value) return ALWAYS;
    } else if (any.kind === "always") any = right;
    else any = { kind: "either", left: any, right };
  }
  return any;
}
