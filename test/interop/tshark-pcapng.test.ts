/** Wireshark's programs read what we write, and we read what they write. */
import { describe, expect, test } from "vitest";
import { concatBytes } from "../../src/base/bytes.ts";
import { readCapture } from "../../src/capture/capture-file.ts";
import { LINK_TYPE } from "../../src/capture/link-type.ts";
import { PcapWriter } from "../../src/capture/pcap.ts";
import { PcapngWriter } from "../../src/capture/pcapng-writer.ts";
import { missingTools, output, readBack, withFile } from "../support/capture-tools.ts";
import { counting, framed, tcp, udp } from "../support/frames.ts";

const ENDS = { source: "10.0.0.1", destination: "10.0.0.2", sourcePort: 40_000, destinationPort: 40_001 };
/** 2024-02-29 12:00:00.123456 UTC. */
const NOON = Date.UTC(2024, 1, 29, 12) * 1000 + 123_456;
const FRAME = framed(tcp({ ...ENDS, payload: counting(5) }));
const PACKET = udp({ ...ENDS, payload: counting(9) });

const skipped = missingTools("tshark", "capinfos", "editcap");

function twoInterfaces(): Uint8Array {
  const chunks: Uint8Array[] = [];
  const writer = new PcapngWriter(chunk => chunks.push(chunk));
  const ethernet = writer.addInterface({ linkType: LINK_TYPE.ethernet, name: "eth0" });
  writer.packet(ethernet, NOON, FRAME, 0, FRAME.length, { direction: "in", comment: "first, déjà vu" });
  const tun = writer.addInterface({ linkType: LINK_TYPE.raw, name: "tun0", resolution: 9, snapLength: 30 });
  writer.packet(tun, NOON + 1, PACKET, 0, PACKET.length, { direction: "out", nanoseconds: 789 });
  writer.packet(ethernet, NOON + 2, FRAME, 0, FRAME.length);
  writer.end([0, 4]);
  return concatBytes(chunks);
}

/** Running as root makes tshark talk. */
const CHATTER = /^Running as user/;

function fields(path: string, ...names: readonly string[]): string[][] {
  const args = ["-r", path, "-T", "fields", ...names.flatMap(name => ["-e", name])];
  return output("tshark", args, CHATTER)
    .replace(/\n$/, "")
    .split("\n")
    .map(line => line.split("\t"));
}

describe.skipIf(skipped !== undefined)(
  `with Wireshark${skipped === undefined ? "" : ` (${skipped})`}`,
  () => {
    test("tshark reads interfaces, times, directions, comments and lengths of our pcapng without a complaint", () => {
      withFile(twoInterfaces(), "two.pcapng", path => {
        const names = [
          "frame.interface_name",
          "frame.time_epoch",
          "frame.packet_flags_direction",
          "frame.comment",
        ];
        expect(fields(path, ...names, "frame.cap_len", "frame.len", "_ws.malformed")).toEqual([
          ["eth0", "1709208000.123456000", "1", "first, déjà vu", "59", "59", ""].map(field =>
            expect.stringMatching(new RegExp(`^(0x0*)?${field}$`)),
          ),
          ["tun0", "1709208000.123457789", "2", "", "30", "37", ""].map(field =>
            expect.stringMatching(new RegExp(`^(0x0*)?${field}$`)),
          ),
          ["eth0", "1709208000.123458000", "", "", "59", "59", ""],
        ]);
      });
    });

    test("capinfos finds what the section and the statistics say", () => {
      withFile(twoInterfaces(), "two.pcapng", path => {
        const report = output("capinfos", ["-M", path], CHATTER);
        expect(report).toMatch(/File type: .*pcapng\n/);
        expect(report).toMatch(/Number of packets: +3\n/);
        expect(report).toMatch(/Capture application: +Postel\n/);
        expect(report).toMatch(/Capture hardware: +Postel\n/);
        expect(report).toMatch(/Number of interfaces in file: +2\n/);
        expect(report).toMatch(/Name = eth0/);
        expect(report).toMatch(/Number of stat entries = 1/);
      });
    });

    test.each([
      ["pcap", "µs", false],
      ["nsecpcap", "ns", true],
    ])("our pcap in both units of time comes back the same through editcap (%s)", (kind, _, nanoseconds) => {
      const chunks: Uint8Array[] = [];
      const writer = new PcapWriter(chunk => chunks.push(chunk), { linkType: LINK_TYPE.raw, nanoseconds });
      writer.packet(NOON, PACKET, 0, PACKET.length, { nanoseconds: 321 });
      const file = concatBytes(chunks);
      const again = readBack(file, path => ["editcap", "-F", kind, path]);
      expect(again).toEqual(file);
    });

    test("we read the pcapng that Wireshark's editcap writes from ours", () => {
      const again = readCapture(readBack(twoInterfaces(), path => ["editcap", "-F", "pcapng", path]));
      expect(again).toEqual(readCapture(twoInterfaces()));
      expect(again.packets).toHaveLength(3);
    });
  },
);
