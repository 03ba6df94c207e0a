/**
 * The grammar of the tcpdump filter language: pcap-filter(7). `and` and `or` bind equally and to the left; an
 * identifier without a keyword takes the keywords of the one before it (`port 80 or 443`).
 */
import {
  ALWAYS,
  type Arithmetic,
  both,
  type Comparison,
  type Condition,
  compare,
  constant,
  either,
  negate,
  not,
  operate,
} from "./condition.ts";
import { ALU } from "./instruction.ts";
import { known } from "./known-name.ts";
import type { LinkLayout } from "./link-layout.ts";
import { NAMED_CONSTANTS } from "./named-constants.ts";
import { PrimitiveParser } from "./primitive-parser.ts";
import { TokenReader } from "./token-reader.ts";
import { FilterError, type Token } from "./tokens.ts";

/** Both kinds may stand in parentheses, and only what follows tells them apart. */
type Operand =
  | { readonly kind: "condition"; readonly condition: Condition }
  | {
      readonly kind: "arithmetic";
      readonly value: Arithmetic;
      /** What must hold for the packet to have the bytes. */
      readonly needs: Condition;
      /** The number that is all of it: it may turn out to be an identifier. */
      readonly number: Token | undefined;
    };

type ArithmeticOperand = Extract<Operand, { kind: "arithmetic" }>;

const OPERATORS: Readonly<Record<string, { readonly level: number; readonly operation: number }>> = {
  "|": { level: 1, operation: ALU.or },
  "^": { level: 1, operation: ALU.xor },
  "&": { level: 2, operation: ALU.and },
  "<<": { level: 3, operation: ALU.lsh },
  ">>": { level: 3, operation: ALU.rsh },
  "+": { level: 4, operation: ALU.add },
  "-": { level: 4, operation: ALU.sub },
  "*": { level: 5, operation: ALU.mul },
  "/": { level: 5, operation: ALU.div },
  "%": { level: 5, operation: ALU.mod },
};

const RELATIONS: Readonly<Record<string, Comparison>> = {
  "=": "=",
  "==": "=",
  "!=": "!=",
  ">": ">",
  ">=": ">=",
  "<": "<",
  "<=": "<=",
};

const MAX_DEPTH = 100;

export interface ParsedFilter {
  readonly condition: Condition;
  /** Those that it names, in the order of their numbers from 1. */
  readonly interfaceNames: readonly string[];
}

/** What a text means on a link, in a network with this mask (0: not known). Throws a FilterError. */
export function parseFilter(tokens: readonly Token[], link: LinkLayout, netmask: number): ParsedFilter {
  const reader = new TokenReader(tokens);
  if (reader.peek().kind === "end") return { condition: ALWAYS, interfaceNames: [] };
  return new Parser(reader, link, netmask).whole();
}

class Parser {
  readonly #reader: TokenReader;
  readonly #primitives: PrimitiveParser;
  #depth = 0;

  constructor(reader: TokenReader, link: LinkLayout, netmask: number) {
    this.#reader = reader;
    this.#primitives = new PrimitiveParser(reader, link, netmask, () => this.#asCondition(this.#term()));
  }

