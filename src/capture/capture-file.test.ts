import { describe, expect, test } from "vitest";
import { concatBytes } from "../base/bytes.ts";
import { CaptureFileReader, readCapture } from "./capture-file.ts";
import { PcapWriter } from "./pcap.ts";
import { PcapngWriter } from "./pcapng-writer.ts";

const CONTENT = Uint8Array.of(1, 2, 3);

function pcap(): Uint8Array {
  const chunks: Uint8Array[] = [];
  new PcapWriter(chunk => chunks.push(chunk), { linkType: 101 }).packet(7, CONTENT, 0, 3);
  return concatBytes(chunks);
}

function pcapng(): Uint8Array {
  const chunks: Uint8Array[] = [];
  const writer = new PcapngWriter(chunk => chunks.push(chunk));
  writer.packet(writer.addInterface({ linkType: 101 }), 7, CONTENT, 0, 3);
  return concatBytes(chunks);
}

describe("capture files", () => {
  test.each([
    ["pcap", pcap()],
    ["pcapng", pcapng()],
  ])("%s is known by its first four bytes, even one at a time", (_, file) => {
    const reader = new CaptureFileReader();
    const packets = Array.from(file).flatMap(byte => reader.push(Uint8Array.of(byte)));
    reader.end();
    expect(reader.error).toBeUndefined();
    expect(packets.map(packet => [packet.time, packet.bytes, packet.interface.linkType])).toEqual([
      [7, CONTENT, 101],
    ]);
    expect(readCapture(file).packets).toEqual(packets);
  });

  test("anything else is an error value", () => {
    expect(readCapture(Uint8Array.of(1, 2, 3, 4, 5))).toMatchObject({
      packets: [],
      error: { kind: "unknown-format" },
    });
    expect(readCapture(Uint8Array.of(0xa1, 0xb2))).toMatchObject({
      packets: [],
      error: { kind: "truncated" },
    });
    expect(readCapture(pcapng().subarray(0, 10))).toMatchObject({
      packets: [],
      error: { kind: "truncated" },
    });
  });
});
