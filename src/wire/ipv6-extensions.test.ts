import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { int32, survivesAnyBytes, uint8, written } from "../../test/support/codec.ts";
import { concatBytes, hex } from "../base/bytes.ts";
import { Ipv6Header } from "./ipv6.ts";
import { ExtensionChain, FragmentHeader, writeOptionsHeader } from "./ipv6-extensions.ts";
import { IP_PROTOCOL } from "./protocol.ts";

const { hopByHop, destinationOptions, routing, fragment, tcp, udp, icmpv6, noNextHeader } = IP_PROTOCOL;

const bytesOf = (text: string): Uint8Array =>
  Uint8Array.from(text.replaceAll(" ", "").match(/../g) ?? [], digits => Number.parseInt(digits, 16));

/** A packet whose header names `nextHeader`, with this payload. */
function packet(nextHeader: number, payload: string, payloadLength?: number): Uint8Array {
  const content = bytesOf(payload);
  const header = new Ipv6Header();
  header.nextHeader = nextHeader;
  header.payloadLength = payloadLength ?? content.length;
  const bytes = new Uint8Array(40 + content.length);
  bytes.set(content, header.write(bytes, 0));
  return bytes;
}

/** The walk over a packet; `payloadLength` as its header says. */
function walking(
  nextHeader: number,
  payload: string,
  payloadLength?: number,
): ExtensionChain & { problem: unknown } {
  const bytes = packet(nextHeader, payload, payloadLength);
  const header = new Ipv6Header();
  expect(header.read(bytes, 0, bytes.length)).toBeUndefined();
  const chain = new ExtensionChain();
  return Object.assign(chain, { problem: chain.read(header, bytes, 0, bytes.length) });
}

