import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ipv6Address,
  mac,
  plain,
  survivesAnyBytes,
  uint8,
  uint16,
  uint32,
  written,
} from "../../test/support/codec.ts";
import { hex } from "../base/bytes.ts";
import type { DropReason } from "../base/drop-reason.ts";
import { ip } from "./address.ts";
import type { MacAddress } from "./mac-address.ts";
import {
  NeighborAdvertisement,
  NeighborSolicitation,
  Redirect,
  RouterAdvertisement,
  RouterSolicitation,
} from "./ndp.ts";
import { NdpOptions } from "./ndp-options.ts";

interface Message {
  readonly size: number;
  readonly options: NdpOptions;
  read(bytes: Uint8Array, start: number, end: number): DropReason | undefined;
  write(bytes: Uint8Array, at: number): number;
}

const unicast = () => ipv6Address().filter(address => !address.isMulticast);

/** Sets the options of a message. */
const optionSetter = (): fc.Arbitrary<(options: NdpOptions) => void> =>
  fc
    .record(
      {
        sourceLinkLayer: mac(),
        targetLinkLayer: mac(),
        mtu: uint32(),
        prefixes: fc.array(
          fc.record({
            prefix: ipv6Address(),
            length: fc.nat(128),
            onLink: fc.boolean(),
            autonomous: fc.boolean(),
            validLifetime: uint32(),
            preferredLifetime: uint32(),
          }),
          { maxLength: 3 },
        ),
        redirectedHeader: fc.nat(20).chain(n => fc.uint8Array({ minLength: 8 * n, maxLength: 8 * n })),
      },
      { requiredKeys: [] },
    )
    .map(({ prefixes, ...others }) => options => {
      Object.assign(options, others);
      options.prefixes.push(...(prefixes ?? []));
    });

const messages: Array<[string, () => Message, fc.Arbitrary<object>]> = [
  ["neighbor solicitation (§4.3)", () => new NeighborSolicitation(), fc.record({ target: unicast() })],
  [
    "neighbor advertisement (§4.4)",
    () => new NeighborAdvertisement(),
    fc.record({
      target: unicast(),
      isRouter: fc.boolean(),
      solicited: fc.boolean(),
      override: fc.boolean(),
    }),
  ],
  ["router solicitation (§4.1)", () => new RouterSolicitation(), fc.constant({})],
  [
    "router advertisement (§4.2)",
    () => new RouterAdvertisement(),
    fc.record({
      hopLimit: uint8(),
      managed: fc.boolean(),
      otherConfig: fc.boolean(),
      routerLifetime: uint16(),
      reachableTimeMs: uint32(),
      retransTimerMs: uint32(),
    }),
  ],
  ["redirect (§4.5)", () => new Redirect(), fc.record({ target: unicast(), destination: unicast() })],
];

const bytesOf = (of: Message): Uint8Array => written((bytes, at) => of.write(bytes, at));

describe.each(messages)("%s", (_name, create, fields) => {
  const any = fc.tuple(fields, optionSetter()).map(([values, setOptions]) => {
    const message = Object.assign(create(), values);
    setOptions(message.options);
    return message;
  });

  test("what is written is read again", () => {
    fc.assert(
      fc.property(any, before => {
        const bytes = bytesOf(before);
        expect(bytes.length).toBe(before.size);
        const after = create();
        expect(after.read(bytes, 0, bytes.length)).toBeUndefined();
        expect(plain(after)).toEqual(plain(before));
      }),
      { numRuns: 50 },
    );
  });

  test("is good without any option", () => {
    const bytes = bytesOf(create());
    expect(create().read(bytes, 0, bytes.length)).toBeUndefined();
  });

  test("refused: another type, another code, or cut short", () => {
    const bytes = bytesOf(create());
    expect(create().read(bytes, 0, bytes.length - 1)).toBe("ndp-malformed");
    bytes[1] = 1;
    expect(create().read(bytes, 0, bytes.length)).toBe("ndp-malformed");
    bytes[1] = 0;
    bytes[0] = 128;
    expect(create().read(bytes, 0, bytes.length)).toBe("ndp-malformed");
  });

  test("arbitrary bytes never throw, and none outside is read", () => {
    survivesAnyBytes(any.map(bytesOf), (bytes, start, end) => {
      const after = create();
      return { problem: after.read(bytes, start, end), ...after };
    });
  });
});

const MAC = 0x0200_0000_0001 as MacAddress;

test("a neighbor solicitation in bytes", () => {
  const one = new NeighborSolicitation();
  one.target = ip("fe80::2");
  one.options.sourceLinkLayer = MAC;
  expect(hex(bytesOf(one))).toBe(
    "8700000000000000" + "fe800000000000000000000000000002" + "0101020000000001",
  );
});

