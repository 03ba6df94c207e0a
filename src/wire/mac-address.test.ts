import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mac, written } from "../../test/support/codec.ts";
import { hex } from "../base/bytes.ts";
import { ip } from "./address.ts";
import {
  BROADCAST_MAC,
  isGroupMac,
  type MacAddress,
  macText,
  multicastMac,
  parseMac,
  readMac,
  writeMac,
  ZERO_MAC,
} from "./mac-address.ts";

const parsed = (text: string): MacAddress => parseMac(text) as MacAddress;

test("bytes and text agree, and each names the address again", () => {
  fc.assert(
    fc.property(mac(), address => {
      const bytes = written((target, at) => {
        writeMac(target, at, address);
        return 6;
      });
      expect(readMac(bytes, 0)).toBe(address);
      expect(macText(address)).toBe(hex(bytes, ":"));
      expect(parseMac(macText(address))).toBe(address);
    }),
  );
});

test("text is lower case and has every digit", () => {
  expect(macText(ZERO_MAC)).toBe("00:00:00:00:00:00");
  expect(macText(BROADCAST_MAC)).toBe("ff:ff:ff:ff:ff:ff");
  expect(macText(parsed("02-0A-00-00-00-01"))).toBe("02:0a:00:00:00:01");
});

test.each(["", "02:00:00:00:00", "02:00:00:00:00:00:00", "2:0:0:0:0:0", "0g:00:00:00:00:00", "020000000001"])(
  "%j names nothing",
  text => {
    expect(parseMac(text)).toBeUndefined();
  },
);

describe("the group bit is the lowest of the first octet (IEEE 802)", () => {
  test.each([
    ["01:00:5e:00:00:01", true],
    ["33:33:00:00:00:01", true],
    ["ff:ff:ff:ff:ff:ff", true],
    ["02:00:00:00:00:01", false],
    ["fe:ff:ff:ff:ff:ff", false],
  ])("%s: %s", (text, expected) => {
    expect(isGroupMac(parsed(text))).toBe(expected);
  });
});

describe("IP multicast goes to", () => {
  test("01:00:5e and the group's low 23 bits (RFC 1112 §6.4)", () => {
    expect(macText(multicastMac(ip("224.0.0.251")))).toBe("01:00:5e:00:00:fb");
    expect(macText(multicastMac(ip("239.255.255.250")))).toBe("01:00:5e:7f:ff:fa");
  });

  test("33:33 and the group's low 32 bits (RFC 2464 §7)", () => {
    expect(macText(multicastMac(ip("ff02::1:ff0e:8c6c")))).toBe("33:33:ff:0e:8c:6c");
    expect(macText(multicastMac(ip("ff02::1")))).toBe("33:33:00:00:00:01");
  });
});
