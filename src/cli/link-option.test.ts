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
  ["loopback", { kind: "loopback" }],
  ["qemu:/run/vm.sock", { kind: "qemu", path: "/run/vm.sock" }],
])("the link %s", (text, choice) => {
  expect(parseLink(text)).toEqual(choice);
});

test.each(["", "tun:", "sim:x", "eth0", "TUN", "user:1", "packet", "packet:", "qemu", "loopback:1"])(
  "%j is no link",
  text => {
    expect(() => parseLink(text)).toThrow("Give sim, user, loopback, tun[:NAME]");
  },
);

const WIRE = "--address and --gateway are for --link tun, tap, packet and qemu.";
const KERNEL = "--no-offload and --busy-poll are for --link tun, tap and packet.";

test.each([
  [{ gateway: [ip("10.0.0.1")] }, WIRE],
  [{ address: [{ address: ip("10.0.0.1"), prefixLength: 8 }] }, WIRE],
  [{ offload: false }, KERNEL],
  [{ busyPoll: microseconds(50) }, KERNEL],
])("%j is refused where there is no such link", async (option, sentence) => {
  await expect(openLink({ link: { kind: "sim" }, ...option })).rejects.toThrow(sentence);
});

test.each([{ pcap: "/nowhere" }, { loss: 0.02 }, { delay: microseconds(50) }])(
  "%j is refused where there is no wire",
  async option => {
    const sentence = "A loopback has no wire to record or to make bad";
    await expect(openLink({ link: { kind: "loopback" }, ...option })).rejects.toThrow(sentence);
  },
);

test("a machine's wire takes addresses, and is no device of the kernel", async () => {
  const link = { kind: "qemu", path: "/nowhere/there/vm.sock" } as const;
  await expect(openLink({ link, offload: false })).rejects.toThrow(KERNEL);
  await expect(openLink({ link, gateway: [ip("10.0.0.1")] })).rejects.toThrow("cannot be made");
});
