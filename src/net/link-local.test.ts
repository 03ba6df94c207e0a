import { expect, test } from "vitest";
import { type MacAddress, parseMac } from "../wire/mac-address.ts";
import { linkLocalFor } from "./link-local.ts";

test.each([
  ["34:56:78:9a:bc:de", "fe80::3656:78ff:fe9a:bcde"],
  ["02:00:00:00:00:01", "fe80::ff:fe00:1"],
  ["ff:ff:ff:ff:ff:ff", "fe80::fdff:ffff:feff:ffff"],
])("%s makes %s (RFC 2464 §4 and §5)", (mac, address) => {
  expect(String(linkLocalFor(parseMac(mac) as MacAddress))).toBe(address);
});
