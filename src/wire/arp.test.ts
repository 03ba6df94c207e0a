import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ipv4Address, mac, survivesAnyBytes, uint16, written } from "../../test/support/codec.ts";
import { hex } from "../base/bytes.ts";
import { ip } from "./address.ts";
import { ARP_OPERATION, ARP_PACKET_SIZE, ArpPacket } from "./arp.ts";
import type { MacAddress } from "./mac-address.ts";

const packet = (): fc.Arbitrary<ArpPacket> =>
  fc
    .record({
      operation: uint16(),
      senderMac: mac(),
      senderIp: ipv4Address(),
      targetMac: mac(),
      targetIp: ipv4Address(),
    })
    .map(values => Object.assign(new ArpPacket(), values));
const bytesOf = (of: ArpPacket): Uint8Array => written((bytes, at) => of.write(bytes, at));

test("the fields stand in RFC 826's order", () => {
  const one = new ArpPacket();
  one.operation = ARP_OPERATION.reply;
  one.senderMac = 0x0200_0000_0001 as MacAddress;
  one.senderIp = ip("10.0.0.1");
  one.targetMac = 0x0200_0000_0002 as MacAddress;
  one.targetIp = ip("10.0.0.2");
  expect(hex(bytesOf(one))).toBe("00010800060400020200000000010a0000010200000000020a000002");
});

test("what is written is read again, in a frame padded to Ethernet's 46 bytes too", () => {
  fc.assert(
    fc.property(packet(), before => {
      const bytes = new Uint8Array(46);
      bytes.set(bytesOf(before));
      const after = new ArpPacket();
      expect(after.read(bytes, 0, ARP_PACKET_SIZE)).toBeUndefined();
      expect({ ...after }).toEqual({ ...before });
      expect(after.read(bytes, 0, 46)).toBeUndefined();
    }),
  );
});

describe("refused", () => {
  test.each([
    ["a hardware type that is not Ethernet's", 1, 6],
    ["a protocol type that is not IPv4's", 3, 0xdd],
    ["another size of hardware addresses", 4, 8],
    ["another size of protocol addresses", 5, 16],
  ])("%s", (_name, at, value) => {
    const bytes = bytesOf(new ArpPacket());
    bytes[at] = value;
    expect(new ArpPacket().read(bytes, 0, bytes.length)).toBe("arp-malformed");
  });

  test("a packet cut off", () => {
    expect(new ArpPacket().read(bytesOf(new ArpPacket()), 0, 27)).toBe("arp-malformed");
  });
});

test("arbitrary bytes never throw, and none outside is read", () => {
  survivesAnyBytes(packet().map(bytesOf), (bytes, start, end) => {
    const after = new ArpPacket();
    return { problem: after.read(bytes, start, end), ...after };
  });
});
