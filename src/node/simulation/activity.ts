/**
 * Whether the program is at rest: it waits for the network or for a timer, and for nothing else. Only then
 * may the world's clock jump. What keeps it from rest:
 *
 * - callbacks that are on their way (turns of the event loop, immediates);
 * - work that is done in threads: files, cryptography, compression, WebAssembly;
 * - microtasks and ticks, and what they bring about: for those the event loop is let turn until nothing more
 *   has happened for a few turns.
 *
 * Of other things of the operating system's (kernel sockets, child processes, workers) nothing is known here:
 * the clock does not wait for them.
 */
import { type AsyncHook, createHook } from "node:async_hooks";
import timers from "node:timers";
import type { Replacements } from "./replacements.ts";

/** The real one: this file is read before anything is exchanged. */
const nextTurn = setImmediate;

/** A promise's way through Node's own streams and TLS takes this many turns of the loop at most. */
const CALM_TURNS = 3;

/** What Node's threads work on, by the names that async hooks have for it, and how it looks while they do. */
type IsAtWork = (resource: Record<string, unknown>) => boolean;
const isAwaited: IsAtWork = ({ oncomplete, ondone }) =>
  typeof oncomplete === "function" || typeof ondone === "function";
const hasInput: IsAtWork = ({ buffer }) => buffer !== null && buffer !== undefined;
const AT_WORK: Readonly<Record<string, IsAtWork>> = {
  FSREQCALLBACK: isAwaited,
  FSREQPROMISE: () => true,
  FILEHANDLECLOSEREQ: () => true,
  GETADDRINFOREQWRAP: isAwaited,
  ZLIB: hasInput,
  CHECKPRIMEREQUEST: isAwaited,
  CIPHERREQUEST: isAwaited,
  DERIVEBITSREQUEST: isAwaited,
  HASHREQUEST: isAwaited,
  KEYEXPORTREQUEST: isAwaited,
  KEYGENREQUEST: isAwaited,
  KEYPAIRGENREQUEST: isAwaited,
  PBKDF2REQUEST: isAwaited,
  RANDOMBYTESREQUEST: isAwaited,
  RANDOMPRIMEREQUEST: isAwaited,
  SCRYPTREQUEST: isAwaited,
  SIGNREQUEST: isAwaited,
  VERIFYREQUEST: isAwaited,
};

type Compile = (...args: unknown[]) => Promise<unknown>;

interface Work {
  readonly resource: Record<string, unknown>;
  readonly isAtWork: IsAtWork;
}

export class Activity {
  /** Callbacks on their way. */
  #pending = 0;
  /** Grows with all that happens. */
  #count = 0;
  readonly #work = new Map<number, Work>();
  readonly #hook: AsyncHook;

  constructor() {
    this.#hook = createHook({
      init: (id, type, _trigger, resource) => {
        const isAtWork = AT_WORK[type];
        if (isAtWork !== undefined) this.#work.set(id, { resource: resource as Work["resource"], isAtWork });
      },
      // A compressor goes on to its next piece; all others are done with.
      after: id => {
        if (this.#work.get(id)?.isAtWork !== hasInput) this.#work.delete(id);
      },
      destroy: id => {
        this.#work.delete(id);
      },
    });
  }

  start(): void {
    this.#hook.enable();
  }

  stop(): void {
    this.#hook.disable();
    this.#work.clear();
  }

  /** Something happened. */
  touch(): void {
    this.#count++;
  }

  /** The callback as it is to be run later: until then the program is not at rest. */
  expect<Args extends unknown[]>(run: (...args: Args) => void): (...args: Args) => void {
    this.#pending++;
    this.#count++;
    return (...args) => {
      this.#pending--;
      this.#count++;
      run(...args);
    };
  }

  /** The engine compiles WebAssembly in threads of its own, and tells nobody. */
  watchWebAssembly(replacements: Replacements): void {
    const engine = Reflect.get(globalThis, "WebAssembly") as Record<string, Compile>;
    for (const name of ["compile", "instantiate"]) {
      replacements.replace(engine, name, real => (...args) => {
        const result = real.apply(engine, args);
        const done = this.expect(() => {});
        result.then(done, done);
        return result;
      });
    }
  }

  /** What was expected will not come. */
  unexpect(): void {
    this.#pending--;
  }

  /** Immediates are run as ever, but counted. */
  watchImmediates(replacements: Replacements): void {
    const expected = new WeakSet<object>();
    const watched = (run: (...args: unknown[]) => void, ...args: unknown[]): NodeJS.Immediate => {
      const immediate = nextTurn(
        this.expect((...given: unknown[]) => {
          expected.delete(immediate);
          run(...given);
        }),
        ...args,
      );
      expected.add(immediate);
      return immediate;
    };
    for (const place of [globalThis, timers]) {
      replacements.exchange(place, "setImmediate", real =>
        Object.defineProperties(watched as typeof real, Object.getOwnPropertyDescriptors(real)),
      );
      replacements.exchange(place, "clearImmediate", clear => immediate => {
        if (immediate !== undefined && expected.delete(immediate)) this.unexpect();
        clear(immediate);
      });
    }
  }

  /** Comes back when the program is at rest. */
  async rest(): Promise<void> {
    for (let calm = 0; calm < CALM_TURNS; ) {
      const before = this.#count;
      await new Promise<void>(resolve => nextTurn(resolve));
      calm = this.#count === before && this.#pending === 0 && !this.#isWorking() ? calm + 1 : 0;
    }
  }

  #isWorking(): boolean {
    for (const { resource, isAtWork } of this.#work.values()) if (isAtWork(resource)) return true;
    return false;
  }
}
