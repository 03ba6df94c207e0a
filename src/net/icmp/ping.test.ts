import { describe, expect, test } from "vitest";
import { seconds } from "../../base/time.ts";
import { ip } from "../../wire/address.ts";
import { ETHERNET_HEADER_SIZE } from "../../wire/ethernet.ts";
import { ICMPV4_TYPE, icmpv4Checksum } from "../../wire/icmpv4.ts";
import { ICMPV6_TYPE, icmpv6Checksum } from "../../wire/icmpv6.ts";
import { IPV6_HEADER_SIZE } from "../../wire/ipv6.ts";
import { IP_PROTOCOL } from "../../wire/protocol.ts";
import { type Bench, type KeptDevice, onEthernet } from "../net-bench.ts";
import {
  frame4,
  frame6,
  icmp,
  ipv4,
  ipv6,
  OUR_V4,
  OUR_V6,
  PEER_V4,
  PEER_V6,
  readIcmp,
  readIpv4,
  readIpv6,
} from "../net-bench-packets.ts";
import type { IcmpError } from "../transport.ts";
import type { Ping, PingReply } from "./ping.ts";

const DATA = Uint8Array.of(9, 8, 7, 6, 5, 4, 3, 2, 1);
const ROUTER = ip("10.0.0.254");

function pinging(family: 4 | 6): {
  bench: Bench;
  device: KeptDevice;
  ping: Ping;
  replies: PingReply[];
  errors: Array<readonly [IcmpError["kind"], number]>;
} {
  const { bench, net, device } = onEthernet();
  const replies: PingReply[] = [];
  const errors: Array<readonly [IcmpError["kind"], number]> = [];
  const ping = net.openPing(family, {
    reply: reply => replies.push({ ...reply, payload: reply.payload.slice() }),
    error: (error, sequence) => errors.push([error.kind, sequence]),
  });
  if (ping === undefined) throw new Error("no identifier");
  return { bench, device, ping, replies, errors };
}

