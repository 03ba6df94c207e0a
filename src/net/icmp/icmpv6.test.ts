import { describe, expect, test } from "vitest";
import { ALL_NODES, ip } from "../../wire/address.ts";
import { ETHERNET_HEADER_SIZE } from "../../wire/ethernet.ts";
import { ICMPV6_TYPE, icmpv6Checksum } from "../../wire/icmpv6.ts";
import { IPV6_HEADER_SIZE } from "../../wire/ipv6.ts";
import { multicastMac } from "../../wire/mac-address.ts";
import { IP_PROTOCOL } from "../../wire/protocol.ts";
import { onEthernet } from "../net-bench.ts";
import { frame6, icmp, ipv6, OUR_V6, PEER_V6, readIcmp, readIpv6 } from "../net-bench-packets.ts";

const DATA = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
const ICMP = ETHERNET_HEADER_SIZE + IPV6_HEADER_SIZE;
const ROUTER = ip("fd00::fe");
const nextHeader = IP_PROTOCOL.icmpv6;

describe("echo (RFC 4443 §4)", () => {
  const request = (to = OUR_V6): Uint8Array =>
    icmp(ICMPV6_TYPE.echoRequest, 0, 0x1234_0005, DATA, [PEER_V6, to]);

  test("a request is answered with the same identifier, number and data", () => {
    const { bench, device } = onEthernet();
    expect(bench.receive(1, frame6(ipv6({ nextHeader }, request())))).toBe(undefined);
    const sent = device.takeOne();
    expect(readIpv6(sent)).toMatchObject({ source: OUR_V6, destination: PEER_V6 });
    expect(readIcmp(sent, ICMP)).toMatchObject({ type: 129, identifier: 0x1234, sequence: 5 });
    expect(icmpv6Checksum(OUR_V6, PEER_V6, sent, ICMP, sent.length)).toBe(0);
    expect(sent.subarray(ICMP + 8)).toEqual(DATA);
  });

  test("one to all nodes is answered from an address of the interface (§4.2)", () => {
    const { bench, device } = onEthernet();
    const packet = ipv6({ nextHeader, destination: ALL_NODES }, request(ALL_NODES));
    expect(bench.receive(1, frame6(packet, multicastMac(ALL_NODES)))).toBe(undefined);
    const sent = device.takeOne();
    expect(readIpv6(sent)).toMatchObject({ source: OUR_V6, destination: PEER_V6 });
    expect(icmpv6Checksum(OUR_V6, PEER_V6, sent, ICMP, sent.length)).toBe(0);
  });

  test("the checksum covers the addresses (§2.3)", () => {
    const { bench } = onEthernet();
    const packet = ipv6({ nextHeader }, request(ip("fd00::3")));
    expect(bench.receive(1, frame6(packet))).toBe("icmp-bad-checksum");
  });
});

describe("errors about what we sent", () => {
  function error(type: number, code: number, rest: number, quoted: Uint8Array): Uint8Array {
    const message = icmp(type, code, rest, quoted, [ROUTER, OUR_V6]);
    return frame6(ipv6({ nextHeader, source: ROUTER }, message));
  }
  const quote = ipv6({ source: OUR_V6, destination: PEER_V6 }, DATA);

  test("go to the transport that sent it (RFC 4443 §2.4 d)", () => {
    const { bench } = onEthernet();
    expect(bench.receive(1, error(1, 4, 0, quote))).toBe(undefined);
    expect(bench.udp.errors[0]).toMatchObject({
      kind: "port-unreachable",
      code: "ECONNREFUSED",
      reporter: ROUTER,
      local: OUR_V6,
      remote: PEER_V6,
      protocol: 17,
      quote: DATA,
    });
  });

  test("packet too big lowers the path MTU, but never below 1280 (RFC 8201 §4)", () => {
    const { bench, net } = onEthernet();
    const path = net.pathTo(PEER_V6);
    if (typeof path === "string") throw new Error(path);
    bench.receive(1, error(2, 0, 1_000, quote));
    expect(path.mtu).toBe(1_500);
    bench.receive(1, error(2, 0, 1_300, quote));
    expect(path.mtu).toBe(1_300);
  });
});

test("errors that we send are limited (RFC 4443 §2.4 f)", () => {
  const { bench, net, device } = onEthernet();
  for (let i = 0; i < 100; i++) bench.receive(1, frame6(ipv6({ nextHeader: 253 }, DATA)));
  expect(net.counters.icmpv6.errorsSent).toBe(6);
  const sent = device.take()[0] as Uint8Array;
  expect(icmpv6Checksum(OUR_V6, PEER_V6, sent, ICMP, sent.length)).toBe(0);
});

test("multicast listener queries and unknown messages are dropped in silence (§2.4 b)", () => {
  const { bench, device } = onEthernet();
  const message = icmp(200, 0, 0, DATA, [PEER_V6, OUR_V6]);
  expect(bench.receive(1, frame6(ipv6({ nextHeader }, message)))).toBe("icmp-unknown-type");
  expect(device.take()).toEqual([]);
});
