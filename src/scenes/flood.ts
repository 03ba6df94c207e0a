/**
 * A sender of SYNs from addresses that are not its own. It stands at the end of a link instead of a host, and
 * what comes back is lost on it. RFC 4987 §2.
 */
import { writeUint16 } from "../base/bytes.ts";
import type { Scheduled } from "../base/event-queue.ts";
import { PacketBuffer } from "../base/packet-buffer.ts";
import { below, type Random } from "../base/random.ts";
import { seq } from "../base/seq.ts";
import { type Duration, instantAfter } from "../base/time.ts";
import type { NetDevice } from "../link/net-device.ts";
import type { World } from "../sim/world.ts";
import { type IpAddress, ip } from "../wire/address.ts";
import { IPV4_HEADER_SIZE, Ipv4Header } from "../wire/ipv4.ts";
import { IP_PROTOCOL } from "../wire/protocol.ts";
import { transportChecksum } from "../wire/pseudo-header.ts";
import { TCP_FLAG, TCP_HEADER_SIZE, TcpHeader } from "../wire/tcp.ts";

export interface FloodTarget {
  readonly address: IpAddress;
  readonly port: number;
}

const CHECKSUM_AT = 16;
const FIRST_PORT = 1_024;

export class SynFlood {
  readonly #world: World;
  readonly #random: Random;
  readonly #device: NetDevice;
  readonly #target: FloodTarget;
  readonly #ip = new Ipv4Header();
  readonly #tcp = new TcpHeader();
  #next: Scheduled | undefined;

  constructor(world: World, device: NetDevice, target: FloodTarget) {
    this.#world = world;
    this.#random = world.random.fork();
    this.#device = device;
    this.#target = target;
    device.attach({ receive: () => {}, writable: () => {} });
    this.#ip.protocol = IP_PROTOCOL.tcp;
    this.#ip.hopLimit = 64;
    this.#ip.destination = target.address;
    this.#ip.totalLength = IPV4_HEADER_SIZE + TCP_HEADER_SIZE;
    this.#tcp.destinationPort = target.port;
    this.#tcp.flags = TCP_FLAG.syn;
    this.#tcp.window = 65_535;
  }

  /** From now on, a SYN each time. */
  begin(each: Duration): void {
    this.#send();
    this.#next = this.#world.schedule(instantAfter(this.#world.now(), each), () => this.begin(each));
  }

  end(): void {
    this.#next?.cancel();
  }

  #send(): void {
    // RFC 5737: these addresses are nobody's.
    this.#ip.source = ip(`203.0.113.${below(this.#random, 256)}`);
    this.#ip.identification = below(this.#random, 0x1_0000);
    this.#tcp.sourcePort = FIRST_PORT + below(this.#random, 0x1_0000 - FIRST_PORT);
    this.#tcp.sequence = seq(this.#random.uint32());
    const packet = PacketBuffer.from(new Uint8Array(this.#ip.totalLength));
    const { bytes, start, end } = packet;
    const transport = start + this.#ip.write(bytes, start);
    this.#tcp.write(bytes, transport);
    const { source } = this.#ip;
    const sum = transportChecksum(source, this.#target.address, IP_PROTOCOL.tcp, bytes, transport, end);
    writeUint16(bytes, transport + CHECKSUM_AT, sum);
    this.#device.transmit(packet);
  }
}
