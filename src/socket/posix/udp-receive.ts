/** Receiving on a UDP socket: Linux's udp_recvmsg, with the control messages of IP_PKTINFO and the like. */
import { writeUint32 } from "../../base/bytes.ts";
import type { Datagram } from "../../udp/receive-queue.ts";
import { IpAddress } from "../../wire/address.ts";
import { sockaddr } from "./addresses.ts";
import {
  AF_INET,
  MSG_ERRQUEUE,
  MSG_PEEK,
  MSG_TRUNC,
  RCV_SHUTDOWN,
  SOL_IP,
  SOL_IPV6,
  SOL_SOCKET,
  SOL_UDP,
} from "./constants.ts";
import type { ControlWriter } from "./control-messages.ts";
import * as name from "./option-names.ts";
import type { IncomingMessage } from "./socket-file.ts";
import { fail, OK, type SysOutcome, type SysResult, succeed } from "./sys-result.ts";
import { putTimestamps } from "./timestamp-messages.ts";
import type { UdpSocket } from "./udp-socket.ts";

export function receiveFromUdp(socket: UdpSocket, message: IncomingMessage, flags: number): SysOutcome {
  if ((flags & MSG_ERRQUEUE) !== 0) return socket.receiveError(message);
  const attempt = (): SysResult | undefined => {
    if (socket.pendingError !== undefined) return fail(socket.takeError() ?? "EAGAIN");
    const datagram = (flags & MSG_PEEK) !== 0 ? socket.next : socket.take();
    if (datagram !== undefined) return deliver(socket, message, flags, datagram);
    if (!socket.mayWait(flags)) return fail("EAGAIN");
    return (socket.shutdownMask & RCV_SHUTDOWN) !== 0 ? OK : undefined;
  };
  return socket.sleep(attempt, socket.receiveTimeout, () => fail("EAGAIN"));
}

function deliver(socket: UdpSocket, message: IncomingMessage, flags: number, datagram: Datagram): SysResult {
  const { bytes } = datagram;
  const wanted = bytes.subarray(0, message.memory.length);
  // A datagram whose reader faults is lost, as on Linux.
  if (message.memory.put(0, wanted) < wanted.length) return fail("EFAULT");
  if (wanted.length < bytes.length) message.flags |= MSG_TRUNC;
  message.address = sockaddr(socket.inetDomain, { address: datagram.source, port: datagram.sourcePort });
  if (message.control !== undefined) describe(socket, datagram, message.control);
  return succeed((flags & MSG_TRUNC) !== 0 ? bytes.length : wanted.length);
}

function describe(socket: UdpSocket, datagram: Datagram, control: ControlWriter): void {
  const { options } = socket;
  putTimestamps(control, socket.timestampWishes, datagram.receivedAt);
  if (options.isSet(SOL_SOCKET, name.SO_RXQ_OVFL) && socket.droppedDatagrams > 0)
    control.putInt(SOL_SOCKET, name.SO_RXQ_OVFL, socket.droppedDatagrams);
  if (datagram.segmentSize > 0) control.putInt(SOL_UDP, name.UDP_GRO, datagram.segmentSize);
  if (socket.domain === AF_INET) describeV4(socket, datagram, control);
  else describeV6(socket, datagram, control);
}

function describeV4({ options }: UdpSocket, datagram: Datagram, control: ControlWriter): void {
  if (options.isSet(SOL_IP, name.IP_PKTINFO)) {
    const info = new Uint8Array(12);
    info.set(indexBytes(datagram));
    datagram.destination.write(info, 4);
    datagram.destination.write(info, 8);
    control.put(SOL_IP, name.IP_PKTINFO, info);
  }
  if (options.isSet(SOL_IP, name.IP_RECVTTL)) control.putInt(SOL_IP, name.IP_TTL, datagram.hopLimit);
  if (options.isSet(SOL_IP, name.IP_RECVTOS))
    control.put(SOL_IP, name.IP_TOS, Uint8Array.of(datagram.trafficClass));
}

function describeV6(socket: UdpSocket, datagram: Datagram, control: ControlWriter): void {
  const { options } = socket;
  if (options.isSet(SOL_IPV6, name.IPV6_RECVPKTINFO)) {
    const info = new Uint8Array(20);
    const { destination } = datagram;
    const mapped = destination.family === 6 ? destination : IpAddress.v6(0, 0, 0xffff, destination.w3);
    mapped.write(info, 0);
    info.set(indexBytes(datagram), 16);
    control.put(SOL_IPV6, name.IPV6_PKTINFO, info);
  }
  // IPv4's own, when the datagram came by it.
  if (datagram.source.family === 4) {
    describeV4(socket, datagram, control);
    return;
  }
  if (options.isSet(SOL_IPV6, name.IPV6_RECVHOPLIMIT))
    control.putInt(SOL_IPV6, name.IPV6_HOPLIMIT, datagram.hopLimit);
  if (options.isSet(SOL_IPV6, name.IPV6_RECVTCLASS))
    control.putInt(SOL_IPV6, name.IPV6_TCLASS, datagram.trafficClass);
}

/** The interface's number, as a little-endian int. */
function indexBytes({ interfaceIndex }: Datagram): Uint8Array {
  const bytes = new Uint8Array(4);
  writeUint32(bytes, 0, interfaceIndex);
  return bytes.reverse();
}
