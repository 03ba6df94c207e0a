/** What the names in a script's system calls stand for: Linux's numbers. */
import * as constants from "../socket/posix/constants.ts";
import { ERRNO } from "../socket/posix/errno.ts";
import * as optionNames from "../socket/posix/option-names.ts";
import { ScriptFailure } from "./failure.ts";
import type { Expression } from "./script.ts";

/** Not of `socket/posix`: other errors that a script may name, and other spellings. */
const OTHERS: Readonly<Record<string, number>> = {
  NULL: 0,
  IPPROTO_ICMP: 1,
  IPPROTO_ICMPV6: 58,
  SOL_ICMPV6: 58,
  SOL_RAW: 255,
  SOCK_RAW: 3,
  PF_UNSPEC: 0,
  PF_INET: 2,
  PF_INET6: 10,
  INADDR_ANY: 0,
  ENOENT: 2,
  EWOULDBLOCK: 11,
  ENOTSUP: 95,
  ENOTCONN: 107,
  ESHUTDOWN: 108,
  EHOSTDOWN: 112,
  IPTOS_LOWDELAY: 0x10,
  IPTOS_THROUGHPUT: 0x08,
  TCP_NLA_SNDQ_SIZE: 0,
};

const SYMBOLS: ReadonlyMap<string, number> = new Map<string, number>(
  [constants, optionNames, ERRNO, OTHERS].flatMap(table =>
    Object.entries(table).filter((entry): entry is [string, number] => typeof entry[1] === "number"),
  ),
);

export function symbolValue(name: string): number | undefined {
  return SYMBOLS.get(name);
}

/** The name of an error number; for messages. */
export function errnoName(value: number): string | undefined {
  return Object.entries(ERRNO).find(([, number]) => number === value)?.[0];
}

/** An expression as one number. Throws a `ScriptFailure` where it is none. */
export function integerOf(expression: Expression): number {
  switch (expression.kind) {
    case "integer":
      return expression.value;
    case "symbol": {
      const value = SYMBOLS.get(expression.name);
      if (value === undefined) {
        throw new ScriptFailure("unsupported", expression.place, `the name ${expression.name} is not known`);
      }
      return value;
    }
    case "or":
      return expression.terms.reduce((bits, term) => orBits(bits, integerOf(term)), 0);
    case "call":
      if (expression.name === "htons" || expression.name === "htonl") {
        const [argument] = expression.args;
        if (argument !== undefined && expression.args.length === 1) return integerOf(argument);
      }
      break;
  }
  throw new ScriptFailure("syntax", expression.place, "a number is wanted here");
}

/** Bits of unsigned words. */
function orBits(a: number, b: number): number {
  return (a | b) >>> 0;
}
