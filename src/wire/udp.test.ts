import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ipv4Address, ipv6Address, survivesAnyBytes, uint16, written } from "../../test/support/codec.ts";
import { hex, writeUint16 } from "../base/bytes.ts";
import { ip } from "./address.ts";
import { UDP_HEADER_SIZE, UdpHeader, udpChecksum, udpChecksumIsGood } from "./udp.ts";

const header = (): fc.Arbitrary<UdpHeader> =>
  fc
    .record({
      sourcePort: uint16(),
      destinationPort: uint16(),
      length: fc.integer({ min: 8, max: 0xffff }),
      checksum: uint16(),
    })
    .map(values => Object.assign(new UdpHeader(), values));
const bytesOf = (of: UdpHeader): Uint8Array => written((bytes, at) => of.write(bytes, at));

test("the fields stand where RFC 768 draws them", () => {
  const one = Object.assign(new UdpHeader(), {
    sourcePort: 0x1234,
    destinationPort: 0x5678,
    length: 0x9abc,
    checksum: 0xdef0,
  });
  expect(hex(bytesOf(one))).toBe("123456789abcdef0");
});

test("what is written is read again", () => {
  fc.assert(
    fc.property(header(), before => {
      const bytes = new Uint8Array(before.length);
      bytes.set(bytesOf(before));
      const after = new UdpHeader();
      expect(after.read(bytes, 0, bytes.length)).toBeUndefined();
      expect(after).toEqual(before);
    }),
  );
});

describe("refused", () => {
  const read = (length: number, available: number): unknown => {
    const bytes = new Uint8Array(100);
    bytes.set(bytesOf(Object.assign(new UdpHeader(), { length })));
    return new UdpHeader().read(bytes, 0, available);
  };

  test("fewer than 8 bytes", () => {
    expect(read(8, 7)).toBe("udp-truncated");
  });

  test("a length below the header or past the packet", () => {
    expect(read(7, 100)).toBe("udp-bad-length");
    expect(read(0, 100)).toBe("udp-bad-length");
    expect(read(51, 50)).toBe("udp-bad-length");
  });

  test("but not one below what the IP packet carries", () => {
    expect(read(8, 50)).toBeUndefined();
    expect(read(50, 50)).toBeUndefined();
  });
});

describe("the checksum", () => {
  test("filled, is good; and any changed bit, of an address too, makes it bad", () => {
    const pair = fc.oneof(fc.tuple(ipv4Address(), ipv4Address()), fc.tuple(ipv6Address(), ipv6Address()));
    fc.assert(
      fc.property(
        pair,
        header(),
        fc.uint8Array({ maxLength: 40 }),
        fc.nat(),
        ([from, to], one, payload, where) => {
          one.length = UDP_HEADER_SIZE + payload.length;
          one.checksum = 0;
          const bytes = new Uint8Array(one.length);
          bytes.set(payload, one.write(bytes, 0));
          writeUint16(bytes, 6, udpChecksum(from, to, bytes, 0, bytes.length));
          expect(udpChecksumIsGood(from, to, bytes, 0, bytes.length)).toBe(true);
          const bit = where % (8 * bytes.length);
          bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
          expect(udpChecksumIsGood(from, to, bytes, 0, bytes.length)).toBe(false);
        },
      ),
    );
  });

  test("that sums to zero is sent as all ones (RFC 768)", () => {
    // 0xffff less protocol 17 and twice the length 8, as a source port between unspecified addresses.
    const one = Object.assign(new UdpHeader(), { sourcePort: 0xffff - 17 - 8 - 8 });
    const bytes = bytesOf(one);
    expect(udpChecksum(ip("0.0.0.0"), ip("0.0.0.0"), bytes, 0, 8)).toBe(0xffff);
  });
});

test("arbitrary bytes never throw, and none outside is read", () => {
  survivesAnyBytes(header().map(bytesOf), (bytes, start, end) => {
    const after = new UdpHeader();
    return { problem: after.read(bytes, start, end), ...after };
  });
});
