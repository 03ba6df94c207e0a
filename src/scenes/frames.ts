/** Frames that a script aims at: what a packet of IPv4 without a link layer carries. */
import type { FrameMatcher } from "../sim/fault-gate.ts";
import { Ipv4Header } from "../wire/ipv4.ts";
import { IP_PROTOCOL } from "../wire/protocol.ts";
import { TCP_FLAG, TcpHeader } from "../wire/tcp.ts";

function segment(wanted: (header: TcpHeader, textLength: number) => boolean): FrameMatcher {
  const ipHeader = new Ipv4Header();
  const tcpHeader = new TcpHeader();
  return frame => {
    if (ipHeader.read(frame.bytes, frame.start, frame.end) !== undefined) return false;
    if (ipHeader.protocol !== IP_PROTOCOL.tcp) return false;
    const at = frame.start + ipHeader.headerLength;
    if (tcpHeader.read(frame.bytes, at, frame.end) !== undefined) return false;
    return wanted(tcpHeader, frame.start + ipHeader.totalLength - at - tcpHeader.dataOffset);
  };
}

export const isText = segment((_header, textLength) => textLength > 0);

/** Neither SYN nor FIN nor text. */
export const isBareAck = segment(
  (header, textLength) => textLength === 0 && (header.flags & ~TCP_FLAG.psh) === TCP_FLAG.ack,
);

export const isIcmp: FrameMatcher = frame => {
  const header = new Ipv4Header();
  return (
    header.read(frame.bytes, frame.start, frame.end) === undefined && header.protocol === IP_PROTOCOL.icmpv4
  );
};