describe("the chain (RFC 8200 §4)", () => {
  test("without extension headers it is empty", () => {
    expect(walking(tcp, "00".repeat(20))).toMatchObject({
      problem: undefined,
      protocol: tcp,
      offset: 40,
      nextHeaderAt: 6,
      hopByHopAt: -1,
      fragmentAt: -1,
    });
  });

  test("of every header that we read, in the recommended order", () => {
    const payload =
      "3c 00 05 02 0000 01 00" + // hop-by-hop with router alert, then destination options
      "2b 00 01 04 00000000" + // destination options, then routing
      "2c 00 00 00 00000000" + // routing with no segments left, then fragment
      "11 00 0000 00000007" + // atomic fragment, then UDP
      "0001 0002 0008 0000";
    expect(walking(hopByHop, payload)).toMatchObject({
      problem: undefined,
      hopByHopAt: 40,
      routerAlert: 0,
      destinationOptionsAt: 48,
      routingAt: 56,
      fragmentAt: 64,
      protocol: udp,
      nextHeaderAt: 64,
      offset: 72,
    });
  });

  test("headers longer than 8 bytes count themselves without the first 8", () => {
    const payload = `3b 02 01 14 ${"00".repeat(20)}`;
    expect(walking(destinationOptions, payload)).toMatchObject({
      problem: undefined,
      protocol: noNextHeader,
      offset: 64,
    });
  });

  test("ends at a protocol that we do not know, whatever follows", () => {
    expect(walking(99, "ff")).toMatchObject({ problem: undefined, protocol: 99, offset: 40 });
    expect(walking(IP_PROTOCOL.esp, "")).toMatchObject({ protocol: IP_PROTOCOL.esp });
  });

  test("stops at a true fragment and tells what follows its header (§4.5)", () => {
    const chain = walking(fragment, "3c 00 05a9 00000007 ffff");
    expect(chain).toMatchObject({
      problem: undefined,
      fragmentAt: 40,
      protocol: destinationOptions,
      offset: 48,
      destinationOptionsAt: -1,
    });
    expect(chain.fragment).toMatchObject({ offset: 0x5a8, moreFragments: true, identification: 7 });
  });

  test("goes on where it is told to, after reassembly", () => {
    const bytes = packet(fragment, "3c 00 0001 00000007 3a 00 01 04 00000000");
    const header = new Ipv6Header();
    header.read(bytes, 0, bytes.length);
    const chain = new ExtensionChain();
    chain.read(header, bytes, 0, bytes.length);
    expect(chain.walk(chain.protocol, chain.nextHeaderAt, bytes, chain.offset, bytes.length)).toBeUndefined();
    expect(chain).toMatchObject({ protocol: icmpv6, offset: 56, nextHeaderAt: 48 });
  });

  test("goes on behind an atomic fragment's header: nothing has been cut off (RFC 6946 §4)", () => {
    expect(walking(fragment, "3c 00 0000 00000007 11 00 01 04 00000000")).toMatchObject({
      problem: undefined,
      protocol: udp,
      offset: 56,
      destinationOptionsAt: 48,
    });
  });

  test("a fragment's header that is cut off is told of after a walk that met a whole one", () => {
    const chain = new ExtensionChain();
    const header = new Ipv6Header();
    for (const [payload, problem] of [
      ["3b 00 0009 00000007", undefined],
      ["3b 00 0000 000000", "fragment-malformed"],
    ] as const) {
      const bytes = packet(fragment, payload);
      header.read(bytes, 0, bytes.length);
      expect(chain.read(header, bytes, 0, bytes.length)).toBe(problem);
    }
  });

  test("a walk forgets the one before", () => {
    const chain = new ExtensionChain();
    const header = new Ipv6Header();
    for (const [first, payload, payloadLength] of [
      [hopByHop, "2c 00 05 02 0000 01 00 11 00 0001 00000007"],
      [routing, "3b 00 00 00 00000000"],
      [destinationOptions, "3b 00 82 00 01 02 0000"],
      [hopByHop, "3b 00 c2 04 00010000", 0],
      [udp, ""],
    ] as const) {
      const bytes = packet(first, payload, payloadLength);
      header.read(bytes, 0, bytes.length);
      chain.read(header, bytes, 0, bytes.length);
    }
    const fresh = new ExtensionChain();
    expect({ ...chain, fragment: undefined }).toEqual({
      ...fresh,
      fragment: undefined,
      protocol: udp,
      offset: 40,
      nextHeaderAt: 6,
    });
  });
});

const bad = (code: number, pointer: number, report: string): object => ({
  problem: "ip-bad-extension-header",
  problemCode: code,
  problemPointer: pointer,
  problemReport: report,
});

describe("refused, with the octet at fault", () => {
  test("hop-by-hop options anywhere but first, as an unknown next header (§4.1)", () => {
    expect(walking(destinationOptions, "00 00 01 04 00000000 3b 00 01 04 00000000")).toMatchObject(
      bad(1, 40, "always"),
    );
    expect(walking(hopByHop, "00 00 01 04 00000000 3b 00 01 04 00000000")).toMatchObject(
      bad(1, 40, "always"),
    );
  });

  test("headers cut off", () => {
    for (const first of [hopByHop, destinationOptions, routing]) {
      expect(walking(first, "3b 00 01 04 000000")).toMatchObject(bad(0, 41, "never"));
      expect(walking(first, "3b 01 01 04 00000000")).toMatchObject(bad(0, 41, "never"));
    }
    expect(walking(fragment, "3b 00 0000 000000").problem).toBe("fragment-malformed");
    expect(walking(destinationOptions, "2c 00 01 04 00000000 3b 00 0000 000000").problem).toBe(
      "fragment-malformed",
    );
  });

  test("a routing header with segments left: type 0 (RFC 5095) as any other (§4.4)", () => {
    expect(walking(routing, "3b 00 00 01 00000000")).toMatchObject(bad(0, 42, "always"));
    expect(walking(routing, "3b 00 63 01 00000000")).toMatchObject(bad(0, 42, "always"));
  });

  test("an option that runs past its header", () => {
    expect(walking(destinationOptions, "3b 00 01 05 00000000")).toMatchObject(bad(0, 43, "always"));
    expect(walking(destinationOptions, "3b 00 01 03 000000 01")).toMatchObject(bad(0, 47, "always"));
  });
});

