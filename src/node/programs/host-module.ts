/**
 * A module of Node's on a host: its functions run in the host, and the sockets, servers and agents that it
 * makes are the host's, wherever they are used.
 */
import type { HandleContext } from "../handles/handle-context.ts";
import { inHost, openToHosts, own } from "./inhabited.ts";

type Function = (this: unknown, ...args: unknown[]) => unknown;

export function hostModule<Module extends object>(context: HandleContext, module: Module): Module {
  openToHosts();
  const bound = new Map<Function, Function>();

  const bind = (member: Function): Function => {
    let known = bound.get(member);
    if (known === undefined) {
      known = new Proxy(member, {
        apply: (target, self, args: unknown[]) => made(inHost(context, () => target.apply(self, args))),
        construct: (target, args: unknown[], type) =>
          made(inHost(context, () => Reflect.construct(target, args, type))) as object,
      });
      bound.set(member, known);
    }
    return known;
  };

  const made = (result: unknown): unknown => {
    if (typeof result !== "object" || result === null) return result;
    keepAgentIn(context, result);
    return own(context, result);
  };

  return new Proxy(module, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name);
      return typeof member === "function" ? bind(member as Function) : member;
    },
  });
}

/** An agent opens its connections in its host, whoever asks. */
function keepAgentIn(context: HandleContext, agent: object): void {
  const { createConnection } = agent as { createConnection?: unknown };
  if (typeof createConnection !== "function") return;
  Object.assign(agent, {
    createConnection: (...args: unknown[]) => inHost(context, () => createConnection.apply(agent, args)),
  });
}
