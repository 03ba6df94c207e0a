import { describe, expect, test } from "vitest";
import { ip } from "../wire/address.ts";
import { type Binding, UdpTable } from "./udp-table.ts";

interface Wanted {
  v6only?: boolean;
  reuseAddress?: boolean;
  reusePort?: boolean;
  local?: string;
  remote?: string;
  remotePort?: number;
}

function binding(family: 4 | 6, wanted: Wanted = {}): Binding {
  return {
    family,
    v6only: wanted.v6only ?? false,
    reuseAddress: wanted.reuseAddress ?? false,
    reusePort: wanted.reusePort ?? false,
    localAddress: wanted.local === undefined ? undefined : ip(wanted.local),
    localPort: 53,
    remoteAddress: wanted.remote === undefined ? undefined : ip(wanted.remote),
    remotePort: wanted.remotePort ?? 0,
  };
}

function tableOf(...bindings: Binding[]): UdpTable<Binding> {
  const table = new UdpTable<Binding>();
  for (const entry of bindings) table.add(entry);
  return table;
}

describe("lookup", () => {
  const any = binding(4);
  const bound = binding(4, { local: "192.0.2.1" });
  const connected = binding(4, { local: "192.0.2.1", remote: "192.0.2.9", remotePort: 1_000 });
  const dual = binding(6);
  const [us, peer] = [ip("192.0.2.1"), ip("192.0.2.9")];

  test("the most specific endpoint wins, in whatever order they were bound", () => {
    for (const table of [tableOf(any, bound, connected, dual), tableOf(dual, connected, bound, any)]) {
      expect(table.lookup(us, 53, peer, 1_000)).toBe(connected);
      expect(table.lookup(us, 53, peer, 1_001)).toBe(bound);
      expect(table.lookup(us, 53, ip("192.0.2.8"), 1_000)).toBe(bound);
      expect(table.lookup(ip("192.0.2.2"), 53, peer, 1_000)).toBe(any);
      expect(table.lookup(ip("2001:db8::1"), 53, ip("2001:db8::9"), 1_000)).toBe(dual);
      expect(table.lookup(us, 54, peer, 1_000)).toBeUndefined();
    }
  });

  test("a wildcard IPv6 endpoint serves IPv4, unless it is v6only (RFC 3493 §3.7, §5.3)", () => {
    expect(tableOf(dual).lookup(us, 53, peer, 1)).toBe(dual);
    expect(tableOf(binding(6, { v6only: true })).lookup(us, 53, peer, 1)).toBeUndefined();
    expect(tableOf(any).lookup(ip("2001:db8::1"), 53, ip("2001:db8::9"), 1)).toBeUndefined();
  });

  test("among thousands of connected ones on a port each is found by its flow, none is compared in vain", () => {
    let looks = 0;
    const flows = Array.from({ length: 2_000 }, (_, i) => {
      const flow = binding(i % 2 === 0 ? 4 : 6, {
        local: i % 2 === 0 ? "192.0.2.1" : "2001:db8::1",
        remote: i % 2 === 0 ? `198.18.0.${i % 250}` : `2001:db8:1::${i % 250}`,
        remotePort: 1_000 + i,
      });
      return {
        ...flow,
        get family() {
          looks++;
          return flow.family;
        },
      };
    });
    const table = tableOf(any, ...flows);
    const find = (flow: Binding): Binding | undefined =>
      table.lookup(flow.localAddress ?? us, 53, flow.remoteAddress ?? peer, flow.remotePort);
    looks = 0;
    expect(flows.every(flow => find(flow) === flow)).toBe(true);
    expect(looks).toBeLessThan(4 * flows.length);
    expect(table.lookup(us, 53, ip("198.18.0.1"), 9)).toBe(any);
    for (const flow of flows) table.remove(flow);
    expect(flows.map(find)).toEqual(
      flows.map(({ localAddress }) => (localAddress?.family === 4 ? any : undefined)),
    );
    expect([...table.entries()]).toEqual([any]);
  });

  test("endpoints that share a port by reusePort share the flows, each flow staying with one", () => {
    const sharing = [1, 2, 3].map(() => binding(4, { reusePort: true }));
    const table = tableOf(...sharing);
    const hits = new Map<Binding | undefined, number>();
    for (let port = 1; port <= 600; port++) {
      const found = table.lookup(us, 53, peer, port);
      expect(table.lookup(us, 53, peer, port)).toBe(found);
      hits.set(found, (hits.get(found) ?? 0) + 1);
    }
    for (const entry of sharing) expect(hits.get(entry)).toBeGreaterThan(100);
  });

  test("flows are shared among the most specific alone, whoever was bound before them", () => {
    const sharing = [1, 2, 3].map(() => binding(4, { local: "192.0.2.1", reusePort: true }));
    const table = tableOf(binding(4, { reusePort: true }), ...sharing);
    for (let port = 1; port <= 50; port++) expect(sharing).toContain(table.lookup(us, 53, peer, port));
  });

  test("of endpoints that share by reuseAddress, the one bound last gets all", () => {
    const sharing = [1, 2].map(() => binding(4, { reuseAddress: true }));
    expect(tableOf(...sharing).lookup(us, 53, peer, 1)).toBe(sharing[1]);
  });
});

