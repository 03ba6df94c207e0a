/** What ends a script before its end: one sentence, its place in the file, and what stood against what. */
import type { Place } from "./place.ts";

export type FailureKind =
  /** The file is not a script. */
  | "syntax"
  /** The script asks for what this interpreter or this stack does not have. */
  | "unsupported"
  /** A packet differs from the one expected, or none came. */
  | "packet"
  | "timeout"
  /** Something came or returned at the wrong time. */
  | "time"
  /** A system call returned, or wrote, something else; or blocked where it must not. */
  | "call"
  /** An assertion of a code block does not hold. */
  | "code"
  /** A shell command failed. */
  | "shell"
  /** The stack broke one of its own rules. */
  | "bug";

export interface Sides {
  readonly expected: string;
  readonly actual: string;
}

export class ScriptFailure extends Error {
  override readonly name = "ScriptFailure";
  readonly kind: FailureKind;
  readonly place: Place;
  /** For two columns: the same thing as the script has it and as the stack has it. */
  readonly sides: Sides | undefined;

  constructor(kind: FailureKind, place: Place, message: string, sides?: Sides) {
    super(message);
    this.kind = kind;
    this.place = place;
    this.sides = sides;
  }
}
