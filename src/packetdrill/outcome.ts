/** What became of a script. */
import type { FailureKind, Sides } from "./failure.ts";
import type { Place } from "./place.ts";
import type { AddressMode } from "./settings.ts";

export interface OutcomeFailure {
  readonly kind: FailureKind;
  readonly message: string;
  readonly place: Place;
  /** The line that it is about. */
  readonly line: string;
  readonly sides: Sides | undefined;
  /** The last packets on the wire. */
  readonly packets: readonly string[];
  /** Of a bug: where. */
  readonly stack: string | undefined;
}

export interface Outcome {
  readonly name: string;
  readonly mode: AddressMode;
  readonly status: "passed" | "failed" | "skipped";
  /** Why it was skipped. */
  readonly reason: string | undefined;
  readonly failure: OutcomeFailure | undefined;
  /** Mismatches that the script does not mind. */
  readonly warnings: readonly string[];
  /** Settings that the script made and that the stack does not have. */
  readonly withoutKnob: readonly string[];
  /** How long it took in script time, in µs. */
  readonly duration: number;
  /** All packets and calls, if asked for. */
  readonly transcript: readonly string[];
}
