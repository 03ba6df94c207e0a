/** The packets that are shown, as a pcapng file. */
import { PcapngWriter } from "../../../../src/capture/pcapng-writer.ts";
import type { Packet } from "../../../../src/inspect/protocol.ts";
import { packetBytes } from "./packet-bytes.ts";

/** `epoch`: instant 0 of their times, in µs since 1970. */
export function captureOf(packets: readonly Packet[], epoch: number): Uint8Array<ArrayBuffer>[] {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  const writer = new PcapngWriter(chunk => chunks.push(new Uint8Array(chunk)));
  const interfaces = new Map<string, number>();
  for (const packet of packets) {
    const name = `${packet.host} ${packet.interface}`.trim();
    const key = `${packet.linkType} ${name}`;
    let via = interfaces.get(key);
    if (via === undefined) {
      via = writer.addInterface({ linkType: packet.linkType, name });
      interfaces.set(key, via);
    }
    const bytes = packetBytes(packet.bytes);
    writer.packet(via, epoch + packet.time, bytes, 0, bytes.length, {
      originalLength: packet.length,
      direction: packet.direction,
      comment: packet.comment,
    });
  }
  writer.end();
  return chunks;
}
