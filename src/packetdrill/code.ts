/**
 * Code blocks, `%{ … }%`: the part of Python that scripts use. Statements: assert, print, assignments.
 * Expressions: numbers, strings, names, arithmetic, comparisons (also chained), and, or, not, and `%` on
 * strings. No control flow.
 *
 * The real tool runs all blocks after the script; here each runs at its time. Names live on from block to
 * block.
 */
import { type CodeToken, tokenize } from "./code-tokens.ts";
import {
  binary,
  CodeError,
  type CodeValue,
  compare,
  isTrue,
  numberOf,
  stringOf,
  textOf,
} from "./code-values.ts";

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
const LEVELS: ReadonlyArray<readonly string[]> = [
  ["|"],
  ["^"],
  ["&"],
  ["<<", ">>"],
  ["+", "-"],
  ["*", "/", "//", "%"],
];
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
    if (this.#take("assert")) {
      this.#assertion();
      return;
    }
    const next = this.#tokens[this.#at + 1];
    const { kind, text: name } = this.#token;
    const operator = kind === "name" && next?.kind === "operator" ? next.text : "";
    if (name === "print" && operator === "(") this.#print();
    else if (operator === "=") this.#assign(name, undefined);
    else if (operator.endsWith("=") && !COMPARISONS.has(operator)) this.#assign(name, operator.slice(0, -1));
    else this.#expression();
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
    if (operator !== undefined && before === undefined)
      throw new CodeError(offset, `${name} has no value yet`);
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
