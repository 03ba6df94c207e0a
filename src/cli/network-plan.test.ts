import { expect, test } from "vitest";
import { peerOf } from "./network-plan.ts";
import { parseAddressWithPrefix } from "./quantities.ts";

test.each([
  ["10.77.0.2/24", "10.77.0.1"],
  ["10.77.0.1/24", "10.77.0.2"],
  ["192.168.5.77/16", "192.168.0.1"],
  ["10.0.0.6/30", "10.0.0.5"],
  ["fd77::2/64", "fd77::1"],
  ["fd77::1/120", "fd77::2"],
])("beside %s the kernel gets %s", (ours, kernel) => {
  expect(peerOf(parseAddressWithPrefix(ours))?.toString()).toBe(kernel);
});

test("a subnet of one address, or of two, has no room for the kernel", () => {
  expect(peerOf(parseAddressWithPrefix("10.0.0.1/32"))).toBeUndefined();
  expect(peerOf(parseAddressWithPrefix("fd77::1/128"))).toBeUndefined();
});
