/** What the dissection of a transport is told about the IP packet around it. */

import { readUint16 } from "../../base/bytes.ts";
import { checksum } from "../../base/checksum.ts";
import type { IpAddress } from "../../wire/address.ts";
import { transportChecksum } from "../../wire/pseudo-header.ts";
import { rightChecksum } from "../right-checksum.ts";
import type { Layer } from "./field-tree.ts";

/** Takes apart an IP packet of either version that starts at `into.at` and reaches to `end` at most. */
export type IpDissector = (into: Layer, end: number, depth: number, quoted: boolean) => void;

export interface IpScope {
  readonly version: 4 | 6;
  readonly source: IpAddress;
  readonly destination: IpAddress;
  /** Where the IP packet's payload ends, or would end if all of it were here. */
  readonly end: number;
  /** A fragment, or a quotation: the transport is not all there, and checksums cannot be judged. */
  readonly partial: string | undefined;
  readonly depth: number;
  readonly dissectIp: IpDissector;
}

/** Packets within packets: deeper ones stay bytes. */
export const MAX_DEPTH = 8;

/**
 * Adds the checksum field at `into.at` of the message `[start, end)`; with `protocol`, over the pseudo-header
 * too.
 */
export function addChecksum(
  into: Layer,
  scope: IpScope,
  protocol: number | undefined,
  start: number,
  end: number,
): void {
  const { bytes } = into;
  const found = into.left < 2 ? 0 : readUint16(bytes, into.at);
  const missing =
    end > into.bytes.length || end > scope.end ? "the packet was not captured whole" : undefined;
  const why = scope.partial ?? (end > scope.end ? "the length is wrong" : missing);
  if (why !== undefined || into.left < 2) {
    into.checksum(found, undefined, why ?? "");
    return;
  }
  const left =
    protocol === undefined
      ? checksum(bytes, start, end)
      : transportChecksum(scope.source, scope.destination, protocol, bytes, start, end);
  into.checksum(found, left === 0 ? found : rightChecksum(found, left), "");
}
