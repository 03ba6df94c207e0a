/**
 * Code blocks, `%{ … }%`: the part of Python that scripts use. Statements: assert, print, assignments. Expressions: numbers,
 * strings, names, arithmetic, comparisons (also chained), and, or, not, and `%` on strings. No control flow.
 *
 * The real tool runs all blocks after the script; here each runs at its time. Names live on from block to block.
 */
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

interface CodeToken {
  readonly kind: "number" | "string" | "name" | "operator" | "newline" | "end";
  readonly text: string;
  readonly offset: number;
}

const CODE_TOKEN =
  /(?<skip>[ \t\r\f]+|#[^\n]*|\\\r?\n)|(?<newline>\n|;)|(?<number>0[xX][0-9a-fA-F]+|\d+(?:\.\d+)?)|(?<name>[A-Za-z_]\w*)|(?<string>'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")|(?<operator>\*\*|\/\/=?|<<|>>|[-+*/%&|^=!<>]=|[-+*/%&|^<>=(),~])/y;

function tokenize(text: string): CodeToken[] {
  const tokens: CodeToken[] = [];
  for (let offset = 0; offset < text.length; ) {
    CODE_TOKEN.lastIndex = offset;
    const groups = CODE_TOKEN.exec(text)?.groups;
    if (groups === undefined) throw new CodeError(offset, `“${text[offset]}” has no meaning in code`);
    const kind = Object.keys(groups).find(name => groups[name] !== undefined) ?? "skip";
    if (kind !== "skip") {
      tokens.push({ kind: kind as CodeToken["kind"], text: groups[kind] as string, offset });
    }
    offset = CODE_TOKEN.lastIndex;
  }
  tokens.push({ kind: "end", text: "", offset: text.length });
  return tokens;
}

/** Runs blocks, and keeps their variables. */
export class CodeRunner {
  readonly variables = new Map<string, CodeValue>();
  /** What `print` printed. */
  readonly output: string[] = [];

  /** @param names What a name means that no block has assigned. Throws a `CodeError`. */
  run(text: string, names: (name: string) => CodeValue | undefined): void {
    new Evaluation(tokenize(text), this, names).run();
  }
}

const COMPARISONS = new Set(["==", "!=", "<", "<=", ">", ">="]);
/** Binary operators from the loosest to the tightest. */
const LEVELS: ReadonlyArray<readonly string[]> = [["|"], ["^"], ["&"], ["<<", ">>"], ["+", "-"], ["*", "/", "//", "%"]];
const CONSTANTS: Readonly<Record<string, CodeValue>> = { True: true, False: false };

class Evaluation {
  readonly #tokens: readonly CodeToken[];
  readonly #runner: CodeRunner;
  readonly #names: (name: string) => CodeValue | undefined;
  #at = 0;

  constructor(
    tokens: readonly CodeToken[],
    runner: CodeRunner,
    names: (name: string) => CodeValue | undefined,
  ) {
    this.#tokens = tokens;
    this.#runner = runner;
    this.#names = names;
  }

  run(): void {
    for (;;) {
      while (this.#isAt("newline")) this.#at++;
      if (this.#isAt("end")) return;
      this.#statement();
      if (!this.#isAt("newline") && !this.#isAt("end")) {
        throw this.#fail(`“${this.#token.text}” is not expected here`);
      }
    }
  }

  #isAt(kind: CodeToken["kind"]): boolean {
    return this.#token.kind === kind;
  }

  get #token(): CodeToken {
    return this.#tokens[this.#at] as CodeToken;
  }

  #take(text: string): boolean {
    const { kind, text: actual } = this.#token;
    if (actual !== text || kind === "string") return false;
    this.#at++;
    return true;
  }

  #expect(text: string): void {
    if (!this.#take(text)) throw this.#fail(`“${text}” is wanted`);
  }

  #fail(message: string): CodeError {
    return new CodeError(this.#token.offset, message);
  }

  #statement(): void {
    if (this.#take("assert")) return this.#assertion();
    const next = this.#tokens[this.#at + 1];
    const { kind, text: name } = this.#token;
    if (kind === "name" && next?.kind === "operator") {
      if (name === "print" && next.text === "(") return this.#print();
      if (next.text === "=") return this.#assign(name, undefined);
      if (next.text.endsWith("=") && !COMPARISONS.has(next.text)) {
        return this.#assign(name, next.text.slice(0, -1));
      }
    }
    this.#expression();
  }

  #assertion(): void {
    const { offset } = this.#token;
    const start = this.#at;
    const holds = isTrue(this.#expression());
    const condition = this.#sourceFrom(start);
    const note = this.#take(",") ? this.#expression() : undefined;
    if (holds) return;
    throw new CodeError(offset, `assert ${condition}${note === undefined ? "" : ` (${textOf(note)})`}`);
  }

  #sourceFrom(start: number): string {
    return this.#tokens
      .slice(start, this.#at)
      .map(({ text }) => text)
      .join(" ")
      .replaceAll("( ", "(")
      .replaceAll(" )", ")");
  }

  #print(): void {
    this.#at += 2;
    const values: CodeValue[] = [];
    if (!this.#take(")")) {
      do values.push(this.#expression());
      while (this.#take(","));
      this.#expect(")");
    }
    this.#runner.output.push(values.map(textOf).join(" "));
  }

  #assign(name: string, operator: string | undefined): void {
    this.#at += 2;
    const { offset } = this.#token;
    const value = this.#expression();
    const before = this.#runner.variables.get(name);
    if (operator !== undefined && before === undefined) throw new CodeError(offset, `${name} has no value yet`);
    const result = operator === undefined ? value : binary(operator, before as CodeValue, value, offset);
    this.#runner.variables.set(name, result);
  }

  #expression(): CodeValue {
    let value = this.#conjunction();
    while (this.#take("or")) {
      const other = this.#conjunction();
      if (!isTrue(value)) value = other;
    }
    return value;
  }

  #conjunction(): CodeValue {
    let value = this.#negation();
    while (this.#take("and")) {
      const other = this.#negation();
      if (isTrue(value)) value = other;
    }
    return value;
  }

  #negation(): CodeValue {
    return this.#take("not") ? !isTrue(this.#negation()) : this.#comparison();
  }

  #comparison(): CodeValue {
    let left = this.#level(0);
    let holds: boolean | undefined;
    while (this.#token.kind === "operator" && COMPARISONS.has(this.#token.text)) {
      const { text, offset } = this.#token;
      this.#at++;
      const right = this.#level(0);
      holds = (holds ?? true) && compare(text, left, right, offset);
      left = right;
    }
    return holds ?? left;
  }

  #level(depth: number): CodeValue {
    const operators = LEVELS[depth];
    if (operators === undefined) return this.#unary();
    let value = this.#level(depth + 1);
    while (this.#token.kind === "operator" && operators.includes(this.#token.text)) {
      const { text, offset } = this.#token;
      this.#at++;
      value = binary(text, value, this.#level(depth + 1), offset);
    }
    return value;
  }

  #unary(): CodeValue {
    const { offset } = this.#token;
    if (this.#take("-")) return -numberOf(this.#unary(), offset);
    if (this.#take("+")) return numberOf(this.#unary(), offset);
    if (this.#take("~")) return ~numberOf(this.#unary(), offset);
    return this.#atom();
  }

  #atom(): CodeValue {
    const { kind, text, offset } = this.#token;
    if (this.#take("(")) return this.#parenthesized();
    this.#at++;
    if (kind === "number") return Number(text);
    if (kind === "string") return stringOf(text);
    if (kind === "name") {
      const value = this.#runner.variables.get(text) ?? CONSTANTS[text] ?? this.#names(text);
      if (value === undefined) throw new CodeError(offset, `the name ${text} is not known`);
      return value;
    }
    throw new CodeError(offset, "a value is wanted");
  }

  #parenthesized(): CodeValue {
    const values: CodeValue[] = [];
    let isTuple = false;
    while (!this.#take(")")) {
      values.push(this.#expression());
      if (this.#take(",")) isTuple = true;
      else {
        this.#expect(")");
        break;
      }
    }
    const [only] = values;
    return only !== undefined && !isTuple ? only : values;
  }
}

function binary(operator: string, left: CodeValue, right: CodeValue, offset: number): CodeValue {
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

function compare(operator: string, left: CodeValue, right: CodeValue, offset: number): boolean {
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

function numberOf(value: CodeValue, offset: number): number {
  if (typeof value === "string" || typeof value === "object") throw new CodeError(offset, "a number is wanted");
  return Number(value);
}

function isTrue(value: CodeValue): boolean {
  return typeof value === "object" ? value.length > 0 : Boolean(value);
}

function textOf(value: CodeValue): string {
  if (typeof value === "object") return `(${value.map(textOf).join(", ")})`;
  if (typeof value === "boolean") return value ? "True" : "False";
  return String(value);
}

function stringOf(token: string): string {
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
