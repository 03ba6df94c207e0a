import { describe, expect, test } from "vitest";
import { ip } from "../../wire/address.ts";
import { ETHERNET_HEADER_SIZE } from "../../wire/ethernet.ts";
import { ICMPV4_TYPE, icmpv4Checksum } from "../../wire/icmpv4.ts";
import { BROADCAST_MAC } from "../../wire/mac-address.ts";
import { IP_PROTOCOL } from "../../wire/protocol.ts";
import { onEthernet } from "../net-bench.ts";
import { frame4, icmp, ipv4, OUR_V4, PEER_V4, payload, readIcmp, readIpv4 } from "../net-bench-packets.ts";

const DATA = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
const ROUTER = ip("10.0.0.254");
const FAR = ip("198.51.100.7");

/** What we sent, as a router quotes it: the IP header and 8 bytes. */
function quote(fields: Parameters<typeof ipv4>[0] = {}): Uint8Array {
  return ipv4({ source: OUR_V4, destination: PEER_V4, ...fields }, DATA.subarray(0, 8));
}

function error(type: number, code: number, rest: number, quoted: Uint8Array): Uint8Array {
  return frame4(ipv4({ source: ROUTER, protocol: IP_PROTOCOL.icmpv4 }, icmp(type, code, rest, quoted)));
}

describe("echo (RFC 1122 §3.2.2.6)", () => {
  const request = icmp(ICMPV4_TYPE.echoRequest, 0, 0x1234_0005, DATA);

  test("a request is answered with the same identifier, number and data", () => {
    const { bench, net, device } = onEthernet();
    expect(bench.receive(1, frame4(ipv4({ protocol: 1, trafficClass: 0x2f }, request)))).toBe(undefined);
    const sent = device.takeOne();
    expect(readIpv4(sent)).toMatchObject({ source: OUR_V4, destination: PEER_V4, trafficClass: 0x2c });
    expect(readIcmp(sent)).toMatchObject({ type: ICMPV4_TYPE.echoReply, identifier: 0x1234, sequence: 5 });
    expect(icmpv4Checksum(sent, ETHERNET_HEADER_SIZE + 20, sent.length)).toBe(0);
    expect(sent.subarray(ETHERNET_HEADER_SIZE + 28)).toEqual(DATA);
    expect(net.counters.icmpv4).toMatchObject({ received: 1, sent: 1, echoesAnswered: 1 });
  });

  test("a large answer is cut as the request was", () => {
    const { bench, device } = onEthernet();
    const large = ipv4({ protocol: 1 }, icmp(ICMPV4_TYPE.echoRequest, 0, 1, new Uint8Array(4_000)));
    bench.receive(1, frame4(large));
    expect(device.take()).toHaveLength(3);
  });

  test("one to a broadcast address is not answered", () => {
    const { bench, device } = onEthernet();
    const packet = ipv4({ protocol: 1, destination: ip("10.0.0.255") }, request);
    expect(bench.receive(1, frame4(packet, BROADCAST_MAC))).toBe("ip-not-for-us");
    expect(device.take()).toEqual([]);
  });

  test("what is too short for an ICMP header is dropped", () => {
    const { bench } = onEthernet();
    const cut = ipv4({ protocol: 1, totalLength: 27 }, request);
    expect(bench.receive(1, frame4(cut))).toBe("icmp-truncated");
  });

  test("who cannot be reached is not answered", () => {
    const { bench, device } = onEthernet();
    expect(bench.receive(1, frame4(ipv4({ protocol: 1, source: FAR }, request)))).toBe("ip-no-route");
    expect(device.take()).toEqual([]);
  });

  test("a bad checksum is not answered", () => {
    const { bench } = onEthernet();
    const bad = request.slice();
    bad[9] = 0xff;
    expect(bench.receive(1, frame4(ipv4({ protocol: 1 }, bad)))).toBe("icmp-bad-checksum");
  });

  test("an unknown type is dropped in silence (§3.2.2)", () => {
    const { bench, device } = onEthernet();
    expect(bench.receive(1, frame4(ipv4({ protocol: 1 }, icmp(99, 0, 0, DATA))))).toBe("icmp-unknown-type");
    expect(device.take()).toEqual([]);
  });
});

