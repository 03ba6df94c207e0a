/**
 * Copies of a script that are wrong in one thing: a number, a flag, an option, a time or a result is
 * another. Whoever plays them must fail.
 */
export interface Mutation {
  readonly what: string;
  readonly line: number;
  readonly source: string;
}

type Change = (line: string) => string | undefined;

const EXPECTED = /^\s*(?:[+\d.~*]+)\s+>\s/;
const CALL = /^\s*[+\d.~]+\s+(?<name>\w+)\(.*\)\s*=\s*(?<result>0x[0-9a-f]+|-?\d+)/;
/** Their results are labels, which a script chooses. */
const GIVES_LABEL = /^(?:socket|accept|open|epoll_create)$/;

function onExpected(change: Change): Change {
  return line => (EXPECTED.test(line) ? change(line) : undefined);
}

function replaced(line: string, pattern: RegExp, by: (...groups: string[]) => string): string | undefined {
  if (!pattern.test(line)) return undefined;
  return line.replace(pattern, (_, ...groups: string[]) => by(...groups));
}

const plusOne = (digits: string): string => String(Number(digits) + 1);

/** The numbers of the stack's SYNs are labels too. */
const isSyn = (line: string): boolean => /\s>\s(?:.*\s)?S[FRPUEWA.]*\s+\d+:/.test(line);

const CHANGES: Readonly<Record<string, Change>> = {
  "sequence number": onExpected(line =>
    isSyn(line)
      ? undefined
      : replaced(line, /(\d+):(\d+)\(/, (from, to) => `${plusOne(from)}:${plusOne(to)}(`),
  ),
  length: onExpected(line =>
    replaced(line, /:(\d+)\((\d+)\)/, (to, length) => `:${plusOne(to)}(${plusOne(length)})`),
  ),
  acknowledgment: onExpected(line => replaced(line, / ack (\d+)/, ack => ` ack ${plusOne(ack)}`)),
  window: onExpected(line => replaced(line, / win (\d+)/, window => ` win ${plusOne(window)}`)),
  "PSH flag": onExpected(line =>
    replaced(line, /\s([SFRPUEWA]*)(\.?)(?=\s+\d+:)/, (letters, ack) => {
      const other = letters.includes("P") ? letters.replace("P", "") : `${letters}P`;
      return ` ${other}${ack}` === " " ? " -" : ` ${other}${ack}`;
    }),
  ),
  "ACK flag": onExpected(line => replaced(line, /\s([SFRP]+)\.(?=\s+\d+:)/, letters => ` ${letters}`)),
  mss: onExpected(line => replaced(line, /mss (\d+)/, mss => `mss ${plusOne(mss)}`)),
  wscale: onExpected(line => replaced(line, /wscale (\d+)/, scale => `wscale ${plusOne(scale)}`)),
  "SACK block": onExpected(line => replaced(line, /sack (\d+):/, left => `sack ${plusOne(left)}:`)),
  "an option less": onExpected(line => replaced(line, /nop,nop,TS val \d+ ecr \d+/, () => "nop,nop,nop,nop")),
  "no options": onExpected(line => replaced(line, /\s<(?!\.\.\.)[^>]+>/, () => "")),
  "half a second later": onExpected(line => replaced(line, /^(\s*\+)([\d.]+)(?=\s)/, later)),
  result: line => {
    const found = CALL.exec(line)?.groups;
    if (found === undefined || GIVES_LABEL.test(found["name"] ?? "")) return undefined;
    return replaced(line, /\)\s*=\s*(0x[0-9a-f]+|-?\d+)/, result => `) = ${plusOne(result)}`);
  },
  error: line => replaced(line, /= -1 E[A-Z]+/, () => "= -1 EXDEV"),
};

function later(head: string, seconds: string): string {
  return `${head}${(Number(seconds) + 0.5).toFixed(3)}`;
}

export function mutationsOf(source: string): Mutation[] {
  const lines = source.split("\n");
  return lines.flatMap((line, index) =>
    Object.entries(CHANGES).flatMap(([what, change]) => {
      const changed = change(line);
      if (changed === undefined || changed === line) return [];
      const copy = [...lines];
      copy[index] = changed;
      return [{ what, line: index + 1, source: copy.join("\n") }];
    }),
  );
}
