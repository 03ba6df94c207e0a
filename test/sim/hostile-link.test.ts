/**
 * A hostile station on the link: floods of ARP, neighbor discovery and fragments, forged answers, header
 * chains. Two honest hosts go on talking, new connections open, tables keep their limits, answers stay few.
 */
import { describe, expect, test } from "vitest";
import { below, chance } from "../../src/base/random.ts";
import { microseconds, milliseconds, seconds } from "../../src/base/time.ts";
import { ADDRESS6_A } from "../../src/sim/sim-host.ts";
import { solicitedNode } from "../../src/wire/address.ts";
import {
  addressBytes,
  arp,
  FLAG,
  icmpv4,
  icmpv6,
  ipv4,
  ipv6,
  join,
  MAC_A,
  macBytes,
  tcpSegment,
  u16,
  u32,
  udpDatagram,
  zeros,
} from "../support/frames.ts";
import { Flow } from "./hostile-flow.ts";
import { randomBytes, randomWord } from "./hostile-segments.ts";
import { A, A6, B, B6, ends, forSeeds, HostileWorld, MAC_M } from "./hostile-world.ts";

const ARP = 0x0806;
const EVERY: readonly (4 | 6)[] = [4, 6];

const stranger4 = (i: number): string => `10.0.0.${3 + (i % 250)}`;
const far4 = (i: number): string => `10.${1 + ((i >> 16) & 0x7f)}.${(i >> 8) & 0xff}.${i & 0xff}`;
const stranger6 = (i: number): string => `fd00::${(i >> 16).toString(16)}:${(i & 0xffff).toString(16)}:1`;
const macOf = (i: number): string => `02:00:${hex2(i >> 16)}:${hex2(i >> 8)}:${hex2(i)}:77`;
const hex2 = (byte: number): string => (byte & 0xff).toString(16).padStart(2, "0");

function ethernetWorld(seed: number): HostileWorld {
  return new HostileWorld({ seed, medium: "ethernet" });
}

/** Somebody new asks for a's address, and tells his own. */
function asks(w: HostileWorld, i: number, family: 4 | 6): void {
  const mac = macOf(i);
  if (family === 4) {
    const fields = { senderMac: mac, senderIp: far4(i), targetMac: "00:00:00:00:00:00", targetIp: A };
    w.injectFrame("a", w.framed("a", arp({ operation: 1, ...fields }), ARP));
    return;
  }
  const source = stranger6(i);
  const group = solicitedNode(ADDRESS6_A).toString();
  const rest = join(zeros(4), addressBytes(A6), 1, 1, macBytes(mac));
  w.inject("a", icmpv6({ source, destination: group }, 135, 0, rest));
}

describe.each(EVERY)("floods of questions, IPv%d", family => {
  test("from thousands of strangers: the table keeps its limit, connections open and go on", () => {
    const w = ethernetWorld(1);
    const before = new Flow(w, { port: 80, family, lasting: seconds(1) });
    before.opens();
    let i = 0;
    const sent = w.sent.a;
    w.attack(1_500, microseconds(100), () => asks(w, i++, family));
    expect(w.sent.a - sent).toBeLessThanOrEqual(1_500 + 300);
    // The peer's own entry goes while the connection rests, and must be had again in the middle of the flood.
    w.hosts.a.net.interfaces()[1]?.neighbors?.remove(before.client.remote);
    const during = new Flow(w, { port: 81, family, lasting: seconds(0.2) });
    w.attack(2_000, microseconds(200), () => asks(w, i++, family));
    expect(during.isOpen || during.client.isOver, "it opens during the flood").toBe(true);
    during.finishes(seconds(10));
    before.finishes(seconds(10));
  });

  test("what was only heard is not asked about: no probes of strangers after the flood", () => {
    const w = ethernetWorld(1);
    for (let i = 0; i < 500; i++) asks(w, i, family);
    w.run(milliseconds(10));
    const sent = w.sent.a;
    w.run(seconds(30));
    expect(w.sent.a - sent).toBeLessThanOrEqual(5);
  });
});

