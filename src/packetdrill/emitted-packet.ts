/**
 * A packet that the stack sent, read back: its headers, its options one by one, and whether its checksums are
 * right.
 */
import type { Instant } from "../base/time.ts";
import type { IpAddress } from "../wire/address.ts";
import { IcmpHeader } from "../wire/icmp-header.ts";
import { icmpv4Checksum } from "../wire/icmpv4.ts";
import { icmpv6Checksum } from "../wire/icmpv6.ts";
import { Ipv4Header, ipv4ChecksumIsGood } from "../wire/ipv4.ts";
import { IPV6_HEADER_SIZE, Ipv6Header } from "../wire/ipv6.ts";
import { IP_PROTOCOL } from "../wire/protocol.ts";
import { transportChecksum } from "../wire/pseudo-header.ts";
import { TCP_HEADER_SIZE, TcpHeader } from "../wire/tcp.ts";
import { UDP_HEADER_SIZE, UdpHeader, udpChecksumIsGood } from "../wire/udp.ts";
import type { TcpSpec } from "./script.ts";
import { readOptions } from "./tcp-option-bytes.ts";

const RESERVED_BITS = 0x0e;

export interface EmittedIcmp {
  readonly type: number;
  readonly code: number;
}

export class EmittedPacket {
  readonly at: Instant;
  readonly bytes: Uint8Array;
  /** What is wrong with its form: a stack must never send such a thing, whatever the script says. */
  fault: string | undefined = undefined;
  family: 4 | 6 = 4;
  source: IpAddress | undefined = undefined;
  destination: IpAddress | undefined = undefined;
  protocol = -1;
  trafficClass = 0;
  hopLimit = 0;
  /** Of IPv6. */
  flowLabel = 0;
  /** With numbers as they are on the wire. */
  tcp: TcpSpec | undefined = undefined;
  icmp: EmittedIcmp | undefined = undefined;
  sourcePort = 0;
  destinationPort = 0;
  #start = 0;
  #end = 0;
  payloadStart = 0;

  constructor(bytes: Uint8Array, at: Instant) {
    this.bytes = bytes;
    this.at = at;
    this.#readIp();
    if (this.fault !== undefined) return;
    if (this.protocol === IP_PROTOCOL.tcp) this.#readTcp();
    else if (this.protocol === IP_PROTOCOL.udp) this.#readUdp();
    else if (this.protocol === IP_PROTOCOL.icmpv4 || this.protocol === IP_PROTOCOL.icmpv6) this.#readIcmp();
  }

  get payload(): Uint8Array {
    return this.bytes.subarray(this.payloadStart, this.#end);
  }

  #readIp(): void {
    const { bytes } = this;
    const version = (bytes[0] ?? 0) >>> 4;
    if (version === 4) this.#readIpv4();
    else if (version === 6) this.#readIpv6();
    else this.fault = `it has no IP header: version ${version}`;
  }

  #readIpv4(): void {
    const header = new Ipv4Header();
    const problem = header.read(this.bytes, 0, this.bytes.length);
    if (problem !== undefined) this.fault = `its IPv4 header is bad: ${problem}`;
    else if (!ipv4ChecksumIsGood(this.bytes, 0, header.headerLength))
      this.fault = "its IPv4 checksum is wrong";
    else if (header.totalLength !== this.bytes.length) {
      this.fault = `its IPv4 length is ${header.totalLength}, it has ${this.bytes.length} bytes`;
    } else {
      this.#addressed(4, header, header.headerLength);
      this.protocol = header.moreFragments || header.fragmentOffset > 0 ? -1 : header.protocol;
    }
  }

  #readIpv6(): void {
    const header = new Ipv6Header();
    const problem = header.read(this.bytes, 0, this.bytes.length);
    if (problem !== undefined) this.fault = `its IPv6 header is bad: ${problem}`;
    else if (header.payloadLength + IPV6_HEADER_SIZE !== this.bytes.length) {
      this.fault = `its IPv6 length is ${header.payloadLength}, it has ${this.bytes.length} bytes`;
    } else {
      this.#addressed(6, header, IPV6_HEADER_SIZE);
      this.protocol = header.nextHeader;
      this.flowLabel = header.flowLabel;
    }
  }

  #addressed(family: 4 | 6, header: Ipv4Header | Ipv6Header, size: number): void {
    this.family = family;
    this.source = header.source;
    this.destination = header.destination;
    this.trafficClass = header.trafficClass;
    this.hopLimit = header.hopLimit;
    this.#start = size;
    this.payloadStart = size;
    this.#end = this.bytes.length;
  }

  #readTcp(): void {
    const { bytes } = this;
    const header = new TcpHeader();
    const problem = header.read(bytes, this.#start, this.#end);
    if (problem !== undefined) this.fault = `its TCP header is bad: ${problem}`;
    else if (!this.#transportChecksumIsGood()) this.fault = "its TCP checksum is wrong";
    else if (((bytes[this.#start + 12] as number) & RESERVED_BITS) !== 0)
      this.fault = "reserved bits of TCP are set";
    if (this.fault !== undefined) return;
    this.payloadStart = this.#start + header.dataOffset;
    const options = readOptions(bytes, this.#start + TCP_HEADER_SIZE, this.payloadStart);
    if (options === undefined) {
      this.fault = "a TCP option has a length that cannot be";
      return;
    }
    this.sourcePort = header.sourcePort;
    this.destinationPort = header.destinationPort;
    this.tcp = {
      protocol: "tcp",
      ports: undefined,
      flags: header.flags,
      ace: undefined,
      sequence: header.sequence >>> 0,
      length: this.#end - this.payloadStart,
      acknowledgment: header.acknowledgment >>> 0,
      window: header.window,
      urgentPointer: header.urgentPointer,
      options,
    };
  }

  #transportChecksumIsGood(): boolean {
    const { source, destination } = this;
    if (source === undefined || destination === undefined) return false;
    return transportChecksum(source, destination, this.protocol, this.bytes, this.#start, this.#end) === 0;
  }

  #readUdp(): void {
    const { bytes, source, destination } = this;
    const header = new UdpHeader();
    const problem = header.read(bytes, this.#start, this.#end);
    if (problem !== undefined || source === undefined || destination === undefined) {
      this.fault = `its UDP header is bad: ${problem}`;
      return;
    }
    this.#end = this.#start + header.length;
    this.payloadStart = this.#start + UDP_HEADER_SIZE;
    this.sourcePort = header.sourcePort;
    this.destinationPort = header.destinationPort;
    const isGood =
      header.checksum === 0
        ? this.family === 4
        : udpChecksumIsGood(source, destination, bytes, this.#start, this.#end);
    if (!isGood) this.fault = "its UDP checksum is wrong";
  }

  #readIcmp(): void {
    const { bytes, source, destination } = this;
    const header = new IcmpHeader();
    const problem = header.read(bytes, this.#start, this.#end);
    if (problem !== undefined || source === undefined || destination === undefined) {
      this.fault = `its ICMP header is bad: ${problem}`;
      return;
    }
    const sum =
      this.family === 4
        ? icmpv4Checksum(bytes, this.#start, this.#end)
        : icmpv6Checksum(source, destination, bytes, this.#start, this.#end);
    if (sum !== 0) this.fault = "its ICMP checksum is wrong";
    this.payloadStart = this.#start + 8;
    this.icmp = { type: header.type, code: header.code };
  }
}
