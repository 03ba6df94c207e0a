/** Outcomes as text for people, and as plain data for machines. */
import type { Outcome, OutcomeFailure } from "./outcome.ts";
import { secondsText } from "./time-rules.ts";

/** How parts of a report may be shown, such as by colour. */
export interface ReportStyle {
  readonly bad: (text: string) => string;
  readonly good: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly strong: (text: string) => string;
}

const same = (text: string): string => text;
export const PLAIN_STYLE: ReportStyle = { bad: same, good: same, faint: same, strong: same };

const KIND_TEXT: Readonly<Record<OutcomeFailure["kind"], string>> = {
  syntax: "syntax error",
  unsupported: "not supported",
  packet: "wrong packet",
  timeout: "no packet",
  time: "wrong time",
  call: "system call",
  code: "assertion",
  shell: "command",
  bug: "fault of the stack",
};

/** `file:line:column`, what is wrong, the line, both sides, the last packets. */
export function failureText(outcome: Outcome, style: ReportStyle = PLAIN_STYLE): string {
  const { failure, name, mode } = outcome;
  if (failure === undefined) return "";
  const { place, line, sides, packets, stack } = failure;
  const lines = [
    `${style.strong(`${name}:${place.line}:${place.column}`)} (${mode}): ` +
      `${style.bad(KIND_TEXT[failure.kind])}: ${failure.message}`,
  ];
  const number = String(place.line);
  const shown = line.replaceAll("\t", " ");
  lines.push(`  ${number} | ${shown}`);
  lines.push(
    `  ${" ".repeat(number.length)} | ${" ".repeat(Math.max(0, place.column - 1))}${style.bad("^")}`,
  );
  if (sides !== undefined) {
    lines.push(`  expected  ${sides.expected}`);
    lines.push(`  actual    ${sides.actual}`);
    const marks = differenceMarks(sides.expected, sides.actual);
    if (marks !== "") lines.push(`            ${style.bad(marks)}`);
  }
  if (packets.length > 0) {
    lines.push(style.faint("  the last packets:"));
    for (const packet of packets) lines.push(style.faint(`    ${packet}`));
  }
  if (stack !== undefined) lines.push(style.faint(stack));
  return lines.join("\n");
}

/** A caret below each word of `actual` that is not in the same place of `expected`. */
export function differenceMarks(expected: string, actual: string): string {
  const wanted = expected.split(" ");
  let marks = "";
  actual.split(" ").forEach((word, index) => {
    marks += (word === wanted[index] ? " " : "^").repeat(word.length).concat(" ");
  });
  return marks.trimEnd();
}

export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

export function tallyOf(outcomes: Iterable<Outcome>): Tally {
  const tally: Tally = { passed: 0, failed: 0, skipped: 0 };
  for (const { status } of outcomes) tally[status]++;
  return tally;
}

export function tallyText({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** A row for each folder, with what became of its scripts. */
export function folderTable(outcomes: readonly Outcome[], style: ReportStyle = PLAIN_STYLE): string {
  const folders = new Map<string, Outcome[]>();
  for (const outcome of outcomes) {
    const folder = folderOf(outcome.name);
    folders.set(folder, [...(folders.get(folder) ?? []), outcome]);
  }
  const width = Math.max("folder".length, ...[...folders.keys()].map(({ length }) => length));
  const row = (folder: string, passed: string, failed: string, skipped: string): string =>
    `${folder.padEnd(width)}  ${passed.padStart(6)}  ${failed.padStart(6)}  ${skipped.padStart(7)}`;
  const lines = [style.faint(row("folder", "passed", "failed", "skipped"))];
  for (const [folder, members] of [...folders].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const { passed, failed, skipped } = tallyOf(members);
    const text = row(folder, String(passed), String(failed), String(skipped));
    lines.push(failed > 0 ? style.bad(text) : text);
  }
  return lines.join("\n");
}

function folderOf(name: string): string {
  const at = name.lastIndexOf("/");
  return at < 0 ? "." : name.slice(0, at);
}

/** Everything that went over the wire, for `-v`. */
export function transcriptText(outcome: Outcome): string {
  const { name, mode, status, duration, transcript, withoutKnob, warnings } = outcome;
  const head = `${name} (${mode}): ${status} after ${secondsText(duration)} s of its time`;
  const notes = [
    ...(withoutKnob.length > 0 ? [`  set without effect: ${withoutKnob.join(", ")}`] : []),
    ...warnings.map(warning => `  tolerated: line ${warning}`),
  ];
  return [head, ...notes, ...transcript.map(line => `  ${line}`)].join("\n");
}

/** What a file of results says of each script. */
export function plainOutcome(outcome: Outcome): Record<string, unknown> {
  const { name, mode, status, reason, failure, warnings, withoutKnob, duration } = outcome;
  return {
    name,
    mode,
    status,
    ...(reason === undefined ? {} : { reason }),
    ...(failure === undefined
      ? {}
      : {
          kind: failure.kind,
          line: failure.place.line,
          column: failure.place.column,
          message: failure.message,
          ...(failure.sides === undefined ? {} : failure.sides),
          packets: failure.packets,
        }),
    ...(warnings.length > 0 ? { warnings } : {}),
    ...(withoutKnob.length > 0 ? { withoutKnob } : {}),
    seconds: duration / 1_000_000,
  };
}
