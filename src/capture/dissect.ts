/**
 * A packet taken apart: every layer and every field, with its bytes, its value as text, and the verdict on
 * checksums.
 */
import { dissectCooked, dissectCooked2, dissectEthernet, dissectNull } from "./dissect/ethernet.ts";
import { type FieldNode, Layer } from "./dissect/field-tree.ts";
import { dissectNetwork } from "./dissect/network.ts";
import { LINK_TYPE, rawEtherType } from "./link-type.ts";

export type { ChecksumStatus, FieldNode } from "./dissect/field-tree.ts";

/** The tree of a packet. `originalLength`: its length on the wire, when the bytes are only a prefix. */
export function dissect(
  linkType: number,
  bytes: Uint8Array,
  originalLength: number = bytes.length,
): FieldNode {
  return Layer.root("Frame", "frame", bytes, frame => {
    const cut = originalLength > bytes.length ? ` of ${originalLength}` : "";
    frame.describe(`${bytes.length}${cut} bytes`);
    dissectNetwork(frame, etherTypeOf(linkType, frame));
  });
}

/** Takes the link header, if there is one. */
function etherTypeOf(linkType: number, frame: Layer): number | undefined {
  switch (linkType) {
    case LINK_TYPE.ethernet:
      return dissectEthernet(frame);
    case LINK_TYPE.null:
      return dissectNull(frame);
    case LINK_TYPE.linuxCooked:
      return dissectCooked(frame);
    case LINK_TYPE.linuxCooked2:
      return dissectCooked2(frame);
    case LINK_TYPE.raw:
    case LINK_TYPE.ipv4:
    case LINK_TYPE.ipv6:
      return frame.left === 0 ? undefined : rawEtherType(frame.bytes, frame.at);
    default:
      return undefined;
  }
}
