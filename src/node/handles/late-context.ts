/**
 * A context that is not known yet. Node's classes have to be exchanged before anything has loaded `net`, and
 * what opens the link of the program's host needs `net` itself.
 */
import type { HandleContext } from "./handle-context.ts";

export class LateContext implements HandleContext {
  #context: HandleContext | undefined;

  /** From now on there are sockets. */
  become(context: HandleContext): void {
    this.#context = context;
  }

  get host() {
    return this.#known.host;
  }

  get turns() {
    return this.#known.turns;
  }

  get lifetime() {
    return this.#known.lifetime;
  }

  get tcpPorts() {
    return this.#known.tcpPorts;
  }

  get surroundings() {
    return this.#known.surroundings;
  }

  closing(run: () => void): void {
    this.#known.closing(run);
  }

  get #known(): HandleContext {
    if (this.#context === undefined) throw new Error("The program's network is not open yet.");
    return this.#context;
  }
}