  whole(): ParsedFilter {
    const condition = this.#asCondition(this.#expression());
    const rest = this.#reader.peek();
    if (rest.kind !== "end") throw new FilterError({ kind: "unexpected", text: rest.text }, rest.at);
    return { condition, interfaceNames: this.#primitives.interfaceNames };
  }

  /**
   * Terms joined by `and` and `or`. A single one may be arithmetic: parentheses within a larger expression.
   */
  #expression(): Operand {
    let left = this.#term();
    for (;;) {
      const isAnd = this.#reader.takes("and", "&&");
      if (!isAnd && !this.#reader.takes("or", "||")) return left;
      const first = this.#asCondition(left);
      const second = this.#asCondition(this.#term());
      left = { kind: "condition", condition: isAnd ? both(first, second) : either(first, second) };
    }
  }

  #term(): Operand {
    if (++this.#depth > MAX_DEPTH) throw new FilterError({ kind: "too-deep" }, this.#reader.peek().at);
    const operand = this.#reader.takes("not", "!")
      ? ({ kind: "condition", condition: not(this.#asCondition(this.#term())) } as const)
      : this.#relation();
    this.#depth--;
    return operand;
  }

  #relation(): Operand {
    const left = this.#arithmetic(0);
    const comparison = known(RELATIONS, this.#reader.peek().text);
    if (left.kind === "condition" || comparison === undefined) return left;
    this.#reader.next();
    const right = this.#asArithmetic(this.#arithmetic(0));
    return {
      kind: "condition",
      condition: both(left.needs, right.needs, compare(left.value, comparison, right.value)),
    };
  }

  /** Operators of this level and those that bind tighter. */
  #arithmetic(level: number): Operand {
    let left = this.#atom();
    for (;;) {
      const token = this.#reader.peek();
      const operator = token.kind === "symbol" ? known(OPERATORS, token.text) : undefined;
      if (left.kind === "condition" || operator === undefined || operator.level < level) return left;
      this.#reader.next();
      const right = this.#asArithmetic(this.#arithmetic(operator.level + 1));
      const value = operate(operator.operation, left.value, right.value);
      if (value === undefined) throw new FilterError({ kind: "division-by-zero" }, token.at);
      left = { kind: "arithmetic", value, needs: both(left.needs, right.needs), number: undefined };
    }
  }

  #atom(): Operand {
    const reader = this.#reader;
    const token = reader.peek();
    if (reader.takes("(")) {
      const inner = this.#expression();
      reader.expect(")");
      return inner;
    }
    if (reader.takes("-")) {
      if (++this.#depth > MAX_DEPTH) throw new FilterError({ kind: "too-deep" }, token.at);
      const { value, needs } = this.#asArithmetic(this.#atom());
      this.#depth--;
      return { kind: "arithmetic", value: negate(value), needs, number: undefined };
    }
    if (token.kind === "number") {
      reader.next();
      return { kind: "arithmetic", value: constant(token.value), needs: ALWAYS, number: token };
    }
    if (reader.takes("len", "length")) {
      return { kind: "arithmetic", value: { kind: "length" }, needs: ALWAYS, number: undefined };
    }
    const named = token.kind === "word" ? known(NAMED_CONSTANTS, token.text) : undefined;
    if (named !== undefined) {
      reader.next();
      return { kind: "arithmetic", value: constant(named), needs: ALWAYS, number: undefined };
    }
    if (reader.peek(1).text === "[") return this.#bytes();
    return { kind: "condition", condition: this.#primitives.primitive() };
  }

  /** `tcp[13]`, `ip[2:2]`. */
  #bytes(): Operand {
    const reader = this.#reader;
    const protocol = reader.next();
    reader.expect("[");
    const index = this.#asArithmetic(this.#arithmetic(0));
    const sizeAt = reader.peek(1).at;
    const size = reader.takes(":") ? reader.number(4) : 1;
    if (size !== 1 && size !== 2 && size !== 4) throw new FilterError({ kind: "odd-load" }, sizeAt);
    reader.expect("]");
    const { value, needs } = this.#primitives.bytes(protocol, index.value, size);
    return { kind: "arithmetic", value, needs: both(index.needs, needs), number: undefined };
  }

  #asCondition(operand: Operand): Condition {
    if (operand.kind === "condition") return operand.condition;
    if (operand.number !== undefined) return this.#primitives.inherited(operand.number);
    throw new FilterError({ kind: "no-comparison" }, this.#reader.peek().at);
  }

  #asArithmetic(operand: Operand): ArithmeticOperand {
    if (operand.kind === "arithmetic") return operand;
    throw new FilterError({ kind: "number-expected", found: undefined }, this.#reader.peek().at);
  }
}