describe("isFree", () => {
  test.each<[string, Binding, Binding, boolean]>([
    ["two wildcards", binding(4), binding(4), false],
    ["an address and the wildcard", binding(4, { local: "192.0.2.1" }), binding(4), false],
    ["the wildcard and an address", binding(4), binding(4, { local: "192.0.2.1" }), false],
    ["two addresses", binding(4, { local: "192.0.2.1" }), binding(4, { local: "192.0.2.2" }), true],
    ["one address twice", binding(4, { local: "192.0.2.1" }), binding(4, { local: "192.0.2.1" }), false],
    ["the IPv4 and the IPv6 wildcard", binding(4), binding(6), false],
    ["the IPv6 and the IPv4 wildcard", binding(6), binding(4), false],
    ["the IPv4 wildcard and IPv6 only", binding(4), binding(6, { v6only: true }), true],
    ["an IPv4 address and the IPv6 wildcard", binding(4, { local: "192.0.2.1" }), binding(6), false],
    ["an IPv4 address and IPv6 only", binding(4, { local: "192.0.2.1" }), binding(6, { v6only: true }), true],
    ["an IPv6 address and the IPv4 wildcard", binding(6, { local: "2001:db8::1" }), binding(4), true],
    ["both with reuseAddress", binding(4, { reuseAddress: true }), binding(4, { reuseAddress: true }), true],
    ["both with reusePort", binding(4, { reusePort: true }), binding(4, { reusePort: true }), true],
    ["the IPv4 wildcard and an IPv6 address", binding(4), binding(6, { local: "2001:db8::1" }), true],
    ["one with reuseAddress", binding(4, { reuseAddress: true }), binding(4), false],
    ["the other with reuseAddress", binding(4), binding(4, { reuseAddress: true }), false],
    ["one with reusePort", binding(4, { reusePort: true }), binding(4), false],
    ["the other with reusePort", binding(4), binding(4, { reusePort: true }), false],
    ["different kinds of reuse", binding(4, { reuseAddress: true }), binding(4, { reusePort: true }), false],
  ])("%s: %#", (_, held, wanted, expected) => {
    const table = tableOf(held);
    expect(table.isFree(wanted, wanted.localAddress, 53)).toBe(expected);
    expect(table.isFree(wanted, wanted.localAddress, 54)).toBe(true);
    table.remove(wanted);
    expect([...table.entries()]).toEqual([held]);
    table.remove(held);
    expect(table.isFree(wanted, wanted.localAddress, 53)).toBe(true);
    expect([...table.entries()]).toEqual([]);
  });

  test("who has a port and address may have them again", () => {
    const held = binding(4);
    expect(tableOf(held).isFree(held, undefined, 53)).toBe(true);
  });

  test("an ephemeral port is free on another address", () => {
    const table = tableOf(binding(4, { local: "192.0.2.1" }));
    const wanted = binding(4);
    expect(table.isUnused(wanted, ip("192.0.2.2"), 53)).toBe(true);
    expect(table.isUnused(wanted, ip("192.0.2.1"), 53)).toBe(false);
  });

  test("an ephemeral port is not shared, even by those that would share", () => {
    const sharing = binding(4, { reusePort: true });
    expect(tableOf(sharing).isUnused(binding(4, { reusePort: true }), undefined, 53)).toBe(false);
  });
});
