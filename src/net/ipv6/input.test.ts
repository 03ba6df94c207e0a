import { describe, expect, test } from "vitest";
import { seconds } from "../../base/time.ts";
import { ALL_NODES, ANY_V6, ip, solicitedNode } from "../../wire/address.ts";
import { ETHERNET_HEADER_SIZE } from "../../wire/ethernet.ts";
import { ICMPV6_TYPE } from "../../wire/icmpv6.ts";
import { IPV6_HEADER_SIZE } from "../../wire/ipv6.ts";
import { FragmentHeader } from "../../wire/ipv6-extensions.ts";
import { multicastMac } from "../../wire/mac-address.ts";
import { IP_PROTOCOL } from "../../wire/protocol.ts";
import { linkLocalFor } from "../link-local.ts";
import { onEthernet } from "../net-bench.ts";
import { frame6, ipv6, OUR_MAC, OUR_V6, PEER_V6, readIcmp, readIpv6 } from "../net-bench-packets.ts";

const DATA = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const ICMP = ETHERNET_HEADER_SIZE + IPV6_HEADER_SIZE;

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap(part => [...part]));
}

/** An options header with one option of 4 bytes, or of a given type. */
function options(next: number, type: number): Uint8Array {
  return Uint8Array.of(next, 0, type, 4, 0, 0, 0, 0);
}

function fragment(next: number, offset: number, more: boolean, identification = 7): Uint8Array {
  const header = new FragmentHeader();
  Object.assign(header, { nextHeader: next, offset, moreFragments: more, identification });
  const bytes = new Uint8Array(8);
  header.write(bytes, 0);
  return bytes;
}

/** The ICMPv6 error that answers a packet, as [type, code, second word]; undefined when there is none. */
function answerTo(packet: Uint8Array, mac = OUR_MAC): readonly [number, number, number] | undefined {
  const { bench, device } = onEthernet();
  bench.receive(1, frame6(packet, mac));
  const [sent] = device.take();
  if (sent === undefined) return undefined;
  expect(readIpv6(sent)).toMatchObject({ destination: PEER_V6, nextHeader: IP_PROTOCOL.icmpv6 });
  const { type, code, rest } = readIcmp(sent, ICMP);
  return [type, code, rest];
}

