/** Makes a script's system calls, and holds their results and their times against the script. */
import { isPending, type SysResult } from "../socket/posix/sys-result.ts";
import { Arguments, type CallContext, type CallHandler, type Performed } from "./calls/call-context.ts";
import { CONNECTION_CALLS } from "./calls/connection-calls.ts";
import { DATA_CALLS } from "./calls/data-calls.ts";
import { EVENT_CALLS } from "./calls/event-calls.ts";
import { FILE_CALLS } from "./calls/file-calls.ts";
import { MESSAGE_CALLS } from "./calls/message-calls.ts";
import { OPTION_CALLS } from "./calls/option-calls.ts";
import { ScriptFailure } from "./failure.ts";
import type { CallAction } from "./script.ts";
import type { Stage } from "./stage.ts";
import { CALL_PATIENCE, lateness, secondsText, toleranceFor } from "./time-rules.ts";
import { integerOf } from "./values.ts";

const HANDLERS: ReadonlyMap<string, CallHandler> = new Map(
  [CONNECTION_CALLS, DATA_CALLS, MESSAGE_CALLS, OPTION_CALLS, EVENT_CALLS, FILE_CALLS].flatMap(table =>
    Object.entries(table),
  ),
);

/** Of a call that blocks: script times. */
interface Blocking {
  readonly startedAt: number;
  readonly returnsAt: number;
}

interface Waiting {
  readonly action: CallAction;
  readonly performed: Performed;
  readonly blocking: Blocking;
  result: SysResult | undefined;
  returnedAt: number;
}

export class CallRunner {
  readonly #context: CallContext;
  readonly #stage: Stage;
  #waiting: Waiting | undefined;

  constructor(context: CallContext, stage: Stage) {
    this.#context = context;
    this.#stage = stage;
  }

  get isWaiting(): boolean {
    return this.#waiting !== undefined;
  }

  /** @param returnsAt Of a call that blocks: the script time at which it returns. */
  async run(action: CallAction, returnsAt: number | undefined): Promise<void> {
    await this.#untilFree(action);
    const handler = HANDLERS.get(action.name);
    if (handler === undefined) {
      const message = `the system call ${action.name} is not supported`;
      throw new ScriptFailure("unsupported", action.result.place, message);
    }
    const startedAt = this.#stage.now;
    const performed = handler(new Arguments(action, this.#context), this.#context);
    if (!isPending(performed.outcome)) {
      this.#returned(action, performed, performed.outcome);
      if (returnsAt !== undefined) this.#checkTime(action, { startedAt, returnsAt }, this.#stage.now);
      return;
    }
    const waiting: Waiting = {
      action,
      performed,
      blocking: { startedAt, returnsAt: returnsAt ?? startedAt },
      result: undefined,
      returnedAt: 0,
    };
    this.#waiting = waiting;
    performed.outcome.then(
      result => this.#settled(waiting, result),
      (error: unknown) => this.#settled(waiting, { value: Number.NaN, error } as SysResult),
    );
    // A promise is no proof of blocking: it may be kept at once.
    await this.#stage.world.quiet();
    if (returnsAt === undefined && waiting.result === undefined) {
      throw new ScriptFailure("call", action.result.place, `${action.name} blocks`, {
        expected: this.#expectedText(action),
        actual: "it has not returned",
      });
    }
    this.check();
  }

  /** The waiting call, if it has returned, is held against the script. */
  check(): void {
    const waiting = this.#waiting;
    if (waiting?.result === undefined) return;
    this.#waiting = undefined;
    this.#returned(waiting.action, waiting.performed, waiting.result);
    this.#checkTime(waiting.action, waiting.blocking, waiting.returnedAt);
  }

  /** Nothing may wait when the script is over. */
  finish(): void {
    this.check();
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    const { action } = waiting;
    throw new ScriptFailure("call", action.result.place, `${action.name} still waits when the script ends`, {
      expected: this.#expectedText(action),
      actual: "it has not returned",
    });
  }

  async #untilFree(next: CallAction): Promise<void> {
    if (this.#waiting === undefined) return;
    const limit = this.#stage.now + CALL_PATIENCE;
    const isFree = await this.#stage.waitFor(() => this.#waiting === undefined, limit);
    if (isFree) return;
    const message = `${next.name} cannot be made: ${this.#waiting?.action.name} still waits`;
    throw new ScriptFailure("call", next.result.place, message);
  }

  #settled(waiting: Waiting, result: SysResult): void {
    waiting.result = result;
    waiting.returnedAt = this.#stage.now;
  }

  #returned(action: CallAction, performed: Performed, result: SysResult): void {
    const { name, errno } = action;
    const expected = integerOf(action.result);
    const { labels } = this.#context;
    const isLabel = performed.givesDescriptor === true && expected >= 0;
    const isRight = isLabel ? result.value >= 0 : result.value === expected;
    const hasRightErrno = errno === undefined || result.errno === errno;
    if (!isRight || !hasRightErrno) {
      throw new ScriptFailure("call", action.result.place, `${name} returned ${resultText(result)}`, {
        expected: this.#expectedText(action),
        actual: resultText(result),
      });
    }
    if (isLabel) labels.set(expected, result.value);
    performed.verify?.(result);
  }

  #checkTime(action: CallAction, { startedAt, returnsAt }: Blocking, at: number): void {
    const tolerance = toleranceFor(this.#context.settings, returnsAt - startedAt);
    const late = lateness(at, { from: returnsAt, to: returnsAt }, tolerance);
    if (late === 0) return;
    const off = `${secondsText(Math.abs(late))} s too ${late < 0 ? "early" : "late"}`;
    const message = `${action.name} returned ${off}`;
    throw new ScriptFailure("time", action.result.place, message, {
      expected: `at ${secondsText(returnsAt)}`,
      actual: `at ${secondsText(at)}`,
    });
  }

  #expectedText(action: CallAction): string {
    const value = integerOf(action.result);
    return action.errno === undefined ? String(value) : `${value} ${action.errno}`;
  }
}

export function resultText({ value, errno }: SysResult): string {
  return errno === undefined ? String(value) : `${value} ${errno}`;
}
