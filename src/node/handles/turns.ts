/**
 * When programs hear of events: in the phase of the event loop in which libuv calls back for I/O, one by one,
 * each from outside of all JavaScript, so that Node runs the tick queue and promises after it, and between
 * what C++ makes of it: the frames of HTTP/2, the parts of an HTTP message. What a call of the program's
 * causes comes in the loop's next turn, never in the one that is running.
 *
 * A local pipe that fails to connect is told so in that phase, and there Node looks up `oncomplete`, before
 * it has entered what it calls a callback scope: the look-up is where we come in. A message to oneself would
 * arrive in the same phase, but within such a scope, and Node would not run ticks in nested ones.
 */
import { Fifo } from "../../base/fifo.ts";
import { binding, enterScope } from "./bindings.ts";

/** What the handles need of the event loop. No call keeps the process alive for longer than a turn. */
export interface Turns {
  /** The stack has told something, from within a `poll` of its host: `run` is for the next phase of I/O. */
  happened(run: () => void): void;
  /** As `happened`, for what hands something to C++, which then calls JavaScript by itself. */
  arrived(run: () => void): void;
  /** A call of the program's has a consequence: `run` is for the loop's next turn. */
  later(run: () => void): void;
}

const { Pipe, PipeConnectWrap } = binding("pipe_wrap");
const SOCKET = 0;
/** No socket is there, and to find that out takes no time. */
const NOWHERE = "/";

export class EventLoopTurns implements Turns {
  readonly #pipe = new Pipe(SOCKET);
  readonly #Call: new () => object;
  readonly #queue = new Fifo<() => void>();
  /** As long as it is referenced the process waits for events. */
  readonly #anchor = new MessageChannel().port1;
  #nextTurn: Array<() => void> = [];
  #isCalled = false;

  constructor() {
    const runDue = (): void => this.#runDue();
    this.#Call = class extends PipeConnectWrap {
      get oncomplete(): undefined {
        runDue();
        return undefined;
      }
    };
  }

  happened(run: () => void): void {
    this.arrived(() => enterScope(run));
  }

  arrived(run: () => void): void {
    this.#queue.push(run);
    if (!this.#isCalled) this.#call();
  }

  later(run: () => void): void {
    if (this.#nextTurn.push(run) > 1) return;
    setImmediate(() => {
      const due = this.#nextTurn;
      this.#nextTurn = [];
      for (const each of due) this.happened(each);
    });
  }

  ref(): void {
    this.#anchor.ref();
  }

  unref(): void {
    this.#anchor.unref();
  }

  #call(): void {
    this.#isCalled = true;
    this.#pipe.connect(new this.#Call(), NOWHERE);
  }

  /**
   * What is due now. What comes of it is called for again: nothing of Node's own waits for all of it. What a
   * program throws, and does not catch, leaves here untouched, so that Node shows the program's line.
   */
  #runDue(): void {
    this.#isCalled = false;
    let due = this.#queue.length;
    try {
      for (; due > 0; due--) this.#queue.shift()?.();
    } finally {
      // Only where something was thrown is there a rest.
      if (due > 1 && !this.#isCalled) this.#call();
    }
  }
}
