import { expect, test } from "vitest";
import { ip } from "../wire/address.ts";
import { Addresses } from "./addresses.ts";

test("all of 127/8 is local once there is a loopback address (RFC 1122 §3.2.1.3 g)", () => {
  const addresses = new Addresses();
  expect(addresses.isLocal(ip("127.0.0.1"))).toBe(false);
  addresses.add(ip("127.0.0.1"), 8, 1, "preferred");
  expect(addresses.isLocal(ip("127.1.2.3"))).toBe(true);
  expect(addresses.isLocal(ip("127.1.2.3"), 1)).toBe(true);
  expect(addresses.isLocal(ip("127.1.2.3"), 2)).toBe(false);
  expect(addresses.isLocal(ip("128.0.0.1"))).toBe(false);
  expect(addresses.isBroadcast(ip("127.255.255.255"))).toBe(false);
});

test("neither ::1 nor an address of a network makes 127/8 local", () => {
  const addresses = new Addresses();
  addresses.add(ip("::1"), 128, 1, "preferred");
  addresses.add(ip("10.0.0.1"), 24, 2, "preferred");
  expect(addresses.isLocal(ip("127.0.0.1"))).toBe(false);
  addresses.add(ip("127.0.0.1"), 8, 1, "preferred");
  expect(addresses.isLocal(ip("::2"))).toBe(false);
});

test("a deprecated address is still the host's; a tentative or a duplicate is not (RFC 4862 §5.4, §5.5.4)", () => {
  for (const [state, isUsable] of [
    ["preferred", true],
    ["deprecated", true],
    ["tentative", false],
    ["duplicate", false],
  ] as const) {
    const addresses = new Addresses();
    const local = addresses.add(ip("10.0.0.1"), 24, 1, state);
    expect([local?.isUsable, local?.tentative, local?.deprecated]).toEqual([
      isUsable,
      !isUsable,
      state === "deprecated",
    ]);
    expect(addresses.isLocal(ip("10.0.0.1"))).toBe(isUsable);
    expect(addresses.isBroadcast(ip("10.0.0.255"))).toBe(isUsable);
    expect(addresses.firstOf(1, 4)).toBe(isUsable ? local : undefined);
  }
});

test("an IPv6 subnet has no broadcast address", () => {
  const addresses = new Addresses();
  addresses.add(ip("2001::a00:1"), 24, 1, "preferred");
  addresses.add(ip("10.0.0.1"), 24, 2, "preferred");
  expect(addresses.broadcastOn(ip("10.0.0.255"), 1)).toBe(undefined);
  expect(addresses.isBroadcast(ip("::10.0.0.255"))).toBe(false);
  expect(addresses.broadcastOn(ip("::10.0.0.255"))).toBe(undefined);
});

test.each([
  ["10.0.0.1", 24, "10.0.0.255"],
  ["10.0.0.1", 8, "10.255.255.255"],
  ["10.0.0.1", 30, "10.0.0.3"],
])("the broadcast address of %s/%i is %s (RFC 919 §7)", (address, length, broadcast) => {
  const addresses = new Addresses();
  addresses.add(ip(address), length, 1, "preferred");
  expect(addresses.isBroadcast(ip(broadcast))).toBe(true);
  expect(addresses.isBroadcast(ip(broadcast), 1)).toBe(true);
  expect(addresses.isBroadcast(ip(broadcast), 2)).toBe(false);
  expect(addresses.isBroadcast(ip(address))).toBe(false);
});

test("a /31 and a /32 have no broadcast address (RFC 3021 §2.1)", () => {
  const addresses = new Addresses();
  addresses.add(ip("10.0.0.0"), 31, 1, "preferred");
  addresses.add(ip("10.0.0.5"), 32, 1, "preferred");
  expect(addresses.isBroadcast(ip("10.0.0.1"))).toBe(false);
  expect(addresses.isBroadcast(ip("10.0.0.5"))).toBe(false);
  expect(addresses.isBroadcast(ip("255.255.255.255"))).toBe(true);
});

test("one address may be on two interfaces and be taken from one (RFC 4007 §6)", () => {
  const addresses = new Addresses();
  const address = ip("fe80::1");
  const first = addresses.add(address, 64, 1, "preferred");
  addresses.add(address, 64, 2, "preferred");
  expect(addresses.add(address, 64, 2, "preferred")).toBe(undefined);
  expect(addresses.isLocal(address, 1)).toBe(true);
  if (first !== undefined) addresses.remove(first);
  expect(addresses.isLocal(address, 1)).toBe(false);
  expect(addresses.isLocal(address, 2)).toBe(true);
  expect(addresses.all().map(local => [local.interfaceIndex, local.prefixLength])).toEqual([[2, 64]]);
});

test("every change is seen by those who keep an address, and by the next look-up", () => {
  const addresses = new Addresses();
  const address = ip("10.0.0.1");
  const generations = [addresses.generation];
  const local = addresses.add(address, 24, 1, "tentative");
  generations.push(addresses.generation);
  expect(addresses.isLocal(address)).toBe(false);
  if (local === undefined) throw new Error("not added");
  addresses.changeState(local, "preferred");
  generations.push(addresses.generation);
  expect(addresses.isLocal(address)).toBe(true);
  addresses.remove(local);
  generations.push(addresses.generation);
  expect(addresses.isLocal(address)).toBe(false);
  expect(new Set(generations).size).toBe(4);
});

test("to speak from: the link-local address in IPv6, another in IPv4", () => {
  const addresses = new Addresses();
  for (const text of ["169.254.1.1", "10.0.0.1", "fd00::1", "fe80::1"])
    addresses.add(ip(text), 64 - 40, 1, "preferred");
  expect(String(addresses.firstOf(1, 4)?.address)).toBe("10.0.0.1");
  expect(String(addresses.firstOf(1, 6)?.address)).toBe("fe80::1");
  expect(addresses.firstOf(2, 4)).toBe(undefined);
});

test("what was looked up lately is looked up anew after a change: each of a packet's two addresses", () => {
  const addresses = new Addresses();
  const [ours, theirs] = [ip("10.0.0.1"), ip("10.0.0.2")];
  const local = addresses.add(ours, 24, 1, "preferred");
  const both = (): boolean[] => [addresses.isLocal(ours), addresses.isLocal(theirs)];
  expect([both(), both()].flat()).toEqual([true, false, true, false]);
  if (local !== undefined) addresses.remove(local);
  addresses.add(theirs, 24, 1, "preferred");
  expect([both(), both()].flat()).toEqual([false, true, false, true]);
});
