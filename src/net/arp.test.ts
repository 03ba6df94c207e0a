import { describe, expect, test } from "vitest";
import { milliseconds, seconds } from "../base/time.ts";
import { ANY_V4, ip } from "../wire/address.ts";
import { ARP_OPERATION } from "../wire/arp.ts";
import { ETHERNET_HEADER_SIZE } from "../wire/ethernet.ts";
import { BROADCAST_MAC, type MacAddress, ZERO_MAC } from "../wire/mac-address.ts";
import { IP_PROTOCOL } from "../wire/protocol.ts";
import { Bench, KeptDevice, onEthernet } from "./net-bench.ts";
import {
  arpFrame,
  OUR_MAC,
  OUR_V4,
  PEER_MAC,
  PEER_V4,
  payload,
  readArp,
  readEthernet,
} from "./net-bench-packets.ts";

const STRANGER = ip("10.0.0.9");
const STRANGER_MAC = 0x0200_0000_0009 as MacAddress;

describe("packet reception (RFC 826)", () => {
  test("a request for our address is answered to the sender, who becomes known", () => {
    const { bench, net, device } = onEthernet();
    expect(bench.receive(1, arpFrame("request", [STRANGER_MAC, STRANGER], [ZERO_MAC, OUR_V4]))).toBe(
      undefined,
    );
    const sent = device.takeOne();
    expect(readEthernet(sent).destination).toBe(STRANGER_MAC);
    expect(readArp(sent)).toMatchObject({
      operation: ARP_OPERATION.reply,
      senderMac: OUR_MAC,
      senderIp: OUR_V4,
      targetMac: STRANGER_MAC,
      targetIp: STRANGER,
    });
    expect(net.neighbors().find(entry => entry.address.equals(STRANGER))).toMatchObject({
      mac: STRANGER_MAC,
      state: "stale",
    });
  });

  test("a request for somebody else's address is not answered, and its sender not added", () => {
    const { bench, net, device } = onEthernet();
    const request = arpFrame("request", [STRANGER_MAC, STRANGER], [ZERO_MAC, ip("10.0.0.7")]);
    expect(bench.receive(1, request)).toBe("arp-not-for-us");
    expect(device.take()).toEqual([]);
    expect(net.neighbors().some(entry => entry.address.equals(STRANGER))).toBe(false);
  });

  test("who is already in the table is brought up to date by any packet of his", () => {
    const { bench, net } = onEthernet();
    bench.receive(1, arpFrame("request", [STRANGER_MAC, PEER_V4], [ZERO_MAC, ip("10.0.0.7")]));
    expect(net.neighbors().find(entry => entry.address.equals(PEER_V4))?.mac).toBe(STRANGER_MAC);
  });

  test("a reply that nobody asked for is believed, but no proof: its address is probed once it is used", () => {
    const { bench, net, device } = onEthernet();
    const forged = arpFrame("reply", [STRANGER_MAC, PEER_V4], [OUR_MAC, OUR_V4], OUR_MAC);
    const path = net.pathTo(PEER_V4);
    if (typeof path === "string") throw new Error(path);
    path.confirmReachable();
    expect(bench.receive(1, forged)).toBe(undefined);
    expect(net.neighbors().find(entry => entry.address.equals(PEER_V4))?.state).toBe("stale");
    path.send(payload(8), IP_PROTOCOL.udp);
    device.take();
    bench.advance(seconds(5));
    expect(readEthernet(device.takeOne()).destination).toBe(STRANGER_MAC);
  });

  test("a reply that nobody asked for adds nobody", () => {
    const { bench, net } = onEthernet();
    bench.receive(1, arpFrame("reply", [STRANGER_MAC, STRANGER], [OUR_MAC, OUR_V4], OUR_MAC));
    expect(net.neighbors().some(entry => entry.address.equals(STRANGER))).toBe(false);
  });

  test.each(["request", "reply"] as const)(
    "a %s from a group's link-layer address is refused (RFC 1812 §3.3.2)",
    kind => {
      const { bench, net, device } = onEthernet();
      const frame = arpFrame(kind, [BROADCAST_MAC, PEER_V4], [ZERO_MAC, OUR_V4]);
      expect(bench.receive(1, frame)).toBe("arp-malformed");
      expect(device.take()).toEqual([]);
      expect(net.neighbors().find(entry => entry.address.equals(PEER_V4))?.mac).toBe(PEER_MAC);
    },
  );

  test.each(["255.255.255.255", "10.0.0.255", "224.0.0.5", "127.0.0.1"])("%s is not learned", address => {
    const { bench, net } = onEthernet();
    bench.receive(1, arpFrame("request", [STRANGER_MAC, ip(address)], [ZERO_MAC, OUR_V4]));
    expect(net.neighbors().some(entry => entry.address.equals(ip(address)))).toBe(false);
  });

  test("a probe (sender 0.0.0.0) for our address is answered (RFC 5227 §2.1.1)", () => {
    const { bench, device } = onEthernet();
    bench.receive(1, arpFrame("request", [STRANGER_MAC, ANY_V4], [ZERO_MAC, OUR_V4]));
    expect(readArp(device.takeOne())).toMatchObject({ operation: ARP_OPERATION.reply, senderIp: OUR_V4 });
    expect(bench.net.neighbors().some(entry => entry.address.equals(ANY_V4))).toBe(false);
  });

  test("an operation that is neither request nor reply is neither answered nor learned from", () => {
    const { bench, device } = onEthernet();
    const reverse = arpFrame("request", [STRANGER_MAC, STRANGER], [ZERO_MAC, OUR_V4]);
    reverse[ETHERNET_HEADER_SIZE + 7] = 3;
    expect(bench.receive(1, reverse)).toBe("arp-not-for-us");
    expect(device.take()).toEqual([]);
    expect(bench.net.neighbors().some(entry => entry.address.equals(STRANGER))).toBe(false);
  });

  test("one that is cut off is refused", () => {
    const { bench, device } = onEthernet();
    const request = arpFrame("request", [STRANGER_MAC, STRANGER], [ZERO_MAC, OUR_V4]);
    expect(bench.receive(1, request.subarray(0, request.length - 1))).toBe("arp-malformed");
    expect(device.take()).toEqual([]);
  });

  test("our own question that a bridge sends back is no conflict", () => {
    const { bench, device } = onEthernet();
    const own = arpFrame("request", [OUR_MAC, OUR_V4], [ZERO_MAC, STRANGER]);
    own.set([2, 0, 0, 0, 0, 9], 6);
    expect(bench.receive(1, own)).toBe("arp-not-for-us");
    expect(device.take()).toEqual([]);
  });

  test("an answer to our question that went to somebody else is believed, but proves nothing of the way back", () => {
    const { bench, net, device } = onEthernet();
    const path = net.pathTo(STRANGER);
    if (typeof path === "string") throw new Error(path);
    path.send(payload(10), IP_PROTOCOL.udp);
    device.take();
    const reply = arpFrame("reply", [STRANGER_MAC, STRANGER], [PEER_MAC, PEER_V4]);
    expect(bench.receive(1, reply)).toBe("arp-not-for-us");
    expect(device.take()).toHaveLength(1);
    expect(net.neighbors().find(entry => entry.address.equals(STRANGER))?.state).toBe("delay");
  });

  test("what was asked, answered and disputed is counted", () => {
    const { bench, net } = onEthernet();
    const path = net.pathTo(STRANGER);
    if (typeof path === "string") throw new Error(path);
    Object.assign(net.counters.arp, { requestsSent: 0 });
    path.send(payload(10), IP_PROTOCOL.udp);
    bench.receive(1, arpFrame("reply", [STRANGER_MAC, STRANGER], [OUR_MAC, OUR_V4], OUR_MAC));
    bench.receive(1, arpFrame("request", [STRANGER_MAC, STRANGER], [ZERO_MAC, OUR_V4]));
    bench.receive(1, arpFrame("request", [STRANGER_MAC, STRANGER], [ZERO_MAC, PEER_V4]));
    expect(net.counters.arp).toEqual({
      requestsSent: 1,
      repliesReceived: 1,
      requestsReceived: 2,
      repliesSent: 1,
      conflicts: 0,
    });
    bench.receive(1, arpFrame("request", [STRANGER_MAC, OUR_V4], [ZERO_MAC, PEER_V4]));
    expect(net.counters.arp).toMatchObject({ conflicts: 1, requestsSent: 2 });
  });
});