describe.each(EVERY)("forged answers, IPv%d", family => {
  /** Tells one host that the other is at the attacker's station. */
  function forge(w: HostileWorld, solicited: boolean): void {
    if (family === 4) {
      const fields = { senderMac: MAC_M, senderIp: B, targetMac: MAC_A, targetIp: solicited ? A : B };
      w.injectFrame("a", w.framed("a", arp({ operation: 2, ...fields }), ARP));
      return;
    }
    const flags = (solicited ? 0x40 : 0) | 0x20;
    const rest = join(flags, zeros(3), addressBytes(B6), 2, 1, macBytes(MAC_M));
    w.inject("a", icmpv6({ source: B6, destination: A6 }, 136, 0, rest));
  }

  test.each([true, false])(
    "cut the connection off while they come (solicited: %s); it goes on by itself afterwards",
    solicited => {
      const w = ethernetWorld(1);
      const flow = new Flow(w, { port: 80, family });
      flow.opens();
      w.attack(50, milliseconds(20), () => forge(w, solicited));
      flow.finishes(seconds(180));
    },
  );

  test("a link-layer address that is a group's is nobody's (RFC 1812 §3.3.2)", () => {
    const w = ethernetWorld(1);
    const group = "ff:ff:ff:ff:ff:ff";
    if (family === 4) {
      const fields = { senderMac: group, senderIp: "10.0.0.9", targetMac: "00:00:00:00:00:00", targetIp: A };
      w.injectFrame("a", w.framed("a", arp({ operation: 1, ...fields }), ARP));
    } else {
      const rest = join(zeros(4), addressBytes(A6), 1, 1, macBytes(group));
      w.inject("a", icmpv6({ source: "fd00::9", destination: A6 }, 135, 0, rest));
    }
    w.run(milliseconds(10));
    const macs = w.hosts.a.net.neighbors().map(neighbor => neighbor.mac);
    expect(macs).not.toContain(0xffff_ffff_ffff);
  });
});

describe("neighbors that do not exist", () => {
  test("echo requests in the name of a whole subnet: three questions for each", () => {
    const w = ethernetWorld(1);
    const flow = new Flow(w, { port: 80, lasting: seconds(2) });
    flow.opens();
    const sent = w.sent.a;
    w.attack(1_000, milliseconds(1), i => {
      w.inject("a", icmpv4({ source: stranger4(i), destination: A }, 8, 0, zeros(100)));
      w.inject("a", icmpv6({ source: stranger6(i), destination: A6 }, 128, 0, zeros(100)));
    });
    w.run(seconds(5));
    const asked = w.sent.a - sent;
    expect(asked).toBeLessThanOrEqual(3 * (1_000 + 250) + 200);
    flow.finishes(seconds(60));
  });
});

describe("fragments", () => {
  test("a flood of first, tiny, overlapping and huge ones: limits hold, a connection goes on", () => {
    forSeeds(3, seed => {
      const w = new HostileWorld({ seed });
      const flow = new Flow(w, { port: 80, family: seed % 2 === 0 ? 6 : 4, lasting: seconds(1) });
      flow.opens();
      const sent = w.sent.a + w.sent.b;
      w.attack(1_500, microseconds(500), i => {
        const { random } = w;
        const source = chance(random, 0.5) ? far4(i) : B;
        const offset = chance(random, 0.3) ? below(random, 0x2000) : below(random, 4);
        const more = chance(random, 0.7) ? 0x2000 : 0;
        const id = chance(random, 0.5) ? below(random, 4) : i;
        const bytes = randomBytes(random, 1_400);
        const cut = bytes.subarray(0, chance(random, 0.8) ? bytes.length & ~7 : bytes.length);
        const protocol = [1, 6, 17, 99][below(random, 4)] ?? 6;
        w.inject("a", ipv4({ source, destination: A, protocol, id, fragment: more | offset }, cut));
        const header = join(
          protocol === 1 ? 58 : protocol,
          0,
          u16((offset << 3) | (more === 0 ? 0 : 1)),
          u32(id),
        );
        w.inject("a", ipv6({ source: B6, destination: A6, nextHeader: 44 }, join(header, cut)));
      });
      const limit = w.hosts.a.drops.get("fragment-limit") + w.hosts.a.drops.get("fragment-overlap");
      expect(limit).toBeGreaterThan(100);
      // What is answered: at most 6 ICMP errors at once and one a second to each of many strangers; 50 and
      // 1000 in all.
      expect(w.sent.a + w.sent.b - sent).toBeLessThanOrEqual(1_500);
      flow.finishes();
      w.run(seconds(65));
    });
  });

  test("a datagram of thousands of tiny pieces, the last first: no more bytes go out than came", () => {
    const w = new HostileWorld({ seed: 1 });
    const pieces = 8_000;
    const message = icmpv4({ source: B, destination: A }, 8, 0, zeros(8 * pieces - 4)).subarray(20);
    for (let i = pieces - 1; i >= 0; i--) {
      const fragment = (i === pieces - 1 ? 0 : 0x2000) | i;
      w.inject(
        "a",
        ipv4({ source: B, destination: A, protocol: 1, fragment }, message.subarray(8 * i, 8 * i + 8)),
      );
      if (i % 500 === 0) w.world.runFor(milliseconds(5));
    }
    w.run(seconds(1));
    // 1 MB a source: 8,000 pieces of 136 bytes are too much; whatever it was, it is not more than was asked
    // for.
    expect(w.sent.a).toBeLessThanOrEqual(44);
  });

  test("text of a connection in overlapping pieces with another port is refused (RFC 5722)", () => {
    const w = new HostileWorld({ seed: 1 });
    const flow = new Flow(w, { port: 80 });
    flow.opens();
    w.attack(50, milliseconds(5), i => {
      const ports = { sourcePort: 80, destinationPort: flow.clientPort };
      const { rcv, snd } = flow.client.tcb;
      const fields = { sequence: rcv.nxt, acknowledgment: snd.nxt, payload: zeros(100), flags: FLAG.ack };
      const segment = tcpSegment({ ...ends("a", 4), ...ports, ...fields });
      const other = join(u16(9), u16(9), segment.subarray(4, 16));
      const end = { source: B, destination: A, protocol: 6, id: i };
      w.inject("a", ipv4({ ...end, fragment: 0x2000 }, other));
      w.inject("a", ipv4({ ...end, fragment: 0x2000 }, segment.subarray(0, 16)));
      w.inject("a", ipv4({ ...end, fragment: 2 }, segment.subarray(16)));
    });
    expect(w.hosts.a.drops.get("fragment-overlap")).toBeGreaterThanOrEqual(50);
    flow.finishes();
  });
});

