import { SocketAddress } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ipv4Address, ipv6Address, written } from "../../test/support/codec.ts";
import {
  AddressCache,
  ALL_NODES,
  ALL_ROUTERS,
  ANY_V4,
  ANY_V6,
  type IpAddress,
  ip,
  LIMITED_BROADCAST,
  LOOPBACK_V4,
  LOOPBACK_V6,
  parseIpAddress,
  solicitedNode,
} from "./address.ts";

const anyAddress = (): fc.Arbitrary<IpAddress> => fc.oneof(ipv4Address(), ipv6Address());

describe("text", () => {
  test.each([
    // RFC 5952 §4.1 – §4.3, §5
    ["2001:0db8::0001", "2001:db8::1"],
    ["2001:db8:0:0:0:0:2:1", "2001:db8::2:1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:DB8::AAAA", "2001:db8::aaaa"],
    ["::ffff:192.0.2.1", "::ffff:192.0.2.1"],
    ["0:0:0:0:0:0:0:0", "::"],
    ["0:0:0:0:0:0:0:1", "::1"],
    ["1:0:0:0:0:0:0:0", "1::"],
    ["1::8", "1::8"],
    ["1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"],
    ["::1.2.3.4", "::102:304"],
    ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
    ["192.0.2.1", "192.0.2.1"],
    ["255.255.255.255", "255.255.255.255"],
  ])("%s is written %s (RFC 5952)", (given, canonical) => {
    expect(ip(given).toString()).toBe(canonical);
  });

  test("any address's text names it again", () => {
    fc.assert(
      fc.property(anyAddress(), address => {
        expect(parseIpAddress(address.toString())?.equals(address)).toBe(true);
      }),
    );
  });

  test("is what Node writes", () => {
    fc.assert(
      fc.property(ipv6Address(), address => {
        // Node keeps a dotted tail for the deprecated IPv4-compatible form too; RFC 5952 §5 does not ask for
        // it.
        fc.pre(address.w0 !== 0 || address.w1 !== 0 || address.w2 !== 0);
        const node = new SocketAddress({ address: address.toString(), family: "ipv6" });
        expect(node.address).toBe(address.toString());
      }),
    );
  });

  test.each([
    "",
    ":",
    ":::",
    "1",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.256",
    "01.2.3.4",
    "1.2.3.4 ",
    "1.2.3.-4",
    "0x1.2.3.4",
    "1.2.3.4:80",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
    "1::2::3",
    "1::2::",
    "::1::",
    ":1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:",
    "12345::",
    "g::",
    "::1%eth0",
    "[::1]",
    "::1.2.3",
    "1.2.3.4::",
    "::1.2.3.4:5",
    "1:2:3:4:5:6:7:1.2.3.4",
  ])("%j names nothing", text => {
    expect(parseIpAddress(text)).toBeUndefined();
    expect(() => ip(text)).toThrow(RangeError);
  });

  test("any text is taken or refused, never thrown at", () => {
    const characters = fc.constantFrom(..."0123456789abcdefFg:.% ");
    fc.assert(
      fc.property(fc.string({ unit: characters, maxLength: 24 }), text => {
        const address = parseIpAddress(text);
        if (address !== undefined) expect(ip(address.toString()).equals(address)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

test("what is written is read again", () => {
  fc.assert(
    fc.property(anyAddress(), address => {
      const bytes = written((target, at) => address.write(target, at));
      expect(bytes.length).toBe(address.size);
      const again = new AddressCache().read(address.family, bytes, 0);
      expect(again).toEqual(address);
      expect(again.equals(address)).toBe(true);
      expect(again.hash()).toBe(address.hash());
    }),
  );
});

describe("equality", () => {
  test("needs every word and the family", () => {
    expect(ip("::ffff:10.0.0.1").equals(ip("10.0.0.1"))).toBe(false);
    for (const other of ["1::", "0:0:1::", "0:0:0:0:1::", "::1"])
      expect(ip(other).equals(ANY_V6)).toBe(false);
    expect(ip("::1").equals(LOOPBACK_V6)).toBe(true);
  });

  test("hashes of 10,000 neighboring addresses hardly collide", () => {
    const hashes = new Set<number>();
    for (let i = 0; i < 10_000; i++) hashes.add(ip(`10.1.${i >> 8}.${i & 255}`).hash());
    expect(hashes.size).toBeGreaterThan(9_950);
  });
});

describe("kinds of addresses (RFC 4291 §2.4, RFC 1122 §3.2.1.3)", () => {
  const kinds = (text: string): string[] => {
    const address = ip(text);
    return [
      address.isUnspecified ? "unspecified" : "",
      address.isLoopback ? "loopback" : "",
      address.isMulticast ? "multicast" : "",
      address.isLimitedBroadcast ? "broadcast" : "",
      address.isLinkLocal ? "link-local" : "",
      address.isMappedV4 ? "mapped" : "",
    ].filter(kind => kind !== "");
  };

  test.each([
    ["0.0.0.0", ["unspecified"]],
    ["::", ["unspecified"]],
    ["127.0.0.1", ["loopback"]],
    ["127.255.0.9", ["loopback"]],
    ["::1", ["loopback"]],
    ["1::1", []],
    ["0:0:1::1", []],
    ["0:0:0:0:1::1", []],
    ["1::", []],
    ["0:0:1::", []],
    ["0:0:0:0:1::", []],
    ["1::ffff:1.2.3.4", []],
    ["0:0:1::ffff:1.2.3.4", []],
    ["::ffff:ffff", []],
    ["224.0.0.1", ["multicast"]],
    ["239.255.255.255", ["multicast"]],
    ["240.0.0.1", []],
    ["223.255.255.255", []],
    ["ff02::1", ["multicast"]],
    ["255.255.255.255", ["broadcast"]],
    ["169.254.1.1", ["link-local"]],
    ["169.255.1.1", []],
    ["fe80::1", ["link-local"]],
    ["febf::1", ["link-local"]],
    ["fec0::1", []],
    ["::ffff:1.2.3.4", ["mapped"]],
    ["8.8.8.8", []],
    ["2001:db8::1", []],
  ])("%s: %j", (text, expected) => {
    expect(kinds(text)).toEqual(expected);
  });

  test("the named ones are what they are called", () => {
    const named = [ANY_V4, ANY_V6, LOOPBACK_V4, LOOPBACK_V6, LIMITED_BROADCAST, ALL_NODES, ALL_ROUTERS];
    expect(named.map(String)).toEqual([
      "0.0.0.0",
      "::",
      "127.0.0.1",
      "::1",
      "255.255.255.255",
      "ff02::1",
      "ff02::2",
    ]);
  });

  test("the solicited-node group ends in the address's last 24 bits (RFC 4291 §2.7.1)", () => {
    expect(String(solicitedNode(ip("4037::01:800:200e:8c6c")))).toBe("ff02::1:ff0e:8c6c");
  });
});

describe("prefixes", () => {
  test.each([
    ["10.0.0.0", "10.0.0.0", 32],
    ["10.0.0.0", "10.0.0.1", 31],
    ["0.0.0.0", "128.0.0.0", 0],
    ["2001:db8::", "2001:db8::1", 127],
    ["2001:db8::", "2001:db8:0:1::", 63],
    ["2001:db8::", "2001:db8:0:0:8000::", 64],
    ["2001:db8::", "2001:db8:0:0:0:1::", 95],
    ["::", "8000::", 0],
    ["::1", "::1", 128],
  ])("%s and %s share %i bits", (a, b, bits) => {
    expect(ip(a).commonPrefix(ip(b))).toBe(bits);
    expect(ip(b).commonPrefix(ip(a))).toBe(bits);
    expect(ip(a).samePrefix(ip(b), bits)).toBe(true);
    expect(ip(a).samePrefix(ip(b), bits + 1)).toBe(false);
  });

  test("addresses of two families share none, not even the empty one", () => {
    expect(ip("10.0.0.1").samePrefix(ip("::ffff:10.0.0.1"), 0)).toBe(false);
  });
});

test("the cache tells addresses apart by each of their words, and by their family", () => {
  const cache = new AddressCache();
  const read = (address: IpAddress): IpAddress => {
    const bytes = new Uint8Array(16);
    address.write(bytes, 0);
    return cache.read(address.family, bytes, 0);
  };
  // Addresses like these share one slot: the words in it cancel out.
  const alike = ["::5", "1::5", "0:0:1:1::5", "0:0:0:0:1::5", "::ffff:0.0.0.5", "0.0.0.5"].map(ip);
  for (const one of alike) {
    for (const other of alike) {
      read(one);
      expect(read(other).equals(other)).toBe(true);
    }
  }
});

test("the cache gives the same object for the same address, and never a wrong one", () => {
  const cache = new AddressCache();
  fc.assert(
    fc.property(anyAddress(), address => {
      const bytes = new Uint8Array(16);
      address.write(bytes, 0);
      const first = cache.read(address.family, bytes, 0);
      expect(first.equals(address)).toBe(true);
      expect(cache.read(address.family, bytes, 0)).toBe(first);
    }),
    { numRuns: 1_000 },
  );
});
