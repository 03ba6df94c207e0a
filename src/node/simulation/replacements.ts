/**
 * Properties that are others for a while, and what they were before. Named imports of built-ins follow.
 *
 * Libraries take functions out of modules when they are loaded, and keep them. Such functions are given a
 * place-holder, once and for all, that goes to whatever holds at the time: who is loaded after the first
 * simulation was made has the place-holder.
 */
import { syncBuiltinESMExports } from "node:module";

type Call = (this: unknown, ...args: never[]) => unknown;

/** The function as it is now, and as it was before anybody exchanged it. */
interface PlaceHolder {
  current: Call;
  readonly real: Call;
}

const placeHolders = new WeakMap<object, Map<PropertyKey, PlaceHolder>>();

export class Replacements {
  readonly #undo: Array<() => void> = [];

  /** @param value the new one, of which the old one may be a part */
  replace<T extends object, K extends keyof T>(object: T, key: K, value: (before: T[K]) => T[K]): void {
    const before = Object.getOwnPropertyDescriptor(object, key);
    Object.defineProperty(object, key, {
      value: value(object[key]),
      configurable: true,
      writable: true,
      enumerable: before?.enumerable ?? false,
    });
    this.#undo.push(() => {
      if (before === undefined) Reflect.deleteProperty(object, key);
      else Object.defineProperty(object, key, before);
    });
  }

  /** As `replace`, for functions that are kept by those who took them. */
  exchange<T extends object, K extends keyof T>(object: T, key: K, value: (before: T[K]) => T[K]): void {
    const holder = placeHolder(object, key);
    holder.current = value(holder.real as T[K]) as Call;
    this.#undo.push(() => {
      holder.current = holder.real;
    });
  }

  /** To be called when all are there. */
  done(): void {
    syncBuiltinESMExports();
  }

  restore(): void {
    for (const undo of this.#undo.splice(0).reverse()) undo();
    syncBuiltinESMExports();
  }
}

function placeHolder(object: object, key: PropertyKey): PlaceHolder {
  const known = placeHolders.get(object) ?? new Map<PropertyKey, PlaceHolder>();
  placeHolders.set(object, known);
  const holder = known.get(key);
  if (holder !== undefined) return holder;
  const made = standIn(Reflect.get(object, key) as Call);
  known.set(key, made.holder);
  const before = Object.getOwnPropertyDescriptor(object, key);
  Object.defineProperty(object, key, { ...before, value: made.call, configurable: true, writable: true });
  return made.holder;
}

/** What hangs on the function (`util.promisify.custom`) is the current one's too. */
function standIn(real: Call): { holder: PlaceHolder; call: Call } {
  const holder: PlaceHolder = { real, current: real };
  const call = new Proxy(real, {
    apply: (_target, self, args) => Reflect.apply(holder.current, self, args),
    get: (_target, name) => Reflect.get(holder.current, name),
  });
  return { holder, call };
}
