import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { IP_PROTOCOL } from "../../wire/protocol.ts";
import { holdsHeaderChain, perFragmentHeaders, walkHeaderChain } from "./header-chain.ts";

/** 40 bytes of IPv6 header of which only the next header counts here, and what follows. */
function packet(nextHeader: number, ...rest: number[]): Uint8Array {
  const bytes = new Uint8Array(40 + rest.length);
  bytes[6] = nextHeader;
  bytes.set(rest, 40);
  return bytes;
}

const padding = (next: number): number[] => [next, 0, 1, 4, 0, 0, 0, 0];
const fragment = (next: number, offset: number): number[] => [
  next,
  0,
  offset >>> 8,
  offset & 0xff,
  0,
  0,
  0,
  1,
];

describe("walkHeaderChain", () => {
  test("finds the upper header behind options and a first fragment's header", () => {
    const bytes = packet(
      IP_PROTOCOL.hopByHop,
      ...padding(IP_PROTOCOL.fragment),
      ...fragment(IP_PROTOCOL.udp, 0),
      1,
    );
    expect(walkHeaderChain(bytes, 0, bytes.length)).toEqual({
      protocol: IP_PROTOCOL.udp,
      at: 56,
      isLaterFragment: false,
    });
  });

  test("stops at a later fragment, behind which there are no headers", () => {
    const bytes = packet(IP_PROTOCOL.fragment, ...fragment(IP_PROTOCOL.destinationOptions, 8), 1, 2, 3);
    expect(walkHeaderChain(bytes, 0, bytes.length)).toEqual({
      protocol: IP_PROTOCOL.destinationOptions,
      at: 48,
      isLaterFragment: true,
    });
  });

  test("a chain that is cut off leads nowhere", () => {
    const bytes = packet(IP_PROTOCOL.destinationOptions, IP_PROTOCOL.udp, 1, 1, 12, 0, 0, 0, 0);
    expect(walkHeaderChain(bytes, 0, bytes.length)).toBeUndefined();
    expect(walkHeaderChain(bytes, 0, 39)).toBeUndefined();
  });

  test("the chain may end with the packet, but not beyond it", () => {
    const options = packet(IP_PROTOCOL.hopByHop, ...padding(IP_PROTOCOL.udp), 1, 2, 3, 4, 5, 6, 7, 8);
    expect(walkHeaderChain(options, 0, 48)).toEqual({
      protocol: IP_PROTOCOL.udp,
      at: 48,
      isLaterFragment: false,
    });
    expect(walkHeaderChain(options, 0, 47)).toBeUndefined();
    const bare = packet(IP_PROTOCOL.udp, 1, 2, 3, 4, 5, 6, 7, 8);
    expect(walkHeaderChain(bare, 0, 40)).toEqual({
      protocol: IP_PROTOCOL.udp,
      at: 40,
      isLaterFragment: false,
    });
    expect(walkHeaderChain(bare, 0, 39)).toBeUndefined();
  });
});

describe("perFragmentHeaders", () => {
  test("is the IPv6 header alone where no hop-by-hop options and no routing header follow", () => {
    const bare = packet(IP_PROTOCOL.udp, 1, 2, 3, 4, 5, 6, 7, 8);
    expect(perFragmentHeaders(bare, 0, 40)).toEqual({ end: 40, nextHeaderAt: 6 });
    expect(perFragmentHeaders(bare, 0, 39)).toBeUndefined();
  });

  test("of a chain that is cut off there are none", () => {
    const options = packet(IP_PROTOCOL.hopByHop, ...padding(IP_PROTOCOL.udp), 1, 2, 3, 4, 5, 6, 7, 8);
    expect(perFragmentHeaders(options, 0, 48)).toEqual({ end: 48, nextHeaderAt: 40 });
    expect(perFragmentHeaders(options, 0, 47)).toBeUndefined();
  });
});

test("a first fragment must hold every header up to the upper one (RFC 7112 §5)", () => {
  const chain = Uint8Array.from([...padding(IP_PROTOCOL.tcp), ...new Array<number>(20).fill(0)]);
  const { destinationOptions, icmpv6, udp } = IP_PROTOCOL;
  expect(holdsHeaderChain(destinationOptions, chain, 0, 28)).toBe(true);
  expect(holdsHeaderChain(destinationOptions, chain, 0, 27)).toBe(false);
  expect(holdsHeaderChain(destinationOptions, chain, 0, 8)).toBe(false);
  expect(holdsHeaderChain(destinationOptions, chain, 0, 4)).toBe(false);
  expect(holdsHeaderChain(udp, chain, 20, 28)).toBe(true);
  expect(holdsHeaderChain(udp, chain, 21, 28)).toBe(false);
  expect(holdsHeaderChain(icmpv6, chain, 24, 28)).toBe(true);
  expect(holdsHeaderChain(icmpv6, chain, 25, 28)).toBe(false);
  // Of a protocol that we do not know no header can be missing.
  expect(holdsHeaderChain(253, chain, 28, 28)).toBe(true);
});

test("on any bytes the walks end, within the packet", () => {
  const extensions = fc.constantFrom(...Object.values(IP_PROTOCOL), 255);
  fc.assert(
    fc.property(extensions, fc.array(fc.oneof(extensions, fc.nat(255)), { maxLength: 64 }), (next, rest) => {
      const bytes = packet(next, ...rest);
      const chain = walkHeaderChain(bytes, 0, bytes.length);
      if (chain !== undefined) expect(chain.at).toBeLessThanOrEqual(bytes.length);
      const carried = perFragmentHeaders(bytes, 0, bytes.length);
      if (carried !== undefined) expect(carried.end).toBeLessThanOrEqual(bytes.length);
      holdsHeaderChain(next, bytes, 40, bytes.length);
    }),
  );
});
