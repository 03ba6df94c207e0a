import fc from "fast-check";
import { expect, test } from "vitest";
import { mac, survivesAnyBytes, uint16, written } from "../../test/support/codec.ts";
import { hex } from "../base/bytes.ts";
import { ETHERNET_HEADER_SIZE, EthernetHeader } from "./ethernet.ts";
import { BROADCAST_MAC, type MacAddress } from "./mac-address.ts";
import { ETHER_TYPE } from "./protocol.ts";

const header = (): fc.Arbitrary<EthernetHeader> =>
  fc
    .record({ destination: mac(), source: mac(), type: uint16() })
    .map(values => Object.assign(new EthernetHeader(), values));
const bytesOf = (of: EthernetHeader): Uint8Array => written((bytes, at) => of.write(bytes, at));

test("destination first, then source, then type (RFC 894)", () => {
  const one = new EthernetHeader();
  one.destination = BROADCAST_MAC;
  one.source = 0x0200_0000_0001 as MacAddress;
  one.type = ETHER_TYPE.arp;
  expect(hex(bytesOf(one))).toBe("ffffffffffff0200000000010806");
});

test("what is written is read again", () => {
  fc.assert(
    fc.property(header(), before => {
      const after = new EthernetHeader();
      expect(after.read(bytesOf(before), 0, ETHERNET_HEADER_SIZE)).toBeUndefined();
      expect(after).toEqual(before);
    }),
  );
});

test("a frame shorter than its header is refused", () => {
  expect(new EthernetHeader().read(new Uint8Array(14), 0, 13)).toBe("frame-truncated");
});

test("arbitrary bytes never throw, and none outside is read", () => {
  survivesAnyBytes(header().map(bytesOf), (bytes, start, end) => {
    const after = new EthernetHeader();
    return { problem: after.read(bytes, start, end), ...after };
  });
});
