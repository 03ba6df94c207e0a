import { expect, test } from "vitest";
import { ip } from "../wire/address.ts";
import { openLink, parseLink } from "./link-option.ts";

test.each([
  ["sim", { kind: "sim", name: undefined }],
  ["user", { kind: "user", name: undefined }],
  ["tun", { kind: "tun", name: undefined }],
  ["tap:my0", { kind: "tap", name: "my0" }],
])("the link %s", (text, choice) => {
  expect(parseLink(text)).toEqual(choice);
});

test.each(["", "tun:", "sim:x", "eth0", "TUN", "user:1"])("%j is no link", text => {
  expect(() => parseLink(text)).toThrow("Give sim, user, tun[:NAME] or tap[:NAME].");
});

test("addresses are refused where the link has its own", async () => {
  const options = { link: { kind: "sim" }, gateway: [ip("10.0.0.1")] } as const;
  await expect(openLink(options)).rejects.toThrow(
    "--address and --gateway are for --link tun and --link tap.",
  );
});
