import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { IpAddress, ip } from "../../wire/address.ts";
import { endpointIn, giveAddress, givenAddress, readEndpoint, sockaddr } from "./addresses.ts";
import { AF_INET, AF_INET6 } from "./constants.ts";

describe("struct sockaddr_in and sockaddr_in6 on a little-endian machine", () => {
  test("their bytes", () => {
    const four = sockaddr(AF_INET, { address: ip("192.0.2.1"), port: 0x1234 });
    expect([...four]).toEqual([2, 0, 0x12, 0x34, 192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    const six = sockaddr(AF_INET6, { address: ip("2001:db8::1"), port: 80 });
    expect(six.length).toBe(28);
    expect([...six.subarray(0, 12)]).toEqual([10, 0, 0, 80, 0, 0, 0, 0, 0x20, 1, 0xd, 0xb8]);
    expect([...sockaddr(AF_INET)]).toEqual([2, ...Array(15).fill(0)]);
  });

  test("IPv6 sockets name IPv4 by mapped addresses, which are read as IPv4 (RFC 3493 §3.7)", () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(0xffff), (word, port) => {
        const bytes = sockaddr(AF_INET6, { address: IpAddress.v4(word), port });
        const read = readEndpoint({ family: AF_INET6, bytes });
        expect(read.address.equals(IpAddress.v4(word))).toBe(true);
        expect(read.port).toBe(port);
      }),
    );
  });
});

describe("what a call is given", () => {
  test("lengths and pointers: Linux's move_addr_to_kernel", () => {
    expect(givenAddress(new Uint8Array(16), -1)).toBe("EINVAL");
    expect(givenAddress(new Uint8Array(200))).toBe("EINVAL");
    expect(givenAddress(null, 16)).toBe("EFAULT");
    expect(givenAddress(new Uint8Array(8), 16)).toBe("EFAULT");
    expect(givenAddress(null, 0)).toMatchObject({ family: 0 });
  });

  test("a socket's domain wants its own length and family", () => {
    const given = (bytes: Uint8Array) => ({ family: bytes[0] as number, bytes });
    expect(endpointIn(AF_INET, given(sockaddr(AF_INET).subarray(0, 15)))).toBe("EINVAL");
    expect(endpointIn(AF_INET, given(sockaddr(AF_INET6)))).toBe("EAFNOSUPPORT");
    expect(endpointIn(AF_INET6, given(sockaddr(AF_INET)))).toBe("EINVAL");
    expect(endpointIn(AF_INET6, given(sockaddr(AF_INET6).subarray(0, 24)))).toMatchObject({ port: 0 });
  });

  test("an address is given as far as there is room, with the length that it has", () => {
    const out = { bytes: new Uint8Array(4), length: 3 };
    expect(giveAddress(out, Uint8Array.of(1, 2, 3, 4, 5))).toBeUndefined();
    expect([...out.bytes, out.length]).toEqual([1, 2, 3, 0, 5]);
    expect(giveAddress({ bytes: null, length: 3 }, Uint8Array.of(1))).toBe("EFAULT");
    expect(giveAddress({ bytes: null, length: 0 }, Uint8Array.of(1))).toBeUndefined();
    expect(giveAddress({ bytes: null, length: -1 }, Uint8Array.of(1))).toBe("EINVAL");
  });
});