describe("questions", () => {
  test("the first goes to all, and the packet leaves with the answer", () => {
    const { bench, net, device } = onEthernet();
    const path = net.pathTo(STRANGER);
    if (typeof path === "string") throw new Error(path);
    expect(path.send(payload(10), IP_PROTOCOL.udp)).toBe(undefined);
    const question = device.takeOne();
    expect(readEthernet(question).destination).toBe(BROADCAST_MAC);
    expect(readArp(question)).toMatchObject({
      operation: ARP_OPERATION.request,
      senderMac: OUR_MAC,
      senderIp: OUR_V4,
      targetMac: ZERO_MAC,
      targetIp: STRANGER,
    });
    bench.receive(1, arpFrame("reply", [STRANGER_MAC, STRANGER], [OUR_MAC, OUR_V4], OUR_MAC));
    expect(readEthernet(device.takeOne()).destination).toBe(STRANGER_MAC);
  });

  test("they are asked from the source of the packet that waits (RFC 4861 §7.2.2)", () => {
    const { net, device } = onEthernet();
    const second = ip("10.0.0.5");
    net.addAddress(1, second, 24, { duplicateDetection: false });
    const path = net.pathTo(STRANGER, second);
    if (typeof path === "string") throw new Error(path);
    path.send(payload(10), IP_PROTOCOL.udp);
    expect(readArp(device.takeOne()).senderIp).toEqual(second);
  });

  test("whether a neighbor is still there is asked of himself (RFC 1122 §2.3.2.1)", () => {
    const { bench, net, device } = onEthernet();
    const path = net.pathTo(PEER_V4);
    if (typeof path === "string") throw new Error(path);
    path.send(payload(10), IP_PROTOCOL.udp);
    device.take();
    bench.advance(seconds(5));
    const question = device.takeOne();
    expect(readEthernet(question).destination).toBe(PEER_MAC);
    expect(readArp(question).targetMac).toBe(PEER_MAC);
  });
});

