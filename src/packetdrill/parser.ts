/** A script's grammar, from the top: options, setup, timed events, cleanup. */
import { parseCall } from "./call-parser.ts";
import { Lexer, microsecondsOf } from "./lexer.ts";
import { parsePacket } from "./packet-parser.ts";
import type {
  Action,
  CodeAction,
  EventTime,
  Script,
  ScriptEvent,
  ScriptOption,
  ShellAction,
} from "./script.ts";
import { TokenReader } from "./token-reader.ts";

const OPTION = /--[A-Za-z0-9_]+/y;
const OPTION_VALUE = /=(?:"[^"\n]*"|[^\s]+)/y;
const EVENT_TIME = /[+*]|\d*\.\d+|\d/y;

/** Throws a `ScriptFailure` at the first place that is no script. */
export function parseScript(
  name: string,
  source: string,
  defines: ReadonlyMap<string, string> = new Map(),
): Script {
  // Options may define words themselves, so they are read before any other word is looked up.
  const options = parseOptions(new TokenReader(new Lexer(source)));
  const known = new Map(defines);
  for (const { name: option, value } of options) if (option === "define") define(known, value ?? "");
  const reader = new TokenReader(new Lexer(source, known));
  parseOptions(reader);
  const setup = parseShells(reader);
  const events: ScriptEvent[] = [];
  while (reader.looksAt(EVENT_TIME)) events.push(parseEvent(reader, events.at(-1)));
  const cleanup = parseShells(reader);
  if (!reader.isAtEnd) throw reader.wanted("the time of an event", "script");
  if (events.length === 0) throw reader.fail("the script has no event");
  return { name, source, options, setup, events, cleanup };
}

function define(known: Map<string, string>, text: string): void {
  const at = text.indexOf("=");
  if (at > 0) known.set(text.slice(0, at), text.slice(at + 1));
}

function parseOptions(reader: TokenReader): ScriptOption[] {
  const options: ScriptOption[] = [];
  while (reader.is("-")) {
    const { place } = reader;
    const name = reader.raw(OPTION);
    if (name === undefined) throw reader.wanted("an option such as --mss=1000", "script");
    const value = reader.raw(OPTION_VALUE)?.slice(1).replaceAll('"', "");
    options.push({ place, name: name.slice(2), value });
  }
  return options;
}

function parseShells(reader: TokenReader): ShellAction[] {
  const shells: ShellAction[] = [];
  while (reader.isKind("command")) shells.push(parseShell(reader));
  return shells;
}

function parseShell(reader: TokenReader): ShellAction {
  const { place } = reader;
  return { kind: "shell", place, text: reader.next().text };
}

function parseEvent(reader: TokenReader, previous: ScriptEvent | undefined): ScriptEvent {
  const { place } = reader;
  const time = parseTime(reader);
  const action = parseAction(reader);
  checkTime(reader, time, action, place, previous);
  return { place, time, action };
}

function parseTime(reader: TokenReader): EventTime {
  if (reader.take("*")) return { kind: "any", at: 0, until: undefined, returns: undefined };
  const kind = reader.take("+") ? "relative" : "absolute";
  const at = parseSeconds(reader);
  const until = reader.take("~") ? parseRangeEnd(reader, kind) : undefined;
  const returns = reader.take("...") ? parseSeconds(reader) : undefined;
  if (until !== undefined && until < at) throw reader.fail("the range of times ends before it begins");
  if (returns !== undefined && returns < at) throw reader.fail("the call returns before it is made");
  return { kind, at, until, returns };
}

function parseRangeEnd(reader: TokenReader, kind: "absolute" | "relative"): number {
  const isRelative = reader.take("+");
  if (isRelative !== (kind === "relative")) {
    throw reader.fail("both ends of a range of times are relative, or neither is");
  }
  return parseSeconds(reader);
}

function parseSeconds(reader: TokenReader): number {
  if (reader.is("-")) throw reader.fail("a time cannot be negative");
  if (!reader.isKind("integer") && !reader.isKind("float")) throw reader.wanted("a time in seconds", "event");
  return microsecondsOf(reader.next().text);
}

function parseAction(reader: TokenReader): Action {
  if (reader.is("<") || reader.is(">")) return parsePacket(reader);
  if (reader.isKind("command")) return parseShell(reader);
  if (reader.isKind("code")) return parseCode(reader);
  if (reader.isKind("word")) return parseCall(reader);
  throw reader.wanted("a packet, a system call, a command or code", "event");
}

function parseCode(reader: TokenReader): CodeAction {
  const token = reader.next();
  return { kind: "code", place: reader.lexer.placeOf(token.start + 2), text: token.text };
}

function checkTime(
  reader: TokenReader,
  time: EventTime,
  action: Action,
  place: ScriptEvent["place"],
  previous: ScriptEvent | undefined,
): void {
  const isExpected = action.kind === "packet" && action.direction === "out";
  const fail = (message: string): never => {
    throw reader.lexer.fail(offsetOf(reader, place), message);
  };
  if (previous === undefined && (time.kind === "any" || time.at !== 0)) fail("the first event is at time 0");
  if (!isExpected && (time.kind === "any" || time.until !== undefined)) {
    fail("only an expected packet may have a range of times, or a star");
  }
  if (time.returns !== undefined && action.kind !== "call") fail("only a system call returns later");
  const before = previous?.time;
  if (time.kind === "absolute" && before?.kind === "absolute" && time.at < before.at) {
    fail("absolute times may not go backwards");
  }
}

function offsetOf(reader: TokenReader, place: ScriptEvent["place"]): number {
  const lines = reader.lexer.source.split("\n").slice(0, place.line - 1);
  return lines.reduce((sum, line) => sum + line.length + 1, 0) + place.column - 1;
}
