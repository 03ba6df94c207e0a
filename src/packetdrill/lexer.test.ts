import { describe, expect, test } from "vitest";
import { Lexer, microsecondsOf } from "./lexer.ts";

function tokensOf(source: string, defines = new Map<string, string>()): string[] {
  const lexer = new Lexer(source, defines);
  const texts: string[] = [];
  for (let token = lexer.tokenAt(0); token.kind !== "end"; token = lexer.tokenAt(token.end)) {
    texts.push(`${token.kind} ${token.text}`);
  }
  return texts;
}

describe("tokens", () => {
  test("the longest match wins: 0...0.3 is a number, an ellipsis and a number", () => {
    expect(tokensOf("0...0.3")).toEqual(["integer 0", "symbol ...", "float 0.3"]);
    expect(tokensOf("+.1...0.200")).toEqual(["symbol +", "float .1", "symbol ...", "float 0.200"]);
  });

  test("hexadecimal cookies are words or numbers, whichever they look like", () => {
    expect(tokensOf("3021b9d8 12345678 0xff")).toEqual(["word 3021b9d8", "integer 12345678", "integer 0xff"]);
  });

  test("a float needs a digit behind its dot", () => {
    expect(tokensOf("1.")).toEqual(["integer 1", "symbol ."]);
  });

  test("comments of both kinds are space, but not within quotes, commands and code", () => {
    expect(tokensOf("a // b\n/* c\n d */ e")).toEqual(["word a", "word e"]);
    expect(tokensOf('"a // b" `c /* d` %{ e // f }%')).toEqual([
      "string a // b",
      "command c /* d",
      "code  e // f ",
    ]);
  });

  test("strings have escapes", () => {
    expect(tokensOf('"a\\n\\x41\\""')).toEqual(['string a\nA"']);
  });

  test("defined words are replaced by what they are defined as", () => {
    const defines = new Map([
      ["COOKIE", "3021b9d8"],
      ["N", "17"],
    ]);
    expect(tokensOf("COOKIE N X", defines)).toEqual(["word 3021b9d8", "integer 17", "word X"]);
  });

  test("a definition that is more than one token is refused", () => {
    expect(() => tokensOf("N", new Map([["N", "1 2"]]))).toThrow(/one number, word, string or command/);
  });
});

describe("places", () => {
  test("lines and columns count from one", () => {
    const lexer = new Lexer("ab\n  cd");
    const first = lexer.tokenAt(0);
    expect(lexer.placeOf(lexer.tokenAt(first.end).start)).toEqual({ line: 2, column: 3 });
  });

  test("what never ends is reported where it begins", () => {
    for (const source of ["\n `abc", '\n "abc', "\n %{ abc", "\n /* abc"]) {
      expect(() => tokensOf(source)).toThrow(
        expect.objectContaining({ place: { line: 2, column: 2 }, kind: "syntax" }),
      );
    }
  });

  test("a character without meaning is reported", () => {
    expect(() => tokensOf("a ?")).toThrow(expect.objectContaining({ place: { line: 1, column: 3 } }));
  });
});

test("seconds become whole microseconds, and what is finer is cut off", () => {
  expect(microsecondsOf("0.29")).toBe(290_000);
  expect(microsecondsOf(".1")).toBe(100_000);
  expect(microsecondsOf("3")).toBe(3_000_000);
  expect(microsecondsOf("1.0000019")).toBe(1_000_001);
});