describe("what is delivered", () => {
  test("a packet for us, without the padding of the link", () => {
    const { bench } = onEthernet();
    const packet = frame6(ipv6({ hopLimit: 9, trafficClass: 0x2e }, DATA));
    expect(bench.receive(1, joined(packet, new Uint8Array(6)))).toBe(undefined);
    expect(bench.udp.received).toEqual([
      {
        payload: DATA,
        source: PEER_V6,
        destination: OUR_V6,
        protocol: 17,
        hopLimit: 9,
        trafficClass: 0x2e,
        isGroup: false,
        interfaceIndex: 1,
      },
    ]);
  });

  test.each([ALL_NODES, solicitedNode(OUR_V6)])(
    "one for a group that we are in, %s, marked as such",
    group => {
      const { bench } = onEthernet();
      expect(bench.receive(1, frame6(ipv6({ destination: group }, DATA), multicastMac(group)))).toBe(
        undefined,
      );
      expect(bench.udp.received[0]?.isGroup).toBe(true);
    },
  );

  test("what stands behind hop-by-hop and destination options and an atomic fragment header (RFC 8200 §4)", () => {
    const { bench } = onEthernet();
    const { hopByHop, destinationOptions, fragment: fragmented, udp } = IP_PROTOCOL;
    const chain = joined(
      options(destinationOptions, 0x1e),
      options(fragmented, 1),
      fragment(udp, 0, false),
      DATA,
    );
    expect(bench.receive(1, frame6(ipv6({ nextHeader: hopByHop }, chain)))).toBe(undefined);
    expect(bench.udp.received[0]).toMatchObject({ payload: DATA, protocol: udp });
  });

  test("an empty packet is that, whatever padding the link adds", () => {
    const { bench } = onEthernet();
    expect(bench.receive(1, joined(frame6(ipv6({}, new Uint8Array(0))), new Uint8Array(6)))).toBe(undefined);
    expect(bench.udp.received).toMatchObject([{ payload: new Uint8Array(0) }]);
  });

  test("a packet for one host in a frame for all is one for many: no error answers it (RFC 4443 §2.4 e)", () => {
    const { bench, device } = onEthernet();
    bench.udp.answer = "udp-no-port";
    expect(bench.receive(1, frame6(ipv6({}, DATA), multicastMac(ALL_NODES)))).toBe("udp-no-port");
    expect(bench.udp.received[0]?.isGroup).toBe(true);
    expect(device.take()).toEqual([]);
  });

  test("one for an address of another interface, in the weak host model alone (RFC 1122 §3.3.4.2)", () => {
    for (const [hostModel, outcome] of [
      ["weak", undefined],
      ["strong", "ip-not-for-us"],
    ] as const) {
      const { bench } = onEthernet({ hostModel });
      bench.tunnel("tun0", "fd99::1/64");
      expect(bench.receive(1, frame6(ipv6({ destination: ip("fd99::1") }, DATA)))).toBe(outcome);
    }
  });

  test("what nobody here has asked for may be claimed by another: then nothing is told", () => {
    const { bench, device } = onEthernet();
    bench.udp.answer = "udp-no-port";
    Object.assign(bench, { unclaimed: () => true });
    expect(bench.receive(1, frame6(ipv6({}, DATA)))).toBe(undefined);
    bench.udp.answer = "udp-bad-checksum";
    expect(bench.receive(1, frame6(ipv6({}, DATA)))).toBe("udp-bad-checksum");
    expect(device.take()).toEqual([]);
  });

  test("a packet that says nothing follows is taken in silence (§4.7)", () => {
    expect(answerTo(ipv6({ nextHeader: IP_PROTOCOL.noNextHeader }, DATA))).toBe(undefined);
  });
});

describe("what is dropped", () => {
  const damaged = ipv6({}, DATA);
  damaged[0] = 0x50;
  test.each([
    ["another version", damaged, "ip-bad-version"],
    ["a cut header", ipv6({}, DATA).subarray(0, 39), "ip-truncated"],
    ["more length than there is", ipv6({ payloadLength: 400 }, DATA), "ip-bad-total-length"],
    ["a multicast source (RFC 4291 §2.7)", ipv6({ source: ALL_NODES }, DATA), "ip-bad-source"],
    ["a loopback source from outside (§2.5.3)", ipv6({ source: ip("::1") }, DATA), "ip-bad-source"],
    ["a loopback destination from outside", ipv6({ destination: ip("::1") }, DATA), "ip-bad-source"],
    ["our own address as source from outside", ipv6({ source: OUR_V6 }, DATA), "ip-bad-source"],
    ["no source, to one host (§2.5.2)", ipv6({ source: ANY_V6 }, DATA), "ip-bad-source"],
    ["a mapped IPv4 source", ipv6({ source: ip("::ffff:10.0.0.2") }, DATA), "ip-bad-source"],
    ["a mapped IPv4 destination", ipv6({ destination: ip("::ffff:10.0.0.1") }, DATA), "ip-bad-source"],
    ["somebody else's destination", ipv6({ destination: ip("fd00::7") }, DATA), "ip-not-for-us"],
    ["a group nobody joined", ipv6({ destination: ip("ff02::77") }, DATA), "ip-not-for-us"],
  ] as const)("%s", (_, packet, reason) => {
    const { bench } = onEthernet();
    expect(bench.receive(1, frame6(packet))).toBe(reason);
    expect(bench.udp.received).toEqual([]);
  });

  test("a link-local destination that is ours on another link", () => {
    const { bench } = onEthernet();
    bench.tunnel("tun0", "fe80::77/64");
    expect(bench.receive(1, frame6(ipv6({ destination: ip("fe80::77") }, DATA)))).toBe("ip-not-for-us");
    expect(bench.receive(1, frame6(ipv6({ destination: linkLocalFor(OUR_MAC) }, DATA)))).toBe(undefined);
  });
});

