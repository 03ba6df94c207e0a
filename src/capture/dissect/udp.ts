/** UDP: RFC 768. */
import { readUint16 } from "../../base/bytes.ts";
import { IP_PROTOCOL } from "../../wire/protocol.ts";
import type { Layer } from "./field-tree.ts";
import { addChecksum, type IpScope } from "./ip-scope.ts";

const HEADER_LENGTH = 8;

/** The datagram at `into.at` that reaches to `end` at most; both header and payload. */
export function dissectUdp(into: Layer, end: number, scope: IpScope): void {
  const start = into.at;
  let payloadEnd = start;
  into.layer(
    "UDP",
    "udp",
    HEADER_LENGTH,
    layer => {
      const sourcePort = layer.uint16("Source port", "srcport");
      const destinationPort = layer.uint16("Destination port", "dstport");
      layer.describe(`${sourcePort} > ${destinationPort}`);
      const length = layer.uint16("Length", "length");
      const isUnchecked = layer.left >= 2 && readUint16(layer.bytes, layer.at) === 0;
      if (isUnchecked && scope.version === 4) layer.checksum(0, undefined, "none was sent");
      else addChecksum(layer, scope, IP_PROTOCOL.udp, start, start + length);
      layer.describe(`${sourcePort} > ${destinationPort}, ${length} bytes`);
      if (layer.short) return;
      if (length < HEADER_LENGTH) return layer.complain(`a length of ${length} is too short`);
      if (start + length > scope.end && scope.partial === undefined) {
        layer.complain("the length reaches beyond the packet");
      }
      payloadEnd = Math.min(end, start + length);
    },
    end,
  );
  into.data("Payload", "udp.payload", payloadEnd - into.at, node => `${node.length} bytes`);
}
