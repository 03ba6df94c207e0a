import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { int32, survivesAnyBytes, uint16, written } from "../../test/support/codec.ts";
import { hex } from "../base/bytes.ts";
import { seq } from "../base/seq.ts";
import { TCP_FLAG, TCP_HEADER_SIZE, TcpHeader, tcpFlagsText } from "./tcp.ts";

const fields = (): fc.Arbitrary<Partial<TcpHeader>> =>
  fc.record({
    sourcePort: uint16(),
    destinationPort: uint16(),
    sequence: int32().map(seq),
    acknowledgment: int32().map(seq),
    dataOffset: fc.integer({ min: 5, max: 15 }).map(words => 4 * words),
    flags: fc.nat(0x1ff),
    window: uint16(),
    checksum: uint16(),
    urgentPointer: uint16(),
  });

const segment = (): fc.Arbitrary<Uint8Array> =>
  fc.tuple(fields(), fc.uint8Array({ minLength: 40, maxLength: 60 })).map(([values, rest]) => {
    const bytes = new Uint8Array(TCP_HEADER_SIZE + rest.length);
    bytes.set(rest, Object.assign(new TcpHeader(), values).write(bytes, 0));
    return bytes;
  });

test("the fields stand where RFC 9293 §3.1 draws them", () => {
  const header = new TcpHeader();
  header.sourcePort = 0x1122;
  header.destinationPort = 0x3344;
  header.sequence = seq(0x8899aabb);
  header.acknowledgment = seq(0xccddeeff);
  header.dataOffset = 32;
  header.flags = TCP_FLAG.syn | TCP_FLAG.ack | TCP_FLAG.ae;
  header.window = 0x5566;
  header.checksum = 0x7788;
  header.urgentPointer = 0x99aa;
  const bytes = written((target, at) => header.write(target, at));
  expect(hex(bytes)).toBe("112233448899aabbccddeeff81125566778899aa");
});

test("what is written is read again", () => {
  fc.assert(
    fc.property(fields(), values => {
      const header = Object.assign(new TcpHeader(), values);
      const bytes = new Uint8Array(60);
      bytes.set(written((target, at) => header.write(target, at)));
      const again = new TcpHeader();
      expect(again.read(bytes, 0, bytes.length)).toBeUndefined();
      expect(again).toEqual(header);
    }),
  );
});

test("reserved bits are ignored on receipt (RFC 9293 §3.1)", () => {
  const bytes = new Uint8Array(20);
  bytes[12] = 0x5e;
  const header = new TcpHeader();
  expect(header.read(bytes, 0, 20)).toBeUndefined();
  expect(header.flags).toBe(0);
});

describe("refused", () => {
  test("fewer than 20 bytes", () => {
    expect(new TcpHeader().read(new Uint8Array(30), 0, 19)).toBe("tcp-truncated");
  });

  test("an offset into the fixed header, or past the segment", () => {
    const bytes = new Uint8Array(40);
    bytes[12] = 0x40;
    expect(new TcpHeader().read(bytes, 0, 40)).toBe("tcp-bad-offset");
    bytes[12] = 0x60;
    expect(new TcpHeader().read(bytes, 0, 23)).toBe("tcp-bad-offset");
    expect(new TcpHeader().read(bytes, 0, 24)).toBeUndefined();
  });
});

test("arbitrary bytes never throw, and none outside is read", () => {
  survivesAnyBytes(segment(), (bytes, start, end) => {
    const header = new TcpHeader();
    return { problem: header.read(bytes, start, end), ...header };
  });
});

test.each([
  ["S", TCP_FLAG.syn],
  ["S.", TCP_FLAG.syn | TCP_FLAG.ack],
  [".", TCP_FLAG.ack],
  ["P.", TCP_FLAG.psh | TCP_FLAG.ack],
  ["FP.", TCP_FLAG.fin | TCP_FLAG.psh | TCP_FLAG.ack],
  ["R", TCP_FLAG.rst],
  ["SEW", TCP_FLAG.syn | TCP_FLAG.ece | TCP_FLAG.cwr],
  [".U", TCP_FLAG.ack | TCP_FLAG.urg],
  ["SEWe", TCP_FLAG.syn | TCP_FLAG.ece | TCP_FLAG.cwr | TCP_FLAG.ae],
  ["none", 0],
])("tcpdump shows the flags as %s", (text, flags) => {
  expect(tcpFlagsText(flags)).toBe(text);
});
