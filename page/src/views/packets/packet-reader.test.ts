import { expect, test } from "vitest";
import { tcpPacket } from "../../../../test/page/messages.ts";
import { kindOf, PacketReader } from "./packet-reader.ts";

test("packets are read in their order: numbers are relative to the first with an ACK, as tcpdump has them", () => {
  const reader = new PacketReader();
  const packets = [tcpPacket(1), tcpPacket(2, "hello"), tcpPacket(3, "hello")] as const;
  reader.read(packets.slice(0, 1));
  reader.read(packets);
  const lines = packets.map(packet => reader.textOf(packet).line);
  expect(lines[0]).toContain("Flags [S], seq 4096");
  expect(lines[1]).toContain("Flags [P.], seq 4097:4102");
  expect(lines[2]).toContain("Flags [P.], seq 0:5");
});

test("only what is new is read, also when the oldest have gone", () => {
  const reader = new PacketReader();
  const [syn, one, two] = [tcpPacket(1), tcpPacket(2, "hello"), tcpPacket(3, "hello")];
  reader.read([syn, one]);
  reader.read([one, two]);
  expect(reader.textOf(two).line).toContain("seq 0:5");
  expect(reader.start).toBe(1000);
});

test("another beginning forgets what was before", () => {
  const reader = new PacketReader();
  reader.read([tcpPacket(1)]);
  const text = tcpPacket(7, "hello");
  reader.read([text]);
  expect(reader.textOf(text).line).toContain("seq 4097:4102");
  expect(reader.start).toBe(7000);
});

test("a long segment is read by its headers; its length is told whole", () => {
  const long = tcpPacket(1, "x".repeat(40_000));
  const reader = new PacketReader();
  reader.read([long]);
  expect(reader.textOf(long).line).toContain("length 40000");
});

test("lines have a kind by which they are coloured", () => {
  expect(kindOf("IP 1.1.1.1.1 > 2.2.2.2.2: Flags [S.], seq 1")).toBe("opening");
  expect(kindOf("IP 1.1.1.1.1 > 2.2.2.2.2: Flags [R.], seq 1")).toBe("reset");
  expect(kindOf("IP 1.1.1.1.1 > 2.2.2.2.2: Flags [F.], seq 1")).toBe("closing");
  expect(kindOf("IP 1.1.1.1.1 > 2.2.2.2.2: Flags [.], ack 1")).toBe("tcp");
  expect(kindOf("IP 1.1.1.1.1 > 2.2.2.2.2: UDP, length 4")).toBe("udp");
  expect(kindOf("IP6 fe80::1 > ff02::1: ICMP6, router advertisement")).toBe("icmp");
  expect(kindOf("ARP, Request who-has 10.0.0.2 tell 10.0.0.1")).toBe("arp");
});
