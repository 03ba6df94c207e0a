/** A cursor over the tokens of a filter. */
import { FilterError, type Token } from "./tokens.ts";

export class TokenReader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  /** The next token, or one further on; beyond the last, the end. */
  peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)] as Token;
  }

  next(): Token {
    const token = this.peek();
    this.#at++;
    return token;
  }

  /** Takes the next token if it is one of these words or symbols. */
  takes(...texts: readonly string[]): boolean {
    const token = this.peek();
    const isThat = (token.kind === "word" || token.kind === "symbol") && texts.includes(token.text);
    if (isThat) this.#at++;
    return isThat;
  }

  expect(text: string): void {
    const token = this.peek();
    if (!this.takes(text)) throw new FilterError({ kind: "expected", text, found: found(token) }, token.at);
  }

  number(limit: number): number {
    const token = this.next();
    if (token.kind !== "number")
      throw new FilterError({ kind: "number-expected", found: found(token) }, token.at);
    if (token.value > limit) throw new FilterError({ kind: "too-large", text: token.text, limit }, token.at);
    return token.value;
  }
}

/** For messages: what stands where something else was expected; undefined: the text ends. */
export function found(token: Token): string | undefined {
  return token.kind === "end" ? undefined : token.text;
}
