import { expect, test } from "vitest";
import { microseconds } from "../base/time.ts";
import { ip } from "../wire/address.ts";
import { openLink, parseLink } from "./link-option.ts";

test.each([
  ["sim", { kind: "sim" }],
  ["user", { kind: "user" }],
  ["tun", { kind: "tun", name: undefined }],
  ["tap:my0", { kind: "tap", name: "my0" }],
  ["packet:veth0", { kind: "packet", name: "veth0" }],
])("the link %s", (text, choice) => {
  expect(parseLink(text)).toEqual(choice);
});

test.each(["", "tun:", "sim:x", "eth0", "TUN", "user:1", "packet", "packet:"])("%j is no link", text => {
  expect(() => parseLink(text)).toThrow("Give sim, user, tun[:NAME], tap[:NAME] or packet:NAME.");
});

test.each([
  { gateway: [ip("10.0.0.1")] },
  { address: [{ address: ip("10.0.0.1"), prefixLength: 8 }] },
  { offload: false },
  { busyPoll: microseconds(50) },
])("%j is refused where no device of the kernel is", async option => {
  await expect(openLink({ link: { kind: "sim" }, ...option })).rejects.toThrow(
    "--address, --gateway, --no-offload and --busy-poll are for --link tun, tap and packet.",
  );
});
