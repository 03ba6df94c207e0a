import { expect, test } from "vitest";
import { ip } from "../wire/address.ts";
import { Groups } from "./multicast.ts";

test("every interface is in the groups of all hosts and all nodes (RFC 1112 §4, RFC 4291 §2.8)", () => {
  const groups = new Groups();
  for (const group of ["224.0.0.1", "ff01::1", "ff02::1"]) expect(groups.has(ip(group))).toBe(true);
  expect(groups.has(ip("ff02::2"))).toBe(false);
});

test("a group is left when as many have left as had joined (RFC 1112 §7.1)", () => {
  const groups = new Groups();
  const group = ip("239.1.2.3");
  groups.join(group);
  groups.join(group);
  expect(groups.leave(group)).toBe(true);
  expect(groups.has(group)).toBe(true);
  expect(groups.leave(group)).toBe(true);
  expect(groups.has(group)).toBe(false);
  expect(groups.leave(group)).toBe(false);
});