describe("what is answered with an error (RFC 4443 §3, RFC 8200 §4)", () => {
  const { parameterProblem, destinationUnreachable } = ICMPV6_TYPE;
  const { hopByHop, destinationOptions, routing, udp, fragment: fragmented } = IP_PROTOCOL;

  test("an unknown next header: parameter problem 1 at the octet that named it", () => {
    expect(answerTo(ipv6({ nextHeader: 253 }, DATA))).toEqual([parameterProblem, 1, 6]);
    const chain = joined(options(253, 1), DATA);
    expect(answerTo(ipv6({ nextHeader: destinationOptions }, chain))).toEqual([parameterProblem, 1, 40]);
  });

  test.each([
    [0x3e, undefined],
    [0x7e, undefined],
    [0xbe, [parameterProblem, 2, 42]],
    [0xfe, [parameterProblem, 2, 42]],
  ])("an unknown option of type %i (§4.2)", (type, answer) => {
    expect(answerTo(ipv6({ nextHeader: hopByHop }, joined(options(udp, type), DATA)))).toEqual(answer);
  });

  test("an unknown option in a multicast: told of for 10, not for 11 (§4.2)", () => {
    const mac = multicastMac(ALL_NODES);
    const packet = (type: number): Uint8Array =>
      ipv6({ nextHeader: destinationOptions, destination: ALL_NODES }, joined(options(udp, type), DATA));
    expect(answerTo(packet(0xbe), mac)).toEqual([parameterProblem, 2, 42]);
    expect(answerTo(packet(0xfe), mac)).toBe(undefined);
  });

  test("a routing header with segments left: parameter problem 0 at the type (RFC 5095)", () => {
    const header = Uint8Array.of(udp, 0, 0, 1, 0, 0, 0, 0);
    expect(answerTo(ipv6({ nextHeader: routing }, joined(header, DATA)))).toEqual([parameterProblem, 0, 42]);
  });

  test("hop-by-hop options that are not first: parameter problem 1 (§4.1)", () => {
    const chain = joined(options(hopByHop, 1), options(udp, 1), DATA);
    expect(answerTo(ipv6({ nextHeader: destinationOptions }, chain))).toEqual([parameterProblem, 1, 40]);
  });

  test("a port where nobody listens: port unreachable", () => {
    const { bench, device } = onEthernet();
    bench.udp.answer = "udp-no-port";
    bench.receive(1, frame6(ipv6({}, DATA)));
    const sent = device.takeOne();
    expect(readIpv6(sent)).toMatchObject({ source: OUR_V6, destination: PEER_V6 });
    expect(readIcmp(sent, ICMP)).toMatchObject({ type: destinationUnreachable, code: 4 });
  });

  test("fragments whose length is no multiple of 8, or that reach too far (§4.5)", () => {
    const cut = joined(fragment(udp, 0, true), DATA, DATA.subarray(0, 3));
    expect(answerTo(ipv6({ nextHeader: fragmented }, cut))).toEqual([parameterProblem, 0, 4]);
    const far = joined(fragment(udp, 65_528, false), DATA);
    expect(answerTo(ipv6({ nextHeader: fragmented }, far))).toEqual([parameterProblem, 0, 42]);
  });

  test("a first fragment without the whole header chain (RFC 7112 §5)", () => {
    const first = joined(fragment(destinationOptions, 0, true), Uint8Array.of(udp, 3, 1, 4, 0, 0, 0, 0));
    expect(answerTo(ipv6({ nextHeader: fragmented }, first))).toEqual([parameterProblem, 3, 0]);
  });
});

