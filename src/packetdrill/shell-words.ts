/**
 * A shell line as commands and words: quotes, joints, sums; redirections are dropped, for nothing is printed.
 */
/** The command has no meaning here. */
export class UnsupportedCommand extends Error {
  override readonly name = "UnsupportedCommand";
}

export interface SimpleCommand {
  /** What joins it to the one before. */
  readonly joint: ";" | "&&" | "||" | "|";
  readonly words: readonly string[];
}

const SHELL_TOKEN = new RegExp(
  [
    // Space, comments, and redirections to nowhere.
    /(?<skip>[ \t]+|#[^\n]*|\\\r?\n|(?:\d|&)?>{1,2}\s*(?:&\d|\/dev\/null))/,
    /(?<joint>\|\||&&|[;|\n])/,
    // Quoted parts, sums and plain text in any mixture.
    /(?<word>(?:"(?:[^"\\]|\\.)*"|'[^']*'|\$\(\((?:[^()]|\([^()]*\))*\)\)|\\.|[^\s"'\\;|&>#])+)/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "y",
);

export function parseCommands(text: string): SimpleCommand[] {
  const commands: SimpleCommand[] = [];
  let joint: SimpleCommand["joint"] = ";";
  let words: string[] = [];
  const end = (next: SimpleCommand["joint"]): void => {
    if (words.length > 0) commands.push({ joint, words });
    // A new line goes on after a joint that waits for its other side.
    if (words.length > 0 || next !== ";") joint = next;
    words = [];
  };
  for (let at = 0; at < text.length; ) {
    SHELL_TOKEN.lastIndex = at;
    const groups = SHELL_TOKEN.exec(text)?.groups;
    if (groups === undefined) {
      // Into a file that is not /dev/null: `echo` knows what to do with it.
      if (text[at] !== ">") throw new UnsupportedCommand(`“${text.slice(at, at + 10)}” is not supported`);
      words.push(">");
      at++;
      continue;
    }
    if (groups["joint"] !== undefined) end(groups["joint"] === "\n" ? ";" : (groups["joint"] as ";"));
    else if (groups["word"] !== undefined) words.push(unquoted(groups["word"]));
    at = SHELL_TOKEN.lastIndex;
  }
  end(";");
  return commands;
}

function unquoted(word: string): string {
  return word
    .replace(/\$\(\(((?:[^()]|\([^()]*\))*)\)\)/g, (_, sum: string) => String(arithmetic(sum)))
    .replace(
      /"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/g,
      (_, double, single, escaped) => double ?? single ?? escaped,
    );
}

/** Products and sums of numbers: all that `$((…))` is used for. */
function arithmetic(text: string): number {
  if (!/^[\d\s*+]+$/.test(text)) throw new UnsupportedCommand(`$((${text})) is not supported`);
  return text
    .split("+")
    .map(product => product.split("*").reduce((result, factor) => result * Number(factor.trim()), 1))
    .reduce((sum, term) => sum + term, 0);
}
