/**
 * One token of look-ahead over the lexer, and raw text where the language has no tokens: flags, notes,
 * options.
 */
import type { ScriptFailure } from "./failure.ts";
import type { Lexer, Token, TokenKind } from "./lexer.ts";
import type { Place } from "./place.ts";

export class TokenReader {
  readonly lexer: Lexer;
  #token: Token;

  constructor(lexer: Lexer) {
    this.lexer = lexer;
    this.#token = lexer.tokenAt(0);
  }

  get token(): Token {
    return this.#token;
  }

  get place(): Place {
    return this.lexer.placeOf(this.#token.start);
  }

  get isAtEnd(): boolean {
    return this.#token.kind === "end";
  }

  is(text: string): boolean {
    const { kind } = this.#token;
    return (kind === "symbol" || kind === "word") && this.#token.text === text;
  }

  isKind(kind: TokenKind): boolean {
    return this.#token.kind === kind;
  }

  next(): Token {
    const token = this.#token;
    this.#token = this.lexer.tokenAt(token.end);
    return token;
  }

  /** Takes the symbol or word if it is the next one. */
  take(text: string): boolean {
    if (!this.is(text)) return false;
    this.next();
    return true;
  }

  expect(text: string, where: string): Token {
    if (!this.is(text)) throw this.wanted(`“${text}”`, where);
    return this.next();
  }

  expectKind(kind: TokenKind, what: string, where: string): Token {
    if (!this.isKind(kind)) throw this.wanted(what, where);
    return this.next();
  }

  expectInteger(what: string, where: string): number {
    return this.expectKind("integer", what, where).value;
  }

  /** What the pattern (sticky) matches at the next token; the token after it becomes the next. */
  raw(pattern: RegExp): string | undefined {
    const text = this.lexer.match(pattern, this.#token.start);
    if (text !== undefined) this.#token = this.lexer.tokenAt(this.#token.start + text.length);
    return text;
  }

  /** Whether the source goes on so at the next token. */
  looksAt(pattern: RegExp): boolean {
    return this.lexer.match(pattern, this.#token.start) !== undefined;
  }

  fail(message: string): ScriptFailure {
    return this.lexer.fail(this.#token.start, message);
  }

  wanted(what: string, where: string): ScriptFailure {
    const { kind, text } = this.#token;
    const found = kind === "end" ? "the script ends" : `there is “${text.split("\n")[0] ?? ""}”`;
    return this.fail(`${where}: ${what} is wanted, but ${found}`);
  }
}