describe("IPv4", () => {
  test("a request leaves with its identifier and number, and the reply comes back (RFC 792)", () => {
    const { bench, device, ping, replies } = pinging(4);
    expect(ping.send(PEER_V4, 3, DATA, { hopLimit: 7 })).toBe(undefined);
    const sent = device.takeOne();
    expect(readIpv4(sent)).toMatchObject({ source: OUR_V4, destination: PEER_V4, hopLimit: 7, protocol: 1 });
    expect(readIcmp(sent)).toMatchObject({
      type: ICMPV4_TYPE.echoRequest,
      identifier: ping.identifier,
      sequence: 3,
    });
    expect(icmpv4Checksum(sent, ETHERNET_HEADER_SIZE + 20, sent.length)).toBe(0);

    const reply = icmp(ICMPV4_TYPE.echoReply, 0, (ping.identifier << 16) | 3, DATA);
    expect(bench.receive(1, frame4(ipv4({ protocol: 1, hopLimit: 61 }, reply)))).toBe(undefined);
    expect(replies).toEqual([{ source: PEER_V4, sequence: 3, payload: DATA, hopLimit: 61 }]);
  });

  test("a router where the hop limit ran out is an error of that request: traceroute", () => {
    const { bench, device, ping, errors } = pinging(4);
    ping.send(PEER_V4, 3, DATA, { hopLimit: 1 });
    const quoted = device.takeOne().subarray(ETHERNET_HEADER_SIZE);
    const exceeded = icmp(ICMPV4_TYPE.timeExceeded, 0, 0, quoted.subarray(0, 28));
    bench.receive(1, frame4(ipv4({ source: ROUTER, protocol: 1 }, exceeded)));
    expect(errors).toEqual([["time-exceeded", 3]]);
  });

  test("a neighbor that does not answer is host-unreachable, for each request that waited", () => {
    const { bench, ping, errors } = pinging(4);
    ping.send(ip("10.0.0.77"), 1, DATA);
    ping.send(ip("10.0.0.77"), 2, DATA);
    bench.advance(seconds(4));
    expect(errors).toEqual([
      ["host-unreachable", 1],
      ["host-unreachable", 2],
    ]);
  });

  test("a reply to nobody, or after close, is dropped", () => {
    const { bench, ping, replies } = pinging(4);
    const reply = (identifier: number): Uint8Array =>
      frame4(ipv4({ protocol: 1 }, icmp(ICMPV4_TYPE.echoReply, 0, identifier << 16, DATA)));
    expect(bench.receive(1, reply(ping.identifier ^ 1))).toBe("icmp-no-socket");
    ping.close();
    expect(bench.receive(1, reply(ping.identifier))).toBe("icmp-no-socket");
    expect(replies).toEqual([]);
  });

  test("an error about somebody else's request, or about no request, is nobody's", () => {
    const { bench, ping, errors } = pinging(4);
    const about = (type: number, identifier: number): Uint8Array => {
      const message = icmp(type, 0, identifier << 16, DATA);
      const quoted = ipv4({ source: OUR_V4, destination: PEER_V4, protocol: 1 }, message);
      return frame4(ipv4({ source: ROUTER, protocol: 1 }, icmp(3, 1, 0, quoted)));
    };
    expect(bench.receive(1, about(ICMPV4_TYPE.echoRequest, ping.identifier ^ 1))).toBe("icmp-no-socket");
    expect(bench.receive(1, about(ICMPV4_TYPE.echoReply, ping.identifier))).toBe("icmp-no-socket");
    expect(errors).toEqual([]);
    expect(bench.receive(1, about(ICMPV4_TYPE.echoRequest, ping.identifier))).toBe(undefined);
    expect(errors).toEqual([["host-unreachable", 0]]);
  });

  test("a request carries the traffic class it is given, and as much data as a datagram has room for", () => {
    const { device, ping } = pinging(4);
    ping.send(PEER_V4, 1, DATA, { trafficClass: 0x2e });
    expect(readIpv4(device.takeOne()).trafficClass).toBe(0x2e);
    expect(ping.send(PEER_V4, 1, new Uint8Array(65_507))).toBe(undefined);
    expect(ping.send(PEER_V4, 1, new Uint8Array(65_508))).toBe("EMSGSIZE");
  });

  test("what cannot be sent says why", () => {
    const { ping } = pinging(4);
    expect(ping.send(ip("198.51.100.1"), 1, DATA)).toBe("ENETUNREACH");
    expect(ping.send(PEER_V6, 1, DATA)).toBe("EAFNOSUPPORT");
    expect(ping.send(PEER_V4, 1, new Uint8Array(70_000))).toBe("EMSGSIZE");
    expect(ping.send(PEER_V4, 1, new Uint8Array(3_000), { dontFragment: true })).toBe("EMSGSIZE");
    expect(ping.send(PEER_V4, 1, new Uint8Array(3_000))).toBe(undefined);
  });
});

test("two users have two identifiers", () => {
  const { net } = onEthernet();
  const listener = { reply: () => {}, error: () => {} };
  const identifiers = Array.from({ length: 200 }, () => net.openPing(4, listener)?.identifier);
  expect(new Set(identifiers).size).toBe(200);
});

test("IPv6: the request's checksum covers its addresses, and the reply comes back (RFC 4443 §4)", () => {
  const { bench, device, ping, replies } = pinging(6);
  ping.send(PEER_V6, 3, DATA);
  const sent = device.takeOne();
  const at = ETHERNET_HEADER_SIZE + IPV6_HEADER_SIZE;
  expect(readIpv6(sent)).toMatchObject({ source: OUR_V6, destination: PEER_V6 });
  expect(icmpv6Checksum(OUR_V6, PEER_V6, sent, at, sent.length)).toBe(0);
  const reply = icmp(ICMPV6_TYPE.echoReply, 0, (ping.identifier << 16) | 3, DATA, [PEER_V6, OUR_V6]);
  bench.receive(1, frame6(ipv6({ nextHeader: IP_PROTOCOL.icmpv6 }, reply)));
  expect(replies).toEqual([{ source: PEER_V6, sequence: 3, payload: DATA, hopLimit: 64 }]);
});