describe("conflicts (RFC 5227)", () => {
  function probing(): { bench: Bench; device: KeptDevice } {
    const bench = new Bench();
    const device = new KeptDevice("eth0", "ethernet");
    bench.net.addInterface(device, { mac: OUR_MAC });
    bench.advance(seconds(2));
    device.take();
    bench.net.addAddress(1, OUR_V4, 24);
    return { bench, device };
  }

  test("an address is probed three times, used after a second and then announced twice (§2.1.1, §2.3)", () => {
    const { bench, device } = probing();
    bench.advance(milliseconds(999));
    const probes = device.take().map(readArp);
    expect(probes).toHaveLength(3);
    expect(probes[0]).toMatchObject({ senderMac: OUR_MAC, senderIp: ANY_V4, targetIp: OUR_V4 });
    expect(bench.net.isLocal(OUR_V4)).toBe(false);
    bench.advance(milliseconds(1));
    expect(bench.net.isLocal(OUR_V4)).toBe(true);
    bench.advance(seconds(5));
    const announcements = device.take().map(readArp);
    expect(announcements).toHaveLength(2);
    expect(announcements[0]).toMatchObject({ senderIp: OUR_V4, targetIp: OUR_V4 });
  });

  test("an address that is taken over is used and announced at once, and once more (§2.3)", () => {
    const bench = new Bench();
    const device = new KeptDevice("eth0", "ethernet");
    bench.net.addInterface(device, { mac: OUR_MAC });
    bench.advance(seconds(2));
    device.take();
    bench.net.addAddress(1, OUR_V4, 24, { duplicateDetection: false, announce: true });
    expect(bench.net.isLocal(OUR_V4)).toBe(true);
    bench.advance(milliseconds(1));
    expect(device.take().map(readArp)).toMatchObject([
      { senderMac: OUR_MAC, senderIp: OUR_V4, targetIp: OUR_V4 },
    ]);
    bench.advance(seconds(10));
    expect(device.take()).toHaveLength(1);
  });

  test.each([
    ["claims", arpFrame("reply", [STRANGER_MAC, OUR_V4], [OUR_MAC, ANY_V4])],
    ["probes for", arpFrame("request", [STRANGER_MAC, ANY_V4], [ZERO_MAC, OUR_V4])],
  ])("one who %s the address while it is probed makes it a duplicate", (_, claim) => {
    const { bench, device } = probing();
    bench.advance(milliseconds(500));
    device.take();
    expect(bench.receive(1, claim)).toBe("arp-conflict");
    bench.advance(seconds(10));
    expect(device.take()).toEqual([]);
    expect(bench.net.isLocal(OUR_V4)).toBe(false);
    expect(bench.net.addresses().find(({ address }) => address.equals(OUR_V4))?.state).toBe("duplicate");
  });

  test.each([
    ["a question about", arpFrame("request", [STRANGER_MAC, STRANGER], [ZERO_MAC, OUR_V4])],
    ["an answer of nobody to", arpFrame("reply", [STRANGER_MAC, ANY_V4], [OUR_MAC, OUR_V4])],
  ])("%s the address while it is probed claims nothing", (_, said) => {
    const { bench, device } = probing();
    bench.advance(milliseconds(500));
    device.take();
    expect(bench.receive(1, said)).toBe("arp-not-for-us");
    expect(device.take()).toEqual([]);
    bench.advance(seconds(1));
    expect(bench.net.isLocal(OUR_V4)).toBe(true);
  });

  test("who has an address that we had to give up is answered like anybody", () => {
    const { bench, device } = probing();
    const second = ip("10.0.0.5");
    bench.net.addAddress(1, second, 24, { duplicateDetection: false });
    bench.receive(1, arpFrame("reply", [STRANGER_MAC, OUR_V4], [OUR_MAC, ANY_V4]));
    device.take();
    const request = arpFrame("request", [STRANGER_MAC, OUR_V4], [ZERO_MAC, second]);
    expect(bench.receive(1, request)).toBe(undefined);
    expect(readArp(device.takeOne())).toMatchObject({ senderIp: second, targetIp: OUR_V4 });
  });

  test("our own probe that comes back is no conflict", () => {
    const { bench, device } = probing();
    bench.advance(milliseconds(1));
    const own = device.takeOne();
    expect(bench.receive(1, own)).toBe("frame-not-for-us");
    bench.advance(seconds(1));
    expect(bench.net.isLocal(OUR_V4)).toBe(true);
  });

  test("an address in use is defended, at most once in ten seconds (§2.4 c)", () => {
    const { bench, net, device } = onEthernet();
    const claim = arpFrame("request", [STRANGER_MAC, OUR_V4], [ZERO_MAC, PEER_V4]);
    expect(bench.receive(1, claim)).toBe("arp-conflict");
    expect(readArp(device.takeOne())).toMatchObject({
      senderMac: OUR_MAC,
      senderIp: OUR_V4,
      targetIp: OUR_V4,
    });
    bench.receive(1, claim);
    expect(device.take()).toEqual([]);
    bench.advance(seconds(10));
    bench.receive(1, claim);
    expect(device.take()).toHaveLength(1);
    expect(net.isLocal(OUR_V4)).toBe(true);
  });
});
