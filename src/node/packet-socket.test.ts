import { expect, test } from "vitest";
import { joinsDatagrams } from "./packet-socket.ts";

test.each([
  ["6.1.0-18-amd64", false],
  ["5.15.0", false],
  ["6.2.0", true],
  ["6.18.44-fc", true],
  ["7.0-rc1", true],
  ["unknown", false],
])("packet sockets of Linux %s take super-datagrams: %s", (release, expected) => {
  expect(joinsDatagrams(release)).toBe(expected);
});
