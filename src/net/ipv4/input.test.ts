import { describe, expect, test } from "vitest";
import { seconds } from "../../base/time.ts";
import { ip } from "../../wire/address.ts";
import { ETHERNET_HEADER_SIZE } from "../../wire/ethernet.ts";
import { ICMPV4_TYPE, ICMPV4_UNREACHABLE } from "../../wire/icmpv4.ts";
import { BROADCAST_MAC, multicastMac } from "../../wire/mac-address.ts";
import { IP_PROTOCOL } from "../../wire/protocol.ts";
import { type Bench, onEthernet } from "../net-bench.ts";
import { frame4, icmp, ipv4, OUR_V4, PEER_V4, readIcmp, readIpv4 } from "../net-bench-packets.ts";

const DATA = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const BROADCAST = ip("10.0.0.255");
const ALL_HOSTS = ip("224.0.0.1");

/** The ICMP error that answers a packet, as [type, code, second word]; undefined when there is none. */
function answerTo(packet: Uint8Array): readonly [number, number, number] | undefined {
  const { bench, device } = onEthernet();
  bench.receive(1, frame4(packet));
  const [sent] = device.take();
  if (sent === undefined) return undefined;
  expect(readIpv4(sent)).toMatchObject({ source: OUR_V4, destination: PEER_V4, protocol: 1 });
  const { type, code, rest } = readIcmp(sent);
  return [type, code, rest];
}

describe("what is delivered", () => {
  test("a datagram for us, without the padding of the link", () => {
    const { bench } = onEthernet();
    const padded = new Uint8Array(60);
    padded.set(frame4(ipv4({ hopLimit: 9, trafficClass: 0x2e }, DATA)));
    expect(bench.receive(1, padded)).toBe(undefined);
    expect(bench.udp.received).toEqual([
      {
        payload: DATA,
        source: PEER_V4,
        destination: OUR_V4,
        protocol: 17,
        hopLimit: 9,
        trafficClass: 0x2e,
        isGroup: false,
        interfaceIndex: 1,
      },
    ]);
  });

  test.each([
    [ip("255.255.255.255"), BROADCAST_MAC],
    [BROADCAST, BROADCAST_MAC],
    [ALL_HOSTS, multicastMac(ALL_HOSTS)],
  ])("one for many, %s, marked as such", (destination, mac) => {
    const { bench } = onEthernet();
    expect(bench.receive(1, frame4(ipv4({ destination }, DATA), mac))).toBe(undefined);
    expect(bench.udp.received[0]?.isGroup).toBe(true);
  });

  test("one with options that are skipped (RFC 9293, MUST-50)", () => {
    const { bench } = onEthernet();
    expect(bench.receive(1, frame4(ipv4({ options: Uint8Array.of(1, 1, 130, 3, 0, 0) }, DATA)))).toBe(
      undefined,
    );
    expect(bench.udp.received[0]?.payload).toEqual(DATA);
  });

  test("one for an address of another interface, in the weak host model (RFC 1122 §3.3.4.2)", () => {
    const { bench } = onEthernet({ hostModel: "weak" });
    bench.tunnel("tun0", "192.0.2.1/24");
    expect(bench.receive(1, frame4(ipv4({ destination: ip("192.0.2.1") }, DATA)))).toBe(undefined);
  });
});

describe("what is dropped", () => {
  const damaged = (change: (packet: Uint8Array) => void): Uint8Array => {
    const packet = ipv4({}, DATA);
    change(packet);
    return packet;
  };
  test.each([
    ["a bad checksum (RFC 1122 §3.2.1.2)", damaged(packet => packet.fill(7, 8, 9)), "ip-bad-checksum"],
    ["another version (§3.2.1.1)", damaged(packet => packet.fill(0x55, 0, 1)), "ip-bad-version"],
    ["a header shorter than 20 bytes", damaged(packet => packet.fill(0x44, 0, 1)), "ip-bad-header-length"],
    ["a header longer than the packet", ipv4({}, DATA).subarray(0, 19), "ip-truncated"],
    ["more length than there is", ipv4({ totalLength: 400 }, DATA), "ip-bad-total-length"],
    ["a multicast source (§3.2.1.3)", ipv4({ source: ip("224.0.0.9") }, DATA), "ip-bad-source"],
    ["a broadcast source", ipv4({ source: BROADCAST }, DATA), "ip-bad-source"],
    ["a source in 0/8", ipv4({ source: ip("0.0.0.9") }, DATA), "ip-bad-source"],
    [
      "a source in 0/8, to all",
      ipv4({ source: ip("0.255.0.9"), destination: BROADCAST }, DATA),
      "ip-bad-source",
    ],
    ["a source in class E", ipv4({ source: ip("240.0.0.9") }, DATA), "ip-bad-source"],
    ["the source 0.0.0.0, to one host", ipv4({ source: ip("0.0.0.0") }, DATA), "ip-bad-source"],
    ["a loopback source from outside", ipv4({ source: ip("127.0.0.1") }, DATA), "ip-bad-source"],
    ["our own address as source from outside", ipv4({ source: OUR_V4 }, DATA), "ip-bad-source"],
    ["somebody else's destination", ipv4({ destination: ip("10.0.0.7") }, DATA), "ip-not-for-us"],
    ["a group nobody joined", ipv4({ destination: ip("224.0.0.77") }, DATA), "ip-not-for-us"],
    ["a source route", ipv4({ options: Uint8Array.of(131, 3, 4, 0) }, DATA), "ip-source-route"],
  ] as const)("%s", (_, packet, reason) => {
    const { bench } = onEthernet();
    expect(bench.receive(1, frame4(packet))).toBe(reason);
    expect(bench.udp.received).toEqual([]);
  });

  test("a packet for one host in a frame for all (RFC 1122 §3.3.6)", () => {
    const { bench } = onEthernet();
    expect(bench.receive(1, frame4(ipv4({}, DATA), BROADCAST_MAC))).toBe("ip-not-for-us");
  });

  test("one for an address of another interface, in the strong host model (RFC 1122 §3.3.4.2)", () => {
    const { bench } = onEthernet({ hostModel: "strong" });
    bench.tunnel("tun0", "192.0.2.1/24");
    expect(bench.receive(1, frame4(ipv4({ destination: ip("192.0.2.1") }, DATA)))).toBe("ip-not-for-us");
  });
});

