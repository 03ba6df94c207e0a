import { expect, test } from "vitest";
import { ip } from "../../wire/address.ts";
import { addressNotes } from "./address-notes.ts";

const OURS = [{ address: ip("10.77.0.2"), prefixLength: 24 }];

test("link-local addresses are on every interface: nothing to say", () => {
  expect(addressNotes("far0", OURS, ["fe80::1"])).toEqual([]);
});

test("addresses of the kernel's own are out of reach", () => {
  expect(addressNotes("far0", OURS, ["10.77.0.9", "fe80::1", "fd77::9"])).toEqual([
    "The kernel's own addresses on far0 (10.77.0.9, fd77::9) are out of our reach: " +
      "it does not hear what we send there, nor we what it sends.",
  ]);
});

test("an address that is the kernel's and ours", () => {
  expect(addressNotes("far0", OURS, ["10.77.0.2"])).toEqual([
    "The kernel has our address 10.77.0.2 on far0 too, and resets the connections that it does not know: " +
      "give another one with --address.",
  ]);
});