describe("errors about what we sent (RFC 1122 §3.2.2.1)", () => {
  test("go to the transport that sent it, with its header", () => {
    const { bench } = onEthernet();
    expect(bench.receive(1, error(3, 3, 0, quote()))).toBe(undefined);
    expect(bench.udp.errors).toEqual([
      {
        kind: "port-unreachable",
        code: "ECONNREFUSED",
        mtu: 0,
        type: 3,
        icmpCode: 3,
        reporter: ROUTER,
        local: OUR_V4,
        remote: PEER_V4,
        protocol: 17,
        quote: DATA.subarray(0, 8),
      },
    ]);
  });

  test.each([
    [
      "quotes a packet that we did not send",
      error(3, 3, 0, quote({ source: ip("10.0.0.7") })),
      "icmp-no-socket",
    ],
    ["is about a protocol that nobody speaks", error(3, 3, 0, quote({ protocol: 99 })), "icmp-no-socket"],
    ["quotes too little", error(3, 3, 0, quote().subarray(0, 24)), "icmp-truncated"],
    ["is a redirect, which we do not follow", error(5, 1, 0, quote()), "icmp-unknown-type"],
  ])("one that %s is dropped", (_, frame, reason) => {
    const { bench } = onEthernet();
    expect(bench.receive(1, frame)).toBe(reason);
    expect(bench.udp.errors).toEqual([]);
  });

  test("one that was sent to all on the link is nobody's", () => {
    const { bench } = onEthernet();
    const message = icmp(3, 3, 0, quote());
    const broadcast = ipv4({ source: ROUTER, destination: ip("10.0.0.255"), protocol: 1 }, message);
    expect(bench.receive(1, frame4(broadcast, BROADCAST_MAC))).toBe("icmp-malformed");
    expect(bench.udp.errors).toEqual([]);
  });

  test("source quench is ignored (RFC 6633 §3, MUST-55)", () => {
    const { bench } = onEthernet();
    expect(bench.receive(1, error(4, 0, 0, quote()))).toBe(undefined);
    expect(bench.udp.errors).toEqual([]);
  });
});

describe("fragmentation needed (RFC 1191 §6.3)", () => {
  test("lowers the MTU of every path to the destination, and is told to the transport", () => {
    const { bench, net } = onEthernet();
    const path = net.pathTo(PEER_V4);
    if (typeof path === "string") throw new Error(path);
    expect(path.mtu).toBe(1_500);
    bench.receive(1, error(3, 4, 1_400, quote()));
    expect(path.mtu).toBe(1_400);
    expect(path.linkMtu).toBe(1_500);
    expect(bench.udp.errors[0]).toMatchObject({ kind: "packet-too-big", mtu: 1_400, code: "EMSGSIZE" });
    expect(path.send(payload(1_400), IP_PROTOCOL.udp)).toBe("EMSGSIZE");
  });

  test("does nothing when the transport never sent what it quotes (RFC 5927 §7)", () => {
    const { bench, net } = onEthernet();
    bench.udp.believes = false;
    bench.receive(1, error(3, 4, 1_400, quote()));
    const path = net.pathTo(PEER_V4);
    expect(typeof path === "string" ? path : path.mtu).toBe(1_500);
    expect(bench.drops).toEqual(["icmp-no-socket"]);
  });

  test("does nothing when it quotes a packet of somebody else", () => {
    const { bench, net } = onEthernet();
    bench.receive(1, error(3, 4, 1_400, quote({ source: ip("10.0.0.7") })));
    const path = net.pathTo(PEER_V4);
    expect(typeof path === "string" ? path : path.mtu).toBe(1_500);
  });
});

describe("errors that we send (RFC 1122 §3.2.2, RFC 1812 §4.3.2.8)", () => {
  test("are limited for each destination", () => {
    const { bench, net } = onEthernet();
    for (let i = 0; i < 100; i++) bench.receive(1, frame4(ipv4({ protocol: 253 }, DATA)));
    expect(net.counters.icmpv4.errorsSent).toBe(6);
    expect(bench.drops).toContain("icmp-rate-limited");
  });

  test("have the precedence of network control and may be cut", () => {
    const { bench, device } = onEthernet();
    bench.receive(1, frame4(ipv4({ protocol: 253 }, DATA)));
    expect(readIpv4(device.takeOne())).toMatchObject({ trafficClass: 0xc0, dontFragment: false });
  });

  test("are not sent when the offender cannot be reached", () => {
    const { bench, device } = onEthernet();
    bench.receive(1, frame4(ipv4({ protocol: 253, source: FAR }, DATA)));
    expect(device.take()).toEqual([]);
  });
});