describe("an option that is not known (§4.2)", () => {
  const withOption = (type: string): ExtensionChain =>
    walking(destinationOptions, `3b 00 00 ${type} 00 01 01 00`);

  test("00: is skipped", () => {
    expect(withOption("1e")).toMatchObject({ problem: undefined, protocol: noNextHeader });
  });

  test("01: drops the packet without a word", () => {
    expect(withOption("5e")).toMatchObject(bad(2, 43, "never"));
  });

  test("10: drops it and reports", () => {
    expect(withOption("9e")).toMatchObject(bad(2, 43, "always"));
  });

  test("11: drops it and reports unless it went to a group", () => {
    expect(withOption("de")).toMatchObject(bad(2, 43, "unless-multicast"));
  });

  test("jumbo payload and router alert are hop-by-hop options, unknown elsewhere", () => {
    expect(walking(destinationOptions, "3b 00 c2 04 00010000")).toMatchObject(bad(2, 42, "unless-multicast"));
    expect(walking(destinationOptions, "3b 00 05 02 0000 01 00")).toMatchObject({
      problem: undefined,
      routerAlert: -1,
    });
  });
});

describe("router alert (RFC 2711)", () => {
  test("has a value", () => {
    expect(walking(hopByHop, "3b 00 05 02 0102 01 00").routerAlert).toBe(0x102);
  });

  test("of another length is an error", () => {
    expect(walking(hopByHop, "3b 00 05 03 010200 00")).toMatchObject(bad(0, 43, "always"));
  });
});

describe("jumbo payload (RFC 2675 §3)", () => {
  const jumbo = (length: number): string => `3b 00 c2 04 ${length.toString(16).padStart(8, "0")}`;

  test("carries the length when the IPv6 header says 0", () => {
    const bytes = new Uint8Array(40 + 0x1_0000);
    bytes.set(packet(hopByHop, jumbo(0x1_0000), 0));
    const header = new Ipv6Header();
    header.read(bytes, 0, bytes.length);
    const chain = new ExtensionChain();
    expect(chain.read(header, bytes, 0, bytes.length)).toBeUndefined();
    expect(chain.jumboLength).toBe(0x1_0000);
    expect(chain.read(header, bytes, 0, bytes.length - 1)).toBe("ip-bad-total-length");
  });

  test("must not stand beside a length in the IPv6 header: the pointer is at the option", () => {
    expect(walking(hopByHop, jumbo(0x1_0000))).toMatchObject(bad(0, 42, "always"));
  });

  test("must be more than 65,535: the pointer is at the length", () => {
    expect(walking(hopByHop, jumbo(0xffff), 0)).toMatchObject(bad(0, 44, "always"));
  });

  test("must be there when the IPv6 header says 0 and hop-by-hop options follow: the pointer is at that 0", () => {
    expect(walking(hopByHop, "3b 00 01 04 00000000", 0)).toMatchObject(bad(0, 4, "always"));
  });

  test("of another length is an error", () => {
    expect(walking(hopByHop, "3b 00 c2 03 000100 00", 0)).toMatchObject(bad(0, 43, "always"));
  });

  test("rules out fragments: the pointer is at the fragment header", () => {
    expect(walking(hopByHop, "2c 00 c2 04 00010000 3b 00 0000 00000000", 0)).toMatchObject(
      bad(0, 48, "always"),
    );
  });
});

