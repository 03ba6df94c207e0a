/**
 * System calls of a script: `name(arguments) = result [ERRNO] [(free text)]`, and their argument expressions.
 */
import type { CallAction, Expression, Member } from "./script.ts";
import type { TokenReader } from "./token-reader.ts";

const NOTE = /\([^)\n]*\)/y;
const ERRNO = /E[A-Z0-9]+(?![A-Za-z0-9_])/y;

export function parseCall(reader: TokenReader): CallAction {
  const name = reader.next().text;
  reader.expect("(", name);
  const args = reader.is(")") ? [] : parseExpressions(reader);
  reader.expect(")", name);
  reader.expect("=", `${name}: the result`);
  const result = parseTerm(reader);
  const errno = reader.raw(ERRNO);
  // People's text: not tokens.
  if (reader.is("(")) {
    if (reader.raw(NOTE) === undefined) throw reader.fail("the note after the result has no end");
  }
  return { kind: "call", name, args, result, errno };
}

function parseExpressions(reader: TokenReader): Expression[] {
  const expressions: Expression[] = [];
  do expressions.push(parseExpression(reader));
  while (reader.take(","));
  return expressions;
}

function parseExpression(reader: TokenReader): Expression {
  const { place } = reader;
  const terms: Expression[] = [];
  do terms.push(parseTerm(reader));
  while (reader.take("|"));
  const [only] = terms;
  return only !== undefined && terms.length === 1 ? only : { kind: "or", place, terms };
}

function parseTerm(reader: TokenReader): Expression {
  const { place } = reader;
  if (reader.take("...")) return { kind: "ellipsis", place };
  const sign = reader.take("-") ? -1 : 1;
  if (reader.isKind("integer")) return { kind: "integer", place, value: sign * reader.next().value };
  if (sign < 0) throw reader.wanted("a number", "expression");
  if (reader.isKind("string")) return { kind: "string", place, text: parseStrings(reader) };
  if (reader.isKind("word")) return parseName(reader);
  if (reader.take("[")) {
    const items = reader.is("]") ? [] : parseExpressions(reader);
    reader.expect("]", "list");
    return { kind: "list", place, items };
  }
  if (reader.take("{")) return { kind: "struct", place, members: parseMembers(reader) };
  throw reader.wanted("a number, a name, a string, a list or a structure", "expression");
}

function parseStrings(reader: TokenReader): string {
  let text = "";
  while (reader.isKind("string")) text += reader.next().text;
  return text;
}

function parseName(reader: TokenReader): Expression {
  const { place } = reader;
  const name = reader.next().text;
  if (!reader.take("(")) return { kind: "symbol", place, name };
  const args = reader.is(")") ? [] : parseExpressions(reader);
  reader.expect(")", name);
  return { kind: "call", place, name, args };
}

function parseMembers(reader: TokenReader): Member[] {
  const members: Member[] = [];
  if (reader.take("}")) return members;
  do {
    const first = parseExpression(reader);
    const isNamed = (first.kind === "symbol" || first.kind === "call") && reader.take("=");
    if (isNamed) members.push({ name: first.name, value: parseExpression(reader) });
    else members.push({ name: undefined, value: first });
  } while (reader.take(","));
  reader.expect("}", "structure");
  return members;
}