test("a neighbor advertisement in bytes: router, solicited, override are the top bits", () => {
  const one = new NeighborAdvertisement();
  one.target = ip("fe80::2");
  one.options.targetLinkLayer = MAC;
  const flags = (): string => hex(bytesOf(one)).slice(8, 16);
  one.isRouter = true;
  expect(flags()).toBe("80000000");
  one.solicited = true;
  expect(flags()).toBe("c0000000");
  one.override = true;
  expect(flags()).toBe("e0000000");
  expect(hex(bytesOf(one)).slice(48)).toBe("0201020000000001");
});

test("a router advertisement in bytes", () => {
  const one = new RouterAdvertisement();
  one.hopLimit = 64;
  one.managed = true;
  one.otherConfig = true;
  one.routerLifetime = 0x708;
  one.reachableTimeMs = 0x1000;
  one.retransTimerMs = 0x2000;
  one.options.mtu = 1500;
  one.options.prefixes.push({
    prefix: ip("2001:db8::"),
    length: 64,
    onLink: true,
    autonomous: true,
    validLifetime: 0xffffffff,
    preferredLifetime: 0x3c,
  });
  expect(hex(bytesOf(one))).toBe(
    `8600000040c00708${"0000100000002000"}${"05010000000005dc"}` +
      `030440c0ffffffff0000003c00000000${"20010db8000000000000000000000000"}`,
  );
});

describe("options (§4.6)", () => {
  const reading = (text: string): NdpOptions & { problem: unknown } => {
    const bytes = Uint8Array.from(text.match(/../g) ?? [], digits => Number.parseInt(digits, 16));
    const options = new NdpOptions();
    return Object.assign(options, { problem: options.read(bytes, 0, bytes.length) });
  };

  test("of length zero make the message invalid (§6.1, §7.1, §8.1)", () => {
    expect(reading("0100020000000001").problem).toBe("ndp-malformed");
    expect(reading(`63${"00".repeat(7)}`).problem).toBe("ndp-malformed");
  });

  test("that run past the message make it invalid", () => {
    expect(reading("0102020000000001").problem).toBe("ndp-malformed");
    expect(reading("01010200000000").problem).toBe("ndp-malformed");
  });

  test("that are unknown are skipped, and what follows counts", () => {
    expect(reading("63020000000000000000000000000000" + "0101020000000001")).toMatchObject({
      problem: undefined,
      sourceLinkLayer: MAC,
    });
  });

  test("that are known, but of another length, are skipped", () => {
    const two = "0000000000000000000000000000";
    expect(reading(`0102${two}0202${two}0502${two}0302${two}`)).toMatchObject({
      problem: undefined,
      sourceLinkLayer: undefined,
      targetLinkLayer: undefined,
      mtu: undefined,
      prefixes: [],
    });
  });

  test("a prefix of more than 128 bits is skipped", () => {
    expect(reading(`030481c0${"00".repeat(28)}`)).toMatchObject({ problem: undefined, prefixes: [] });
  });

  test("a redirected header is padded with zeros to a multiple of 8 (§4.6.3)", () => {
    const one = new NdpOptions();
    one.redirectedHeader = Uint8Array.of(0x60, 1, 2);
    expect(hex(written((bytes, at) => one.write(bytes, at)))).toBe("04020000000000006001020000000000");
  });

  test("of one message are forgotten with the next", () => {
    const one = new RouterAdvertisement();
    one.options.mtu = 1500;
    one.options.sourceLinkLayer = MAC;
    one.options.prefixes.push({
      prefix: ip("2001:db8::"),
      length: 64,
      onLink: true,
      autonomous: true,
      validLifetime: 1,
      preferredLifetime: 1,
    });
    const first = bytesOf(one);
    const second = bytesOf(new RouterAdvertisement());
    one.read(first, 0, first.length);
    one.read(second, 0, second.length);
    expect(one).toEqual(new RouterAdvertisement());
    const advertisement = Object.assign(new NeighborAdvertisement(), { target: ip("fd00::1") });
    const bare = bytesOf(advertisement);
    advertisement.options.targetLinkLayer = MAC;
    advertisement.options.redirectedHeader = new Uint8Array(8);
    advertisement.read(bare, 0, bare.length);
    expect(advertisement.options).toEqual(new NdpOptions());
  });
});

test("a solicited, advertised or redirected address is never a group's (§7.1.1, §7.1.2, §8.1)", () => {
  const solicitation = Object.assign(new NeighborSolicitation(), { target: ip("ff02::1") });
  const advertisement = Object.assign(new NeighborAdvertisement(), { target: ip("ff02::1") });
  const redirect = Object.assign(new Redirect(), { destination: ip("ff02::1") });
  for (const message of [solicitation, advertisement, redirect]) {
    const bytes = bytesOf(message);
    expect(message.read(bytes, 0, bytes.length)).toBe("ndp-malformed");
  }
});
