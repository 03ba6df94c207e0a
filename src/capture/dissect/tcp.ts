/** TCP: RFC 9293 §3.1. */
import { IP_PROTOCOL } from "../../wire/protocol.ts";
import { type BitField, hexText, type Layer, yesNo } from "./field-tree.ts";
import { addChecksum, type IpScope } from "./ip-scope.ts";
import { dissectTcpOptions } from "./tcp-options.ts";

const HEADER_LENGTH = 20;

/** From the highest bit; AccECN (RFC 9768) gave AE its place. */
const FLAGS = ["AE", "CWR", "ECE", "URG", "ACK", "PSH", "RST", "SYN", "FIN"] as const;

const OFFSET_BITS: readonly BitField[] = [
  { mask: 0xf000, name: "Data offset", abbreviation: "hdr_len", show: words => `${4 * words} bytes` },
  { mask: 0x0e00, name: "Reserved", abbreviation: "flags.res" },
  ...FLAGS.map((name, index) => ({
    mask: 0x100 >>> index,
    name,
    abbreviation: `flags.${name.toLowerCase()}`,
    show: yesNo,
  })),
];

function flagNames(flags: number): string {
  const names = FLAGS.filter((_, index) => (flags & (0x100 >>> index)) !== 0);
  return names.length === 0 ? "none" : names.join(", ");
}

/** The segment at `into.at` that reaches to `end`; both header and payload. */
export function dissectTcp(into: Layer, end: number, scope: IpScope): void {
  const start = into.at;
  const said = into.left < 13 ? 0 : ((into.bytes[start + 12] as number) >>> 4) * 4;
  let isWhole = false;
  into.layer(
    "TCP",
    "tcp",
    Math.max(said, HEADER_LENGTH),
    layer => {
      const sourcePort = layer.uint16("Source port", "srcport");
      const destinationPort = layer.uint16("Destination port", "dstport");
      layer.describe(`${sourcePort} > ${destinationPort}`);
      const sequence = layer.uint32("Sequence number", "seq");
      layer.uint32("Acknowledgment number", "ack");
      const flags = layer.uint16("Data offset and flags", "flags", showFlags, OFFSET_BITS);
      layer.uint16("Window", "window_size_value");
      addChecksum(layer, scope, IP_PROTOCOL.tcp, start, scope.end);
      layer.uint16("Urgent pointer", "urgent_pointer");
      layer.describe(`${sourcePort} > ${destinationPort} [${flagNames(flags)}] seq ${sequence}`);
      if (layer.short) return;
      if (said < HEADER_LENGTH) return layer.complain(`a data offset of ${said} bytes is too short`);
      if (start + said > scope.end) layer.complain("the header reaches beyond the packet");
      if (layer.left > 0) dissectTcpOptions(layer);
      isWhole = true;
    },
    end,
  );
  if (isWhole) into.data("Payload", "tcp.payload", end - into.at, node => `${node.length} bytes`);
}

function showFlags(value: number): string {
  return `${hexText(value, 4)} (${flagNames(value)})`;
}