describe("fragments (RFC 8200 §4.5)", () => {
  const { fragment: fragmented, udp, destinationOptions, hopByHop } = IP_PROTOCOL;
  const whole = Uint8Array.from({ length: 24 }, (_, index) => index);
  const piece = (offset: number, length: number, more: boolean): Uint8Array =>
    frame6(
      ipv6(
        { nextHeader: fragmented },
        joined(fragment(udp, offset, more), whole.subarray(offset, offset + length)),
      ),
    );

  test("in any order become the packet", () => {
    const { bench, net } = onEthernet();
    for (const frame of [piece(16, 8, false), piece(0, 8, true), piece(8, 8, true)]) bench.receive(1, frame);
    expect(bench.udp.received.map(({ payload }) => payload)).toEqual([whole]);
    expect(net.counters.ipv6).toMatchObject({ fragmentsReceived: 3, reassembled: 1, delivered: 1 });
  });

  test.each([
    ["source", { source: ip("fd00::3") }, 7],
    ["destination", { destination: linkLocalFor(OUR_MAC) }, 7],
    ["identification", {}, 0x1_0007],
  ])("of another %s belong to another packet", (_, other, identification) => {
    const { bench } = onEthernet();
    const rest = joined(fragment(udp, 8, false, identification), whole.subarray(8, 16));
    bench.receive(1, piece(0, 8, true));
    bench.receive(1, frame6(ipv6({ nextHeader: fragmented, ...other }, rest)));
    expect(bench.udp.received).toEqual([]);
    bench.receive(1, piece(8, 8, false));
    expect(bench.udp.received.map(({ payload }) => payload)).toEqual([whole.subarray(0, 16)]);
  });

  test("of which one met congestion make a packet that did (RFC 3168 §5.3)", () => {
    const { bench } = onEthernet();
    for (const [trafficClass, offset] of [
      [0xb9, 0],
      [0xbb, 8],
      [0xb9, 16],
    ] as const) {
      const part = joined(fragment(udp, offset, offset < 16), DATA);
      bench.receive(1, frame6(ipv6({ nextHeader: fragmented, trafficClass }, part)));
    }
    expect(bench.udp.received).toMatchObject([{ trafficClass: 0xbb }]);
  });

  test("behind long options, and behind fragments' own headers, keep the order of the chain", () => {
    const { bench } = onEthernet();
    const long = Uint8Array.of(destinationOptions, 2, 1, 20, ...new Array<number>(20).fill(0));
    const part = (offset: number, more: boolean): Uint8Array => {
      const headers = joined(long, options(fragmented, 1), fragment(udp, offset, more));
      return frame6(ipv6({ nextHeader: hopByHop }, joined(headers, whole.subarray(offset, offset + 16))));
    };
    expect(bench.receive(1, part(16, false))).toBe(undefined);
    expect(bench.receive(1, part(0, true))).toBe(undefined);
    expect(bench.udp.received.map(({ payload }) => payload)).toEqual([whole]);
  });

  test("behind hop-by-hop and in front of destination options", () => {
    const { bench } = onEthernet();
    const inner = joined(options(udp, 1), whole);
    const part = (offset: number, end: number, more: boolean): Uint8Array => {
      const headers = joined(options(fragmented, 1), fragment(destinationOptions, offset, more));
      return frame6(ipv6({ nextHeader: hopByHop }, joined(headers, inner.subarray(offset, end))));
    };
    expect(bench.receive(1, part(16, 32, false))).toBe(undefined);
    expect(bench.receive(1, part(0, 16, true))).toBe(undefined);
    expect(bench.udp.received.map(({ payload }) => payload)).toEqual([whole]);
  });

  test("of fragments are refused", () => {
    const { bench } = onEthernet();
    const inner = joined(fragment(udp, 0, true, 9), whole);
    const part = (offset: number, more: boolean): Uint8Array =>
      frame6(
        ipv6(
          { nextHeader: fragmented },
          joined(fragment(fragmented, offset, more), inner.subarray(offset, offset + 16)),
        ),
      );
    bench.receive(1, part(16, false));
    expect(bench.receive(1, part(0, true))).toBe("ip-bad-extension-header");
  });

  test("whose time is over are answered with time exceeded 1 (RFC 4443 §3.3)", () => {
    const { bench, device } = onEthernet();
    bench.receive(1, piece(0, 16, true));
    bench.advance(seconds(61));
    const errors = device.take().map(bytes => readIcmp(bytes, ICMP));
    expect(errors.find(({ type }) => type === ICMPV6_TYPE.timeExceeded)?.code).toBe(1);
  });
});
