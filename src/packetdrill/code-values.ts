/** Values of code blocks, and what Python's operators make of them. */
export type CodeValue = number | string | boolean | readonly CodeValue[];

/** Why a block failed; `offset` is where in the block. */
export class CodeError extends Error {
  override readonly name = "CodeError";
  readonly offset: number;

  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

export function binary(operator: string, left: CodeValue, right: CodeValue, offset: number): CodeValue {
  if (operator === "%" && typeof left === "string") return format(left, right, offset);
  if (operator === "+" && typeof left === "string" && typeof right === "string") return left + right;
  const a = numberOf(left, offset);
  const b = numberOf(right, offset);
  switch (operator) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
    case "//":
    case "%":
      return divide(operator, a, b, offset);
    default:
      return bitwise(operator, a, b);
  }
}

/** Python's remainder has the sign of the divisor. */
function divide(operator: string, a: number, b: number, offset: number): number {
  if (b === 0) throw new CodeError(offset, "division by zero");
  if (operator === "/") return a / b;
  return operator === "//" ? Math.floor(a / b) : a - b * Math.floor(a / b);
}

/** Counters have 64 bits. */
function bitwise(operator: string, left: number, right: number): number {
  const a = BigInt(Math.trunc(left));
  const b = BigInt(Math.trunc(right));
  switch (operator) {
    case "&":
      return Number(a & b);
    case "|":
      return Number(a | b);
    case "^":
      return Number(a ^ b);
    case "<<":
      return Number(a << b);
    default:
      return Number(a >> b);
  }
}

export function compare(operator: string, left: CodeValue, right: CodeValue, offset: number): boolean {
  if (operator === "==" || operator === "!=") return sameValue(left, right) === (operator === "==");
  const both = typeof left === "string" && typeof right === "string";
  const a = both ? left : numberOf(left, offset);
  const b = both ? right : numberOf(right, offset);
  switch (operator) {
    case "<":
      return a < b;
    case "<=":
      return a <= b;
    case ">":
      return a > b;
    default:
      return a >= b;
  }
}

function sameValue(left: CodeValue, right: CodeValue): boolean {
  if (typeof left === "object" || typeof right === "object") return textOf(left) === textOf(right);
  if (typeof left === "string" || typeof right === "string") return left === right;
  return Number(left) === Number(right);
}

export function numberOf(value: CodeValue, offset: number): number {
  if (typeof value === "string" || typeof value === "object")
    throw new CodeError(offset, "a number is wanted");
  return Number(value);
}

export function isTrue(value: CodeValue): boolean {
  return typeof value === "object" ? value.length > 0 : Boolean(value);
}

export function textOf(value: CodeValue): string {
  if (typeof value === "object") return `(${value.map(textOf).join(", ")})`;
  if (typeof value === "boolean") return value ? "True" : "False";
  return String(value);
}

export function stringOf(token: string): string {
  return token.slice(1, -1).replace(/\\(.)/g, (_, letter: string) => (letter === "n" ? "\n" : letter));
}

function format(pattern: string, value: CodeValue, offset: number): string {
  const values = typeof value === "object" ? [...value] : [value];
  return pattern.replace(/%(%|[-+ 0#]*\d*(?:\.\d+)?[dsxfi])/g, (_, directive: string) => {
    if (directive === "%") return "%";
    const next = values.shift();
    if (next === undefined) throw new CodeError(offset, "not enough values for the format");
    return directive.endsWith("x") ? numberOf(next, offset).toString(16) : textOf(next);
  });
}
