/** All that an object and its parts hold, private fields included: as the debugger sees them. */
import inspector from "node:inspector";

interface Value {
  readonly type: string;
  readonly subtype?: string;
  readonly value?: unknown;
  readonly unserializableValue?: string;
  readonly objectId?: string;
}

interface Property {
  readonly name: string;
  readonly value?: Value;
}

/**
 * Paths of numbers, flags and texts below `root`, with their values. Where `skips` says so it goes no deeper.
 */
export function privateState(root: object, skips: (path: string) => boolean): Record<string, unknown> {
  const session = new inspector.Session();
  session.connect();
  const slot = globalThis as { inspected?: object };
  slot.inspected = root;
  const state: Record<string, unknown> = {};
  const walk = (objectId: string, path: string): void => {
    let properties: Property[] = [];
    session.post("Runtime.getProperties", { objectId, ownProperties: true }, (_error, answer) => {
      const { result, privateProperties } = answer as { result: Property[]; privateProperties?: Property[] };
      properties = [...result, ...(privateProperties ?? [])];
    });
    for (const { name, value } of properties) {
      const at = path === "" ? name : `${path}.${name}`;
      if (value === undefined || name === "__proto__" || value.type === "function" || skips(at)) continue;
      if (value.objectId === undefined || value.subtype === "null") {
        state[at] = value.unserializableValue ?? value.value;
      } else {
        walk(value.objectId, at);
      }
    }
  };
  session.post("Runtime.evaluate", { expression: "inspected" }, (_error, answer) => {
    const { result } = answer as { result: Value };
    if (result.objectId !== undefined) walk(result.objectId, "");
  });
  session.disconnect();
  delete slot.inspected;
  return state;
}
