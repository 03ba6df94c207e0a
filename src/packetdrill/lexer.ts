/**
 * The words of a script. The language is packetdrill's; the longest match wins, so that `0...0.3` is three
 * tokens and `3021b9d8` is one word. Words that a `--define` names are replaced before the parser sees them.
 */
import { ScriptFailure } from "./failure.ts";
import { type Place, PlaceFinder } from "./place.ts";

export type TokenKind = "integer" | "float" | "word" | "string" | "command" | "code" | "symbol" | "end";

export interface Token {
  readonly kind: TokenKind;
  /** As it stands in the source; of strings, commands and code: what stands within the marks. */
  readonly text: string;
  /** Of numbers. A float's is in seconds: see `microsecondsOf`. */
  readonly value: number;
  readonly start: number;
  readonly end: number;
}

const SPACE = /(?:\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;
const FLOAT = /\d*\.\d+(?![A-Za-z0-9_])/y;
const WORD = /[A-Za-z0-9_]+/y;
const INTEGER = /^(?:0[xX][0-9a-fA-F]+|\d+)$/;
const STRING = /"((?:[^"\\\n]|\\[\s\S])*)"/y;
const COMMAND = /`([^`]*)`/y;
const CODE = /%\{([\s\S]*?)\}%/y;
const SYMBOL = /\.\.\.|[<>()[\]{}=,:+\-*~|.&]/y;

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", f: "\f", v: "\v" };

export class Lexer {
  readonly source: string;
  readonly #defines: ReadonlyMap<string, string>;
  readonly #places: PlaceFinder;

  constructor(source: string, defines: ReadonlyMap<string, string> = new Map()) {
    this.source = source;
    this.#defines = defines;
    this.#places = new PlaceFinder(source);
  }

  placeOf(offset: number): Place {
    return this.#places.placeOf(offset);
  }

  fail(offset: number, message: string): ScriptFailure {
    return new ScriptFailure("syntax", this.placeOf(offset), message);
  }

  /** The token at or after `offset`. */
  tokenAt(offset: number): Token {
    SPACE.lastIndex = offset;
    SPACE.test(this.source);
    const start = SPACE.lastIndex;
    if (this.source.startsWith("/*", start)) throw this.fail(start, "this comment has no end");
    if (start >= this.source.length) return { kind: "end", text: "", value: 0, start, end: start };
    return this.#number(start) ?? this.#word(start) ?? this.#quoted(start) ?? this.#symbol(start);
  }

  /** What a pattern (sticky) matches at `offset` exactly; undefined if it does not. */
  match(pattern: RegExp, offset: number): string | undefined {
    pattern.lastIndex = offset;
    return pattern.exec(this.source)?.[0];
  }

  #number(start: number): Token | undefined {
    const text = this.match(FLOAT, start);
    if (text === undefined) return undefined;
    return { kind: "float", text, value: Number(text), start, end: start + text.length };
  }

  #word(start: number): Token | undefined {
    const text = this.match(WORD, start);
    if (text === undefined) return undefined;
    const end = start + text.length;
    const defined = this.#defines.get(text);
    if (defined !== undefined) return this.#substitute(text, defined, start, end);
    return wordToken(text, start, end);
  }

  #substitute(name: string, value: string, start: number, end: number): Token {
    const inner = new Lexer(value.trim());
    const token = inner.tokenAt(0);
    if (token.kind === "end" || inner.tokenAt(token.end).kind !== "end") {
      throw this.fail(
        start,
        `${name} is defined as “${value}”: one number, word, string or command is wanted`,
      );
    }
    return { ...token, start, end };
  }

  #quoted(start: number): Token | undefined {
    const quote = this.source[start];
    if (quote === '"') return this.#enclosed("string", STRING, start, "this string has no end");
    if (quote === "`")
      return this.#enclosed("command", COMMAND, start, "this command has no closing back-quote");
    if (quote === "%") return this.#enclosed("code", CODE, start, "code is written between %{ and }%");
    return undefined;
  }

  #enclosed(kind: "string" | "command" | "code", pattern: RegExp, start: number, problem: string): Token {
    pattern.lastIndex = start;
    const found = pattern.exec(this.source);
    if (found === null) throw this.fail(start, problem);
    const inner = found[1] as string;
    const text = kind === "string" ? unescaped(inner) : inner;
    return { kind, text, value: 0, start, end: start + found[0].length };
  }

  #symbol(start: number): Token {
    const text = this.match(SYMBOL, start);
    if (text === undefined) throw this.fail(start, `“${this.source[start] ?? ""}” has no meaning here`);
    return { kind: "symbol", text, value: 0, start, end: start + text.length };
  }
}

function wordToken(text: string, start: number, end: number): Token {
  const isInteger = INTEGER.test(text);
  return { kind: isInteger ? "integer" : "word", text, value: isInteger ? Number(text) : 0, start, end };
}

function unescaped(text: string): string {
  return text.replace(/\\(?:x([0-9a-fA-F]{2})|([\s\S]))/g, (_, code: string | undefined, letter: string) => {
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
    return ESCAPES[letter] ?? letter;
  });
}

/** Seconds as written, in whole microseconds; what is finer is cut off. */
export function microsecondsOf(text: string): number {
  const [whole = "", fraction = ""] = text.split(".");
  return Number(whole || "0") * 1_000_000 + Number(fraction.padEnd(6, "0").slice(0, 6));
}
