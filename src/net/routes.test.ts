import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { IpAddress, ip } from "../wire/address.ts";
import { type Route, Routes } from "./routes.ts";

function route(prefix: string, more: Partial<Route> = {}): Route {
  const [address, length] = prefix.split("/") as [string, string];
  return {
    destination: ip(address),
    prefixLength: Number(length),
    gateway: undefined,
    interfaceIndex: 1,
    metric: 0,
    source: undefined,
    mtu: undefined,
    ...more,
  };
}

describe("lookup", () => {
  test("the longest prefix wins whatever the order of adding (RFC 1812 §5.2.4.3)", () => {
    const routes = new Routes();
    const any = routes.add(route("0.0.0.0/0"));
    const narrow = routes.add(route("10.1.2.0/24"));
    const wide = routes.add(route("10.0.0.0/8"));
    const host = routes.add(route("10.1.2.3/32"));
    expect(routes.lookup(ip("10.1.2.3"))).toBe(host);
    expect(routes.lookup(ip("10.1.2.4"))).toBe(narrow);
    expect(routes.lookup(ip("10.9.9.9"))).toBe(wide);
    expect(routes.lookup(ip("192.0.2.1"))).toBe(any);
  });

  test("the families do not see each other's default route", () => {
    const routes = new Routes();
    routes.add(route("0.0.0.0/0"));
    expect(routes.lookup(ip("2001:db8::1"))).toBeUndefined();
    expect(routes.lookup(ip("::ffff:10.0.0.1"))).toBeUndefined();
    const v6 = routes.add(route("::/0"));
    expect(routes.lookup(ip("2001:db8::1"))).toBe(v6);
  });

  test("among routes to one prefix the lowest metric wins, then the one added first", () => {
    const routes = new Routes();
    const third = routes.add(route("10.0.0.0/8", { metric: 20 }));
    const first = routes.add(route("10.0.0.0/8", { metric: 10, interfaceIndex: 2 }));
    const second = routes.add(route("10.0.0.0/8", { metric: 10, interfaceIndex: 3 }));
    const order: Array<Route | undefined> = [];
    for (const expected of [first, second, third]) {
      order.push(routes.lookup(ip("10.0.0.1")));
      routes.remove(expected);
    }
    expect(order).toEqual([first, second, third]);
    expect(routes.lookup(ip("10.0.0.1"))).toBeUndefined();
  });

  test("a search on one interface passes over longer prefixes of others", () => {
    const routes = new Routes();
    const any = routes.add(route("0.0.0.0/0", { interfaceIndex: 2 }));
    routes.add(route("10.0.0.0/8", { interfaceIndex: 1 }));
    expect(routes.lookup(ip("10.0.0.1"), 2)).toBe(any);
    expect(routes.lookup(ip("10.0.0.1"), 3)).toBeUndefined();
  });

  test("bits of the destination beyond the prefix do not count", () => {
    const routes = new Routes();
    const added = routes.add(route("10.1.2.3/8"));
    expect(routes.lookup(ip("10.200.0.1"))).toBe(added);
    expect(routes.lookup(ip("11.1.2.3"))).toBeUndefined();
  });
});

test("prefixes whose hashes collide are kept apart, whichever goes first", () => {
  // The table's hash is the last word, xor the word before it times this number.
  const colliding = [1, 2, 3].map(word => IpAddress.v6(0, 0, word, Math.imul(word, 0x9e3779b1) ^ 0x1234));
  for (const [gone, ...kept] of [
    [0, 1, 2],
    [1, 0, 2],
    [2, 0, 1],
  ] as Array<[number, number, number]>) {
    const routes = new Routes();
    const added = colliding.map(destination =>
      routes.add({ ...route("::/0"), destination, prefixLength: 128 }),
    );
    const any = routes.add(route("::/0"));
    routes.remove(added[gone] as Route);
    expect(routes.lookup(colliding[gone] as IpAddress)).toBe(any);
    for (const index of kept) expect(routes.lookup(colliding[index] as IpAddress)).toBe(added[index]);
  }
});

test("the generation grows at each change and at nothing else", () => {
  const routes = new Routes();
  const added = routes.add(route("10.0.0.0/8"));
  const afterAdd = routes.generation;
  expect(afterAdd).toBeGreaterThan(0);
  routes.add(added);
  routes.lookup(ip("10.0.0.1"));
  expect(routes.remove(route("10.0.0.0/8"))).toBe(false);
  routes.removeInterface(7);
  expect(routes.generation).toBe(afterAdd);
  expect(routes.remove(added)).toBe(true);
  expect(routes.generation).toBeGreaterThan(afterAdd);
});

/** Few distinct bits, so that prefixes nest and repeat. */
const address = fc.oneof(
  fc
    .tuple(fc.constantFrom(0x0a000000, 0xc0a80000), fc.integer({ min: 0, max: 15 }))
    .map(([base, low]) => IpAddress.v4(base | (low << 14) | low)),
  fc
    .tuple(fc.constantFrom(0x20010db8, 0xfd000000), fc.integer({ min: 0, max: 15 }))
    .map(([base, low]) => IpAddress.v6(base, low << 12, low << 30, low)),
);
const someRoute = fc
  .record({
    destination: address,
    length: fc.constantFrom(0, 1, 8, 18, 24, 31, 32, 33, 52, 64, 96, 98, 127, 128),
    interfaceIndex: fc.integer({ min: 1, max: 3 }),
    metric: fc.integer({ min: 0, max: 2 }),
  })
  .map(
    ({ destination, length, interfaceIndex, metric }): Route => ({
      destination,
      prefixLength: Math.min(length, destination.size * 8),
      gateway: undefined,
      interfaceIndex,
      metric,
      source: undefined,
      mtu: undefined,
    }),
  );
const change = fc.oneof(
  { weight: 6, arbitrary: someRoute },
  { weight: 3, arbitrary: fc.nat({ max: 30 }).map(remove => ({ remove })) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 3 }).map(gone => ({ gone })) },
);

test("after any changes a look-up finds what a search of all routes finds", () => {
  fc.assert(
    fc.property(
      fc.array(change, { maxLength: 40 }),
      fc.array(address, { minLength: 8 }),
      (changes, probes) => {
        const routes = new Routes();
        let model: Route[] = [];
        for (const step of changes) {
          if ("remove" in step) {
            const gone = model[step.remove];
            if (gone !== undefined) expect(routes.remove(gone)).toBe(true);
            model = model.filter(entry => entry !== gone);
          } else if ("gone" in step) {
            routes.removeInterface(step.gone);
            model = model.filter(entry => entry.interfaceIndex !== step.gone);
          } else {
            model.push(routes.add({ ...step }));
          }
        }
        expect(routes.entries()).toEqual(model);
        for (const probe of probes) {
          for (const index of [undefined, 1, 2]) {
            expect(routes.lookup(probe, index)).toBe(search(model, probe, index));
          }
        }
      },
    ),
    { numRuns: 200 },
  );
});

function search(model: Route[], probe: IpAddress, interfaceIndex: number | undefined): Route | undefined {
  let best: Route | undefined;
  for (const entry of model) {
    if (!entry.destination.samePrefix(probe, entry.prefixLength)) continue;
    if (interfaceIndex !== undefined && entry.interfaceIndex !== interfaceIndex) continue;
    const better =
      best === undefined ||
      entry.prefixLength > best.prefixLength ||
      (entry.prefixLength === best.prefixLength && entry.metric < best.metric);
    if (better) best = entry;
  }
  return best;
}
