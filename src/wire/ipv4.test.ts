import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ipv4Address, survivesAnyBytes, uint8, uint16, written } from "../../test/support/codec.ts";
import { hex } from "../base/bytes.ts";
import { ip } from "./address.ts";
import { Ipv4Header, ipv4ChecksumIsGood } from "./ipv4.ts";

const fields = () =>
  fc.record({
    trafficClass: uint8(),
    totalLength: fc.integer({ min: 60, max: 0xffff }),
    identification: uint16(),
    dontFragment: fc.boolean(),
    moreFragments: fc.boolean(),
    fragmentOffset: fc.nat(0x1fff).map(units => 8 * units),
    hopLimit: uint8(),
    protocol: uint8(),
    source: ipv4Address(),
    destination: ipv4Address(),
    options: fc.nat(10).chain(words => fc.uint8Array({ minLength: 4 * words, maxLength: 4 * words })),
  });

const header = (): fc.Arbitrary<Ipv4Header> =>
  fields().map(values => Object.assign(new Ipv4Header(), values));
const bytesOf = (of: Ipv4Header): Uint8Array => written((bytes, at) => of.write(bytes, at));

/** A header of zeros but for what makes it a good one. */
function minimal(totalLength = 20): Uint8Array {
  const good = new Ipv4Header();
  good.totalLength = totalLength;
  return bytesOf(good);
}

test("the fields stand where RFC 791 §3.1 draws them", () => {
  const one = new Ipv4Header();
  one.trafficClass = 0x12;
  one.totalLength = 0x3456;
  one.identification = 0x789a;
  one.dontFragment = true;
  one.fragmentOffset = 8;
  one.hopLimit = 64;
  one.protocol = 6;
  one.source = ip("10.1.2.3");
  one.destination = ip("192.168.254.255");
  one.options = Uint8Array.of(7, 3, 4);
  expect(hex(bytesOf(one)).replace(/^(.{20})..../, "$1----")).toBe(
    "46123456789a40014006----0a010203c0a8feff07030400",
  );
});

test("the header that Wikipedia and every course sums up: checksum b861", () => {
  const one = new Ipv4Header();
  one.totalLength = 0x73;
  one.dontFragment = true;
  one.hopLimit = 64;
  one.protocol = 17;
  one.source = ip("192.168.0.1");
  one.destination = ip("192.168.0.199");
  const bytes = bytesOf(one);
  expect(hex(bytes)).toBe("45000073000040004011b861c0a80001c0a800c7");
  expect(one.checksum).toBe(0xb861);
});

test("what is written is read again, and its checksum is good", () => {
  fc.assert(
    fc.property(header(), before => {
      const bytes = new Uint8Array(before.totalLength);
      bytes.set(bytesOf(before));
      const after = new Ipv4Header();
      expect(after.read(bytes, 0, bytes.length)).toBeUndefined();
      expect({ ...after }).toEqual({ ...before, optionsStart: 20, optionsEnd: before.headerLength });
      expect(ipv4ChecksumIsGood(bytes, 0, after.headerLength)).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test("a changed bit makes the checksum bad", () => {
  fc.assert(
    fc.property(header(), fc.nat(8 * 20 - 1), (before, bit) => {
      const bytes = bytesOf(before);
      bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (0x80 >> (bit & 7));
      expect(ipv4ChecksumIsGood(bytes, 0, before.headerLength)).toBe(false);
    }),
  );
});

test("options are padded with zeros to a multiple of 4 (RFC 791 §3.1)", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), options => {
      const one = new Ipv4Header();
      one.options = options;
      const bytes = bytesOf(one);
      expect(bytes.length).toBe(20 + Math.ceil(options.length / 4) * 4);
      expect(bytes.length).toBe(one.headerLength);
      expect([...bytes.subarray(20 + options.length)]).toEqual(
        new Array(bytes.length - 20 - options.length).fill(0),
      );
    }),
  );
});

test("a packet without payload is good", () => {
  expect(new Ipv4Header().read(minimal(), 0, 20)).toBeUndefined();
});

test("bytes behind the total length are the link's padding", () => {
  const bytes = new Uint8Array(46);
  bytes.set(minimal(28));
  const after = new Ipv4Header();
  expect(after.read(bytes, 0, 46)).toBeUndefined();
  expect(after.totalLength).toBe(28);
});

test("addresses seen before are the same objects: reading allocates nothing in steady state", () => {
  const bytes = minimal();
  const after = new Ipv4Header();
  after.read(bytes, 0, 20);
  const { source } = after;
  after.read(bytes, 0, 20);
  expect(after.source).toBe(source);
});

describe("refused", () => {
  const read = (bytes: Uint8Array): unknown => new Ipv4Header().read(bytes, 0, bytes.length);
  const changed = (at: number, value: number): Uint8Array => {
    const bytes = minimal();
    bytes[at] = value;
    return bytes;
  };

  test("nothing at all, or a header cut off", () => {
    expect(read(new Uint8Array(0))).toBe("ip-truncated");
    expect(read(minimal().subarray(0, 19))).toBe("ip-truncated");
  });

  test("another version, told even from one byte", () => {
    expect(read(changed(0, 0x65))).toBe("ip-bad-version");
    expect(read(Uint8Array.of(0x60))).toBe("ip-bad-version");
  });

  test("a header length below 20 or past the packet", () => {
    expect(read(changed(0, 0x44))).toBe("ip-bad-header-length");
    expect(read(changed(0, 0x46))).toBe("ip-bad-header-length");
  });

  test("a total length below the header or past the packet", () => {
    expect(read(changed(3, 19))).toBe("ip-bad-total-length");
    expect(read(changed(3, 21))).toBe("ip-bad-total-length");
  });
});

test("the header that an ICMP error quotes may promise more than is quoted (RFC 792)", () => {
  const bytes = minimal(1500);
  const after = new Ipv4Header();
  expect(after.read(bytes, 0, 20)).toBe("ip-bad-total-length");
  expect(after.readQuoted(bytes, 0, 20)).toBeUndefined();
  expect(after.totalLength).toBe(1500);
  expect(after.readQuoted(bytes, 0, 19)).toBe("ip-truncated");
});

test("arbitrary bytes never throw, and none outside is read", () => {
  survivesAnyBytes(header().map(bytesOf), (bytes, start, end) => {
    const after = new Ipv4Header();
    const problem = after.read(bytes, start, end);
    const quoted = new Ipv4Header();
    return { problem, ...after, quoted: [quoted.readQuoted(bytes, start, end), { ...quoted }] };
  });
});
