/**
 * The filter of the table of connections: words that a row must have, and terms like `state:established`,
 * `port:80`, `lost>0`; a `-` before one turns it round. All of them must hold.
 */
import type { ConnectionRow } from "../../../../src/inspect/protocol.ts";
import { endText } from "../../text/quantities.ts";

export type RowFilter = (row: ConnectionRow) => boolean;

export type FilterProblem =
  | { readonly kind: "unknown-key"; readonly key: string }
  | { readonly kind: "missing-value"; readonly key: string }
  | { readonly kind: "no-number"; readonly key: string; readonly value: string }
  | { readonly kind: "no-order"; readonly key: string };

export type ParsedFilter =
  | { readonly ok: true; readonly matches: RowFilter }
  | { readonly ok: false; readonly problem: FilterProblem };

type Operator = ":" | "=" | ">" | "<" | ">=" | "<=";

/** A row has it if one of these texts begins with what is asked for. */
const TEXTS: Readonly<Record<string, (row: ConnectionRow) => readonly string[]>> = {
  state: row => [row.state, row.state.replaceAll("-", "")],
  host: row => [row.host, row.local, row.remote],
  local: row => [row.local, endText(row.local, row.localPort)],
  remote: row => [row.remote, endText(row.remote, row.remotePort)],
  cc: row => [row.congestionControl],
  role: row => [row.role],
  verdict: row => row.verdicts,
  error: row => (row.error === undefined ? [] : [row.error]),
};

/** A row has it if one of these numbers compares so. */
const NUMBERS: Readonly<Record<string, (row: ConnectionRow) => readonly number[]>> = {
  port: row => [row.localPort, row.remotePort],
  connection: row => [row.connection],
  lost: row => [row.retransmissions],
  sent: row => [row.bytesSent],
  received: row => [row.bytesReceived],
  up: row => [8 * row.sendRate],
  down: row => [8 * row.receiveRate],
  rate: row => [8 * (row.sendRate + row.receiveRate)],
  srtt: row => [row.srtt],
};

export const FILTER_KEYS: readonly string[] = [...Object.keys(TEXTS), ...Object.keys(NUMBERS)];

/** A round trip time without a unit is one of milliseconds. */
const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  ki: 1024,
  mi: 1024 ** 2,
  gi: 1024 ** 3,
};
const TIME_UNITS: Readonly<Record<string, number>> = { "": 1e3, us: 1, µs: 1, ms: 1e3, s: 1e6 };

const TERM = /^([a-z]+)(>=|<=|[:=><])(.*)$/i;
const NUMBER = /^(\d+(?:\.\d+)?)([a-zµ]*)$/i;

export function parseFilter(text: string): ParsedFilter {
  const all: RowFilter[] = [];
  for (const word of text.trim().split(/\s+/)) {
    if (word === "") continue;
    const isTurned = word.length > 1 && word.startsWith("-");
    const parsed = parseTerm(isTurned ? word.slice(1) : word);
    if (!parsed.ok) return parsed;
    all.push(isTurned ? row => !parsed.matches(row) : parsed.matches);
  }
  return { ok: true, matches: row => all.every(matches => matches(row)) };
}

function parseTerm(word: string): ParsedFilter {
  const [, written = "", operator, value = ""] = TERM.exec(word) ?? [];
  const key = written.toLowerCase();
  if (operator === undefined) return words(word);
  const texts = Object.hasOwn(TEXTS, key) ? TEXTS[key] : undefined;
  const numbers = Object.hasOwn(NUMBERS, key) ? NUMBERS[key] : undefined;
  if (texts === undefined && numbers === undefined) {
    // `fe80::1` is an address, although it has a colon.
    return /^[0-9a-f]{1,4}:[0-9a-f:.%\]]*$/i.test(word)
      ? words(word)
      : { ok: false, problem: { kind: "unknown-key", key: written } };
  }
  if (value === "") return { ok: false, problem: { kind: "missing-value", key } };
  if (numbers !== undefined) return comparison(key, numbers, operator as Operator, value);
  if (texts === undefined || (operator !== ":" && operator !== "=")) {
    return { ok: false, problem: { kind: "no-order", key } };
  }
  const wanted = value.toLowerCase();
  return { ok: true, matches: row => texts(row).some(has => has.toLowerCase().startsWith(wanted)) };
}

function comparison(
  key: string,
  numbers: (row: ConnectionRow) => readonly number[],
  operator: Operator,
  value: string,
): ParsedFilter {
  const [, digits = "", unit = ""] = NUMBER.exec(value) ?? [];
  const units = key === "srtt" ? TIME_UNITS : UNITS;
  const factor = Object.hasOwn(units, unit.toLowerCase()) ? units[unit.toLowerCase()] : undefined;
  if (digits === "" || factor === undefined) return { ok: false, problem: { kind: "no-number", key, value } };
  const wanted = Number(digits) * factor;
  return { ok: true, matches: row => numbers(row).some(number => compares(number, operator, wanted)) };
}

function compares(number: number, operator: Operator, wanted: number): boolean {
  switch (operator) {
    case ">":
      return number > wanted;
    case "<":
      return number < wanted;
    case ">=":
      return number >= wanted;
    case "<=":
      return number <= wanted;
    default:
      return number === wanted;
  }
}

function words(word: string): ParsedFilter {
  const wanted = word.toLowerCase();
  return { ok: true, matches: row => rowText(row).includes(wanted) };
}

/** All that a row shows as text. */
function rowText(row: ConnectionRow): string {
  const local = endText(row.local, row.localPort);
  const remote = endText(row.remote, row.remotePort);
  const rest = `${row.state} ${row.congestionControl} ${row.verdicts.join(" ")} ${row.error ?? ""}`;
  return `${row.host} ${local} ${remote} ${rest}`.toLowerCase();
}
