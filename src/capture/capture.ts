/**
 * The room's door: captures written and read, packets as lines and as trees, filters in tcpdump's language.
 */
export { compileFilter, PacketFilter } from "./bpf/compile.ts";
export { CaptureFileReader, readCapture } from "./capture-file.ts";
export type { CapturedPacket, CaptureError, CaptureInterface } from "./captured-packet.ts";
export { dissect, type FieldNode } from "./dissect.ts";
export { LINK_TYPE, linkTypeOf } from "./link-type.ts";
export { type PacketLineOptions, PacketLines } from "./packet-line.ts";
export { PcapReader, PcapWriter } from "./pcap.ts";
export { PcapngReader } from "./pcapng-reader.ts";
export { PcapngWriter } from "./pcapng-writer.ts";
export { renderHex } from "./render-hex.ts";
export { renderTree } from "./render-tree.ts";
