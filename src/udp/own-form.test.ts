import { expect, test } from "vitest";
import { ip } from "../wire/address.ts";
import { ownForm } from "./own-form.ts";

test.each([
  [4, false, "10.0.0.1", "10.0.0.1"],
  [4, false, "fd00::1", undefined],
  [4, false, "::ffff:10.0.0.1", undefined],
  [6, false, "fd00::1", "fd00::1"],
  [6, false, "10.0.0.1", "10.0.0.1"],
  [6, false, "::ffff:10.0.0.1", "10.0.0.1"],
  [6, true, "fd00::1", "fd00::1"],
  [6, true, "10.0.0.1", undefined],
  [6, true, "::ffff:10.0.0.1", undefined],
] as const)("to an endpoint of IPv%d, v6only %s, %s is %s (RFC 3493 §3.7)", (family, v6only, given, own) => {
  expect(ownForm({ family, v6only }, ip(given))?.toString()).toBe(own);
});