describe("what is answered with an error (RFC 1122 §3.2.2)", () => {
  test("an unknown protocol: protocol unreachable", () => {
    expect(answerTo(ipv4({ protocol: 253 }, DATA))).toEqual([
      ICMPV4_TYPE.destinationUnreachable,
      ICMPV4_UNREACHABLE.protocol,
      0,
    ]);
  });

  test("malformed options: parameter problem that points at the octet", () => {
    const packet = ipv4({ options: Uint8Array.of(1, 130, 60, 0) }, DATA);
    expect(answerTo(packet)).toEqual([ICMPV4_TYPE.parameterProblem, 0, 22 << 24]);
  });

  test("a port where nobody listens: port unreachable, from the address that was meant", () => {
    const { bench, device } = onEthernet();
    bench.udp.answer = "udp-no-port";
    expect(bench.receive(1, frame4(ipv4({}, DATA)))).toBe("udp-no-port");
    const sent = device.takeOne();
    expect(readIpv4(sent)).toMatchObject({ source: OUR_V4, destination: PEER_V4 });
    expect(readIcmp(sent)).toMatchObject({ type: 3, code: 3 });
    // The whole offending packet follows.
    expect(sent.subarray(ETHERNET_HEADER_SIZE + 28)).toEqual(ipv4({}, DATA));
  });

  test("never one for many, an error, or a later fragment", () => {
    const { bench, device } = onEthernet();
    bench.udp.answer = "udp-no-port";
    bench.receive(1, frame4(ipv4({ destination: BROADCAST }, DATA), BROADCAST_MAC));
    bench.receive(1, frame4(ipv4({ destination: ALL_HOSTS }, DATA), multicastMac(ALL_HOSTS)));
    bench.receive(1, frame4(ipv4({ protocol: 1 }, icmp(3, 1, 0, ipv4({}, DATA)))));
    expect(device.take()).toEqual([]);
  });
});

describe("fragments (RFC 791 §3.2)", () => {
  const whole = Uint8Array.from({ length: 24 }, (_, index) => index);
  const piece = (offset: number, length: number, more: boolean, id = 7): Uint8Array =>
    frame4(
      ipv4(
        { identification: id, fragmentOffset: offset, moreFragments: more },
        whole.subarray(offset, offset + length),
      ),
    );

  function receiveAll(bench: Bench, ...pieces: Uint8Array[]): void {
    for (const frame of pieces) bench.receive(1, frame);
  }

  test("in any order become the datagram", () => {
    const { bench, net } = onEthernet();
    receiveAll(bench, piece(16, 8, false), piece(0, 8, true), piece(8, 8, true));
    expect(bench.udp.received.map(({ payload }) => payload)).toEqual([whole]);
    expect(bench.udp.received[0]).toMatchObject({ source: PEER_V4, destination: OUR_V4, hopLimit: 64 });
    expect(net.counters.ipv4).toMatchObject({ fragmentsReceived: 3, reassembled: 1, delivered: 1 });
  });

  test.each([
    ["source", { source: ip("10.0.0.3") }],
    ["destination", { destination: ip("10.0.0.255") }],
    ["protocol", { protocol: IP_PROTOCOL.tcp }],
  ])("of another %s belong to another datagram", (_, other) => {
    const { bench } = onEthernet();
    const rest = { identification: 7, fragmentOffset: 8, ...other };
    receiveAll(bench, piece(0, 8, true), frame4(ipv4(rest, whole.subarray(8, 16))));
    expect(bench.udp.received).toEqual([]);
    receiveAll(bench, piece(8, 8, false));
    expect(bench.udp.received.map(({ payload }) => payload)).toEqual([whole.subarray(0, 16)]);
  });

  test("of which one met congestion make a datagram that did (RFC 3168 §5.3)", () => {
    const { bench } = onEthernet();
    for (const [trafficClass, fragmentOffset, moreFragments] of [
      [0xb9, 0, true],
      [0xbb, 8, true],
      [0xb9, 16, false],
    ] as const) {
      bench.receive(1, frame4(ipv4({ trafficClass, fragmentOffset, moreFragments }, DATA.subarray(0, 8))));
    }
    expect(bench.udp.received).toMatchObject([{ trafficClass: 0xbb }]);
  });

  test("that overlap are refused with the whole datagram", () => {
    const { bench } = onEthernet();
    receiveAll(bench, piece(0, 16, true));
    expect(bench.receive(1, piece(8, 16, false))).toBe("fragment-overlap");
    expect(bench.udp.received).toEqual([]);
  });

  test("whose time is over are answered with time exceeded, if the first had come (RFC 792)", () => {
    const { bench, device } = onEthernet();
    receiveAll(bench, piece(0, 8, true, 1), piece(8, 8, true, 2));
    bench.advance(seconds(31));
    const sent = device.take().filter(bytes => readIpv4(bytes).protocol === 1);
    expect(sent).toHaveLength(1);
    expect(readIcmp(sent[0] as Uint8Array)).toMatchObject({ type: ICMPV4_TYPE.timeExceeded, code: 1 });
    expect(bench.drops).toEqual(["fragment-timeout", "fragment-timeout"]);
  });
});
