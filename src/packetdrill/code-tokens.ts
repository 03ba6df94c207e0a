/** The words of a code block, after Python: lines and semicolons end statements, a backslash goes on. */
import { CodeError } from "./code-values.ts";

export interface CodeToken {
  readonly kind: "number" | "string" | "name" | "operator" | "newline" | "end";
  readonly text: string;
  readonly offset: number;
}

const CODE_TOKEN = new RegExp(
  [
    /(?<skip>[ \t\r\f]+|#[^\n]*|\\\r?\n)/,
    /(?<newline>\n|;)/,
    /(?<number>0[xX][0-9a-fA-F]+|\d+(?:\.\d+)?)/,
    /(?<name>[A-Za-z_]\w*)/,
    /(?<string>'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")/,
    /(?<operator>\*\*|\/\/=?|<<|>>|[-+*/%&|^=!<>]=|[-+*/%&|^<>=(),~])/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "y",
);

export function tokenize(text: string): CodeToken[] {
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
