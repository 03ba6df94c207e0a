import { describe, expect, test } from "vitest";
import { PacketBuffer } from "../base/packet-buffer.ts";
import { TCP_FLAG } from "../wire/tcp.ts";
import { VIRTIO_NET_GSO, VIRTIO_NET_HEADER_SIZE, VirtioNetHeader } from "../wire/virtio-net.ts";
import { OffloadFraming } from "./offload-framing.ts";

/** A packet of so many zeros behind headers of these protocols. */
function packet(family: 4 | 6, protocol: "tcp" | "udp", payload: number): PacketBuffer {
  const ipSize = family === 4 ? 20 : 40;
  const frame = PacketBuffer.from(new Uint8Array(ipSize + (protocol === "tcp" ? 32 : 8) + payload));
  frame.network = frame.start;
  frame.transport = frame.start + ipSize;
  frame.bytes[frame.network] = family === 4 ? 0x45 : 0x60;
  frame.bytes[frame.network + (family === 4 ? 9 : 6)] = protocol === "tcp" ? 6 : 17;
  if (protocol === "tcp") frame.bytes[frame.transport + 12] = 0x80;
  return frame;
}

function written(frame: PacketBuffer): VirtioNetHeader {
  const wrapped = new OffloadFraming("ip").wrap(frame);
  const header = new VirtioNetHeader();
  expect(header.read(wrapped.bytes, wrapped.start - VIRTIO_NET_HEADER_SIZE, wrapped.end)).toBe(true);
  return header;
}

const CASES = [
  [4, "tcp", { gsoType: VIRTIO_NET_GSO.tcpV4, headerLength: 52, checksumStart: 20, checksumOffset: 16 }],
  [6, "tcp", { gsoType: VIRTIO_NET_GSO.tcpV6, headerLength: 72, checksumStart: 40, checksumOffset: 16 }],
  [4, "udp", { gsoType: VIRTIO_NET_GSO.udpL4, headerLength: 28, checksumStart: 20, checksumOffset: 6 }],
  [6, "udp", { gsoType: VIRTIO_NET_GSO.udpL4, headerLength: 48, checksumStart: 40, checksumOffset: 6 }],
] as const;

describe("a frame's marks and its virtio header: VIRTIO 1.2 §5.1.6.2", () => {
  test.each(CASES)("a super-segment of IPv%i, %s", (family, protocol, expected) => {
    const frame = Object.assign(packet(family, protocol, 3_000), { segmentSize: 1_000, checksum: "partial" });
    expect(written(frame)).toMatchObject({ flags: 1, segmentSize: 1_000, ...expected });
  });

  test.each(CASES)("the same of IPv%i, %s, arriving", (family, protocol, { gsoType, ...where }) => {
    const frame = packet(family, protocol, 3_000);
    const header = Object.assign(new VirtioNetHeader(), { flags: 1, gsoType, segmentSize: 1_000, ...where });
    frame.start -= VIRTIO_NET_HEADER_SIZE;
    header.write(frame.bytes, frame.start);
    const { network, transport } = frame;
    expect(new OffloadFraming("ip").unwrap(frame)).toBe(true);
    expect(frame).toMatchObject({ network, transport, segmentSize: 1_000, checksum: "partial" });
    expect(frame.start).toBe(network);
  });

  test("CWR of TCP is for the first segment only (RFC 3168 §6.1.2)", () => {
    const frame = Object.assign(packet(4, "tcp", 3_000), { segmentSize: 1_000, checksum: "partial" });
    frame.bytes[frame.transport + 13] = TCP_FLAG.cwr;
    expect(written(frame).gsoType).toBe(VIRTIO_NET_GSO.tcpV4 | VIRTIO_NET_GSO.ecn);
  });

  test("a checksum that would lie outside of the frame", () => {
    const frame = packet(4, "udp", 0);
    frame.start -= VIRTIO_NET_HEADER_SIZE;
    Object.assign(new VirtioNetHeader(), { flags: 1, checksumStart: 20, checksumOffset: 7 }).write(
      frame.bytes,
      frame.start,
    );
    expect(new OffloadFraming("ip").unwrap(frame)).toBe(false);
  });
});
