/**
 * When programs hear of events: in the poll phase of Node's event loop, one by one, and between them the
 * tick queue is run and promises go on, as with the callbacks of libuv. What a call of the program's
 * causes comes in the loop's next turn, never in the one that is running.
 *
 * A message to oneself arrives in the poll phase; an immediate is run after it. Neither alone would do: a
 * message sent in the poll phase arrives in the same, and an immediate in the wrong one.
 */
import type { MessagePort } from "node:worker_threads";
import { Fifo } from "../../base/fifo.ts";
import { throwUncaught } from "./bindings.ts";

/** What the handles need of the event loop. None of the calls keeps the process alive. */
export interface Turns {
  /** The stack has told something, from within a `poll` of its host: `run` is for the next poll phase. */
  happened(run: () => void): void;
  /** A call of the program's has a consequence: `run` is for the loop's next turn. */
  later(run: () => void): void;
}

export class EventLoopTurns implements Turns {
  readonly #receiver: MessagePort;
  readonly #sender: MessagePort;
  readonly #queue = new Fifo<() => void>();
  #nextTurn: Array<() => void> = [];

  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.#receiver = port1;
    this.#sender = port2;
    port1.on("message", () => this.#runNext());
    port1.unref();
    port2.unref();
  }

  happened(run: () => void): void {
    this.#queue.push(run);
    this.#sender.postMessage(null);
  }

  later(run: () => void): void {
    if (this.#nextTurn.push(run) > 1) return;
    setImmediate(() => {
      const due = this.#nextTurn;
      this.#nextTurn = [];
      for (const each of due) this.happened(each);
    });
  }

  /** An exception is nobody's at once, as one from C++; the port would have it wait for the ticks. */
  #runNext(): void {
    try {
      this.#queue.shift()?.();
    } catch (error) {
      throwUncaught(error);
    }
  }

  /** The process waits for messages. */
  ref(): void {
    this.#receiver.ref();
  }

  unref(): void {
    this.#receiver.unref();
  }
}
