import { describe, expect, test } from "vitest";
import { START_OF_TIME } from "../base/time.ts";
import { ip } from "../wire/address.ts";
import { TCP_FLAG } from "../wire/tcp.ts";
import { EmittedPacket } from "./emitted-packet.ts";
import { buildIcmpError, buildTcp, buildUdp, type Ends } from "./packet-builder.ts";
import type { IpSpec, TcpSpec } from "./script.ts";

const V4: Ends = {
  source: ip("10.0.0.1"),
  sourcePort: 1_000,
  destination: ip("10.0.0.2"),
  destinationPort: 80,
};
const V6: Ends = {
  source: ip("fd00::1"),
  sourcePort: 1_000,
  destination: ip("fd00::2"),
  destinationPort: 80,
};
const PLAIN: IpSpec = { ecn: undefined, trafficClass: undefined, flowLabel: undefined, hopLimit: undefined };

const SEGMENT: TcpSpec = {
  protocol: "tcp",
  ports: undefined,
  flags: TCP_FLAG.psh | TCP_FLAG.ack,
  ace: undefined,
  sequence: 4_000_000_000,
  length: 5,
  acknowledgment: 3_000_000_000,
  window: 257,
  urgentPointer: 0,
  options: [{ kind: "nop" }, { kind: "nop" }, { kind: "TS", value: 1, echo: 2 }],
};

const read = (bytes: Uint8Array): EmittedPacket => new EmittedPacket(bytes, START_OF_TIME);

describe.each([
  ["IPv4", V4],
  ["IPv6", V6],
])("over %s", (_, ends) => {
  test("a segment that is built is read again, with good checksums", () => {
    const packet = read(buildTcp(SEGMENT, ends, { ...PLAIN, ecn: "ce", hopLimit: 9 }));
    expect(packet.fault).toBeUndefined();
    expect(packet.tcp).toEqual(SEGMENT);
    expect(packet).toMatchObject({ sourcePort: 1_000, destinationPort: 80, hopLimit: 9, trafficClass: 3 });
    expect([...packet.payload]).toEqual([0, 0, 0, 0, 0]);
  });

  test("every bit of a segment is covered by a checksum or shows", () => {
    const good = buildTcp(SEGMENT, ends, PLAIN);
    const headerSize = ends === V4 ? 20 : 40;
    for (let at = headerSize; at < good.length; at++) {
      const bad = good.slice();
      bad[at] = (bad[at] as number) ^ 0x10;
      expect(read(bad).fault, `byte ${at}`).toBeDefined();
    }
  });

  test("datagrams and errors too", () => {
    const datagram = buildUdp(3, ends, PLAIN);
    expect(read(datagram)).toMatchObject({ fault: undefined, protocol: 17, sourcePort: 1_000 });
    datagram[datagram.length - 1] = 1;
    expect(read(datagram).fault).toMatch(/UDP checksum/);
    const quoted = { ends, protocol: "tcp" as const, sequence: 7, length: 10 };
    const error = buildIcmpError({ type: 3, code: 4, rest: 840 }, quoted, PLAIN);
    expect(read(error)).toMatchObject({ fault: undefined, icmp: { type: 3, code: 4 } });
    error[error.length - 1] = 1;
    expect(read(error).fault).toMatch(/ICMP checksum/);
  });

  test("a wrong length of the IP packet is seen", () => {
    expect(read(Uint8Array.of(...buildTcp(SEGMENT, ends, PLAIN), 0)).fault).toMatch(/length/);
  });
});

test("a wrong IPv4 checksum is seen", () => {
  const bytes = buildTcp(SEGMENT, V4, PLAIN);
  bytes[8] = 1;
  expect(read(bytes).fault).toMatch(/IPv4 checksum/);
});

test("what is no IP packet is seen", () => {
  expect(read(new Uint8Array(0)).fault).toBeDefined();
  expect(read(Uint8Array.of(0x45, 0)).fault).toBeDefined();
});
