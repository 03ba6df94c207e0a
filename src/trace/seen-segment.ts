/** The TCP segment in a frame that somebody saw on its way, as far as its headers tell. */
import type { PacketBuffer } from "../base/packet-buffer.ts";
import type { Medium } from "../link/net-device.ts";
import type { FourTuple } from "../tcp/tcp-probe.ts";
import { ANY_V4, type IpAddress } from "../wire/address.ts";
import { ETHERNET_HEADER_SIZE, EthernetHeader } from "../wire/ethernet.ts";
import { Ipv4Header } from "../wire/ipv4.ts";
import { IPV6_HEADER_SIZE, Ipv6Header } from "../wire/ipv6.ts";
import { ETHER_TYPE, IP_PROTOCOL } from "../wire/protocol.ts";
import { TCP_HEADER_SIZE, TcpHeader } from "../wire/tcp.ts";
import { TcpOptions } from "../wire/tcp-options.ts";

/** One object, refilled for each frame: its tuple is the sender's view. */
export class SeenSegment implements FourTuple {
  local: IpAddress = ANY_V4;
  remote: IpAddress = ANY_V4;
  readonly header = new TcpHeader();
  readonly options = new TcpOptions();
  textLength = 0;
  segments = 1;
  readonly #ethernet = new EthernetHeader();
  readonly #ipv4 = new Ipv4Header();
  readonly #ipv6 = new Ipv6Header();

  get localPort(): number {
    return this.header.sourcePort;
  }

  get remotePort(): number {
    return this.header.destinationPort;
  }

  /** False: it has none, or only a later part of one. */
  read(frame: PacketBuffer, medium: Medium): boolean {
    const { bytes, start, end } = frame;
    if (medium === "ip") {
      const isIpv6 = end > start && (bytes[start] ?? 0) >>> 4 === 6;
      return isIpv6 ? this.#readIpv6(frame, start) : this.#readIpv4(frame, start);
    }
    if (this.#ethernet.read(bytes, start, end) !== undefined) return false;
    const at = start + ETHERNET_HEADER_SIZE;
    if (this.#ethernet.type === ETHER_TYPE.ipv4) return this.#readIpv4(frame, at);
    return this.#ethernet.type === ETHER_TYPE.ipv6 && this.#readIpv6(frame, at);
  }

  #readIpv4(frame: PacketBuffer, at: number): boolean {
    const ip = this.#ipv4;
    if (ip.read(frame.bytes, at, frame.end) !== undefined) return false;
    if (ip.protocol !== IP_PROTOCOL.tcp || ip.fragmentOffset > 0) return false;
    this.local = ip.source;
    this.remote = ip.destination;
    return this.#readTcp(frame, at + ip.headerLength, at + ip.totalLength);
  }

  #readIpv6(frame: PacketBuffer, at: number): boolean {
    const ip = this.#ipv6;
    if (ip.read(frame.bytes, at, frame.end) !== undefined || ip.nextHeader !== IP_PROTOCOL.tcp) return false;
    this.local = ip.source;
    this.remote = ip.destination;
    const start = at + IPV6_HEADER_SIZE;
    return this.#readTcp(frame, start, start + ip.payloadLength);
  }

  #readTcp({ bytes, segmentSize }: PacketBuffer, at: number, end: number): boolean {
    const { header, options } = this;
    if (header.read(bytes, at, end) !== undefined) return false;
    const text = at + header.dataOffset;
    options.clear();
    options.read(bytes, at + TCP_HEADER_SIZE, text);
    this.textLength = end - text;
    this.segments = segmentSize === 0 ? 1 : Math.ceil(this.textLength / segmentSize);
    return true;
  }
}