describe("chains of IPv6 extension headers", () => {
  const KINDS = [0, 43, 44, 60, 59, 50, 51, 6, 17, 58];

  test("random, long, repeated, cut off: dropped or walked, seldom answered", () => {
    forSeeds(4, seed => {
      const w = new HostileWorld({ seed });
      const flow = new Flow(w, { port: 80, family: 6, lasting: seconds(1) });
      flow.opens();
      const sent = w.sent.a;
      const quiet = 600;
      w.attack(quiet, milliseconds(1), () => {
        const { random } = w;
        const kinds = Array.from(
          { length: 1 + below(random, 40) },
          () => KINDS[below(random, KINDS.length)] ?? 60,
        );
        const headers = kinds.map((_, i) => {
          const next = kinds[i + 1] ?? 6;
          const length = chance(random, 0.9) ? 0 : below(random, 3);
          const body = chance(random, 0.5) ? join(1, 4, zeros(4)) : randomBytes(random, 6);
          return join(next, length, body, zeros(6)).subarray(0, 8);
        });
        const chain = join(...headers, u32(randomWord(random)), zeros(20)).subarray(0, 1_400);
        w.inject("a", ipv6({ source: B6, destination: A6, nextHeader: kinds[0] ?? 0 }, chain));
      });
      // Parameter problems: 6 at once and 1 a second; the rest is the flow's own.
      const errors = w.hosts.a.net.counters.icmpv6.errorsSent;
      expect(errors).toBeLessThanOrEqual(8);
      expect(w.sent.a - sent).toBeLessThanOrEqual(quiet + 200);
      flow.finishes();
    });
  });

  test("an option that wants an answer, from many sources to a group: limited for the host", () => {
    const w = ethernetWorld(1);
    const option = join(17, 0, 0x80, 4, zeros(4));
    const sent = w.sent.a;
    w.attack(1_000, microseconds(100), i => {
      const datagram = udpDatagram({
        source: stranger6(i),
        destination: "ff02::1",
        sourcePort: 9,
        destinationPort: 9,
      });
      const packet = ipv6(
        { source: stranger6(i), destination: "ff02::1", nextHeader: 60 },
        join(option, datagram),
      );
      w.injectFrame("a", join(macBytes("33:33:00:00:00:01"), macBytes(MAC_M), u16(0x86dd), packet));
    });
    expect(w.hosts.a.net.counters.icmpv6.errorsSent).toBeLessThanOrEqual(50 + 2 * 150 + 20);
    expect(w.sent.a - sent).toBeLessThanOrEqual(1_000);
  });
});