test("pointers count from the IPv6 header, wherever it lies in the buffer", () => {
  const bytes = new Uint8Array(200);
  const content = packet(destinationOptions, "3b 00 00 9e 00 01 01 00");
  bytes.set(content, 100);
  const header = new Ipv6Header();
  header.read(bytes, 100, 100 + content.length);
  const chain = new ExtensionChain();
  chain.read(header, bytes, 100, 100 + content.length);
  expect(chain.problemPointer).toBe(43);
});

describe("the fragment header (§4.5)", () => {
  const header = (): fc.Arbitrary<FragmentHeader> =>
    fc
      .record({
        nextHeader: uint8(),
        offset: fc.nat(0x1fff).map(units => 8 * units),
        moreFragments: fc.boolean(),
        identification: int32(),
      })
      .map(values => Object.assign(new FragmentHeader(), values));
  const written8 = (of: FragmentHeader): Uint8Array => written((bytes, at) => of.write(bytes, at));

  test("its fields stand where the RFC draws them", () => {
    const values = { nextHeader: 17, offset: 1448, moreFragments: true, identification: 0x12345678 };
    expect(hex(written8(Object.assign(new FragmentHeader(), values)))).toBe("110005a912345678");
  });

  test("what is written is read again", () => {
    fc.assert(
      fc.property(header(), before => {
        const after = new FragmentHeader();
        expect(after.read(written8(before), 0, 8)).toBeUndefined();
        expect(after).toEqual(before);
      }),
    );
  });

  test("reserved bits are ignored", () => {
    const after = new FragmentHeader();
    after.read(bytesOf("11ff 0006 00000000"), 0, 8);
    expect(after).toMatchObject({ offset: 0, moreFragments: false, isAtomic: true });
  });
});

describe("a written options header", () => {
  test.each([
    ["050200000100", "", "3a 00 05 02 0000 01 00"],
    ["05020000", "padded by PadN", "3a 00 05 02 0000 01 00"],
    ["1e0300000000", "needs no padding", "3a 00 1e 03 000000 00"],
    ["1e03000000", "padded by Pad1", "3a 00 1e 03 000000 00"],
    ["", "empty", "3a 00 01 04 00000000"],
  ])("around %s %s", (options, _name, expected) => {
    const bytes = written((target, at) => writeOptionsHeader(icmpv6, bytesOf(options), target, at));
    expect(hex(bytes)).toBe(expected.replaceAll(" ", ""));
  });

  test("is walked over, whatever skippable options it holds", () => {
    const option = fc
      .tuple(fc.integer({ min: 6, max: 0x3f }), fc.uint8Array({ maxLength: 20 }))
      .map(([type, data]) => concatBytes([Uint8Array.of(type, data.length), data]));
    fc.assert(
      fc.property(fc.array(option, { maxLength: 6 }), options => {
        const header = written((target, at) => writeOptionsHeader(udp, concatBytes(options), target, at));
        expect(header.length % 8).toBe(0);
        expect(walking(hopByHop, hex(header))).toMatchObject({
          problem: undefined,
          protocol: udp,
          offset: 40 + header.length,
        });
      }),
    );
  });
});

test("arbitrary bytes never throw, and none outside is read", () => {
  const part = fc.constantFrom(
    "3c 00 05 02 0000 01 00",
    "2b 00 01 04 00000000",
    "2c 00 00 00 00000000",
    "11 00 0000 00000007",
    "3c 01 01 0c 000000000000000000000000",
    "2b 00 00 9e 00 01 01 00",
  );
  const good = fc
    .tuple(fc.constantFrom(hopByHop, destinationOptions, routing, fragment), fc.array(part, { maxLength: 5 }))
    .map(([first, parts]) => packet(first, parts.join("")));
  survivesAnyBytes(good, (bytes, start, end) => {
    const header = new Ipv6Header();
    if (header.readQuoted(bytes, start, end) !== undefined) return undefined;
    const chain = new ExtensionChain();
    const problem = chain.read(header, bytes, start, end);
    return { problem, ...chain };
  });
});
