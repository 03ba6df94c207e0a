/**
 * What a program has asked a handle for, and is waiting for. As in libuv a request keeps the process alive
 * until it is answered, whether its handle is referenced or not, and is answered exactly once.
 */
import { AsyncResource } from "node:async_hooks";
import type { Request } from "./bindings.ts";
import { Hold, type Lifetime } from "./lifetime.ts";

/** Calls whoever asked with 0 or libuv's number, and what else belongs to the answer. */
type Answer = (status: number, ...rest: unknown[]) => void;

export class PendingRequest {
  readonly #hold: Hold;
  #answer: Answer | undefined;

  constructor(lifetime: Lifetime, answer: Answer) {
    this.#answer = answer;
    this.#hold = new Hold(lifetime);
    this.#hold.set(true);
  }

  complete(status: number, ...rest: unknown[]): void {
    const answer = this.#answer;
    this.#answer = undefined;
    this.#hold.set(false);
    answer?.(status, ...rest);
  }
}

/**
 * Asked for by Node's JavaScript: the answer is the request's `oncomplete`, in the request's async context.
 * @param type as async hooks name it
 * @param rest follows the status in the answer
 */
export function scriptRequest(
  lifetime: Lifetime,
  type: string,
  request: Request,
  ...rest: readonly unknown[]
): PendingRequest {
  const resource = new AsyncResource(type);
  return new PendingRequest(lifetime, (status, ...more) => {
    const { oncomplete } = request;
    if (typeof oncomplete !== "function") return;
    resource.runInAsyncScope(oncomplete as Answer, request, status, ...rest, ...more);
  });
}
