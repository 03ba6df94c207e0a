/** What a transport's printer is told about the IP packet around it. */

import type { IpAddress } from "../../wire/address.ts";
import { transportChecksum } from "../../wire/pseudo-header.ts";
import { rightChecksum } from "../right-checksum.ts";
import type { Line } from "./line.ts";

export interface IpContext {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly hopLimit: number;
  /** A fragment: lengths and checksums of the transport cannot be judged. */
  readonly fragmented: boolean;
  /** The addresses stand in the line already; ports follow alone. */
  readonly named: boolean;
}

/** `a.1 > b.2: `, or `1 > 2: ` where the addresses stand already. */
export function addPorts(line: Line, ip: IpContext, sourcePort: number, destinationPort: number): void {
  line.add(
    ip.named
      ? `${sourcePort} > ${destinationPort}: `
      : `${ip.source}.${sourcePort} > ${ip.destination}.${destinationPort}: `,
  );
}

/** Checks a transport checksum, when that is asked for and the whole segment `[at, at + length)` is there. */
export function verifyTransport(
  line: Line,
  ip: IpContext,
  name: string,
  protocol: number,
  at: number,
  length: number,
  fieldAt: number,
): void {
  if (!line.options.verifyChecksums || ip.fragmented || !line.has(at, length)) return;
  const left = transportChecksum(ip.source, ip.destination, protocol, line.bytes, at, at + length);
  if (left === 0) return;
  const found = ((line.bytes[fieldAt] as number) << 8) | (line.bytes[fieldAt + 1] as number);
  line.badChecksum(name, found, rightChecksum(found, left));
}
