/**
 * A user-mode gateway: it ends every flow that comes from a link at a host of its own, whatever its
 * destination, and carries it on through a dialer. RFC 2663's NAT without rewriting packets: there are two
 * connections, and bytes between.
 *
 *   link ── HeldLink ── host ── TcpConnection or UdpEndpoint ── Dialer
 *
 * The destination becomes an address of the host when the first packet to it comes. A SYN is held until the
 * dialer has reached the destination: who cannot be reached is not pretended to answer, and the SYN is
 * answered as the destination, or the way to it, answered the dialer.
 */
import { PacketBuffer } from "../base/packet-buffer.ts";
import { elapsed, type Instant, START_OF_TIME, seconds } from "../base/time.ts";
import type { AttachOptions, Host } from "../host/host.ts";
import type { NetDevice } from "../link/net-device.ts";
import type { Listener } from "../tcp/handshake/listener.ts";
import type { TcpConnection } from "../tcp/tcp-connection.ts";
import type { IpAddress } from "../wire/address.ts";
import { DatagramFlows } from "./datagram-flows.ts";
import type { Dialer, Flow, OutboundStream } from "./dialer.ts";
import { FlowReader } from "./flow-reader.ts";
import { HeldLink } from "./held-link.ts";

export interface GatewayOptions extends AttachOptions {
  readonly dialer: Dialer;
  /** Flows at once; packets of more are dropped. */
  readonly flowLimit?: number | undefined;
}

const DEFAULT_FLOW_LIMIT = 4_096;
/** Linux gives up a SYN-ACK after 63 s. */
const OPENING_LIMIT = seconds(120);
/** How often all flows may be looked through for such as nobody has completed. */
const SWEEP_INTERVAL = seconds(1);

/**
 * A connection on its way through: its SYN waits for the dialer, then it for being accepted, then it is
 * carried.
 */
interface StreamFlow {
  readonly flow: Flow;
  /** When the dialer was asked. */
  readonly since: Instant;
  phase: "dialing" | "opening" | "carried";
  outbound: OutboundStream | undefined;
}

/** The listener of a destination, while connections to it are about to open. */
interface Door {
  readonly listener: Listener;
  users: number;
}

export class Gateway {
  readonly #host: Host;
  readonly #dialer: Dialer;
  readonly #limit: number;
  readonly #link: HeldLink;
  readonly #interfaceIndex: number;
  #isClosed = false;
  readonly #reader = new FlowReader();
  readonly #streams = new Map<string, StreamFlow>();
  readonly #doors = new Map<string, Door>();
  readonly #datagrams: DatagramFlows;
  /** Addresses that the host has because somebody sent to them. */
  readonly #adopted = new Map<string, IpAddress>();
  /** So many of them are worth a look for those that nobody uses. */
  #manyAdopted: number;
  #sweptAt = START_OF_TIME;

  /**
   * Attaches the host to the device, which leads to those whose flows are to be carried: packets, not frames.
   */
  constructor(host: Host, device: NetDevice, options: GatewayOptions) {
    this.#host = host;
    this.#dialer = options.dialer;
    this.#limit = options.flowLimit ?? DEFAULT_FLOW_LIMIT;
    this.#manyAdopted = this.#limit;
    this.#link = new HeldLink(device, packet => this.#passes(packet));
    this.#interfaceIndex = host.attach(this.#link, options).index;
    this.#datagrams = new DatagramFlows(host, options.dialer, packet => this.#link.release(packet));
  }

  /** Flows that are open or opening. */
  get flows(): number {
    return this.#streams.size + this.#datagrams.size;
  }

  /** Connections that are open or opening: they end, while datagrams only fall silent. */
  get connections(): number {
    return this.#streams.size;
  }

  /** Forgets all flows. Connections of the host are its owner's to end. */
  close(): void {
    this.#isClosed = true;
    for (const { outbound, phase } of this.#streams.values()) if (phase !== "carried") outbound?.abort();
    for (const { listener } of this.#doors.values()) this.#host.tcp.closeListener(listener);
    this.#streams.clear();
    this.#doors.clear();
    this.#datagrams.close();
  }

  /** Whether the packet goes to the host now. */
  #passes(packet: PacketBuffer): boolean {
    const flow = this.#reader;
    if (this.#isClosed || !flow.read(packet) || !isUnicast(flow.destination)) return true;
    this.#adopt(flow.destination);
    if (flow.protocol === "udp") return this.#datagrams.passes(flow, packet, this.#limit);
    if (!flow.isOpening) return true;
    const known = this.#streams.get(keyOf(flow));
    if (known !== undefined) return known.phase !== "dialing";
    this.#sweep();
    if (this.#streams.size < this.#limit) void this.#dial(copyOf(flow), packetCopy(packet));
    return false;
  }

  #adopt(address: IpAddress): void {
    const { net } = this.#host;
    if (net.isLocal(address)) return;
    if (this.#adopted.size >= this.#manyAdopted) this.#dismissIdle();
    net.addAddress(this.#interfaceIndex, address, address.size * 8, { duplicateDetection: false });
    this.#adopted.set(address.toString(), address);
  }

  /**
   * Destinations that no flow leads to are no addresses of the host any more. The next look is due when there
   * are twice as many as are left: else each packet to one more destination would have all flows looked at.
   */
  #dismissIdle(): void {
    const inUse = new Set(this.#datagrams.destinations());
    for (const { flow } of this.#streams.values()) inUse.add(flow.destination.toString());
    for (const [text, address] of this.#adopted) {
      if (inUse.has(text)) continue;
      this.#adopted.delete(text);
      this.#host.net.removeAddress(this.#interfaceIndex, address);
    }
    this.#manyAdopted = Math.max(this.#limit, 2 * this.#adopted.size);
  }

  /** Forgets who wanted to connect and has not been heard of since. */
  #sweep(): void {
    const { now } = this.#host;
    if (elapsed(this.#sweptAt, now) < SWEEP_INTERVAL) return;
    this.#sweptAt = now;
    for (const [key, { flow, since, phase, outbound }] of this.#streams) {
      if (phase !== "opening" || elapsed(since, now) < OPENING_LIMIT) continue;
      this.#streams.delete(key);
      outbound?.abort();
      this.#leaveDoor(flow);
    }
  }

  async #dial(flow: Flow, syn: PacketBuffer): Promise<void> {
    const key = keyOf(flow);
    const entry: StreamFlow = { flow, since: this.#host.now, phase: "dialing", outbound: undefined };
    this.#streams.set(key, entry);
    try {
      entry.outbound = await this.#dialer.connect(flow);
    } catch (error) {
      this.#streams.delete(key);
      if (!this.#isClosed) this.#answerFor(syn, error);
      return;
    }
    if (this.#streams.get(key) !== entry) {
      entry.outbound.abort();
      return;
    }
    entry.phase = "opening";
    this.#openDoor(flow);
    this.#link.release(syn);
  }

  /**
   * Who wanted to connect hears what the dialer heard: that there is no way, or nothing at all, as from a
   * destination that is silent; else the SYN finds a closed port.
   */
  #answerFor(syn: PacketBuffer, error: unknown): void {
    const { code } = error as { readonly code?: unknown };
    if (code === "ETIMEDOUT") return;
    if (code === "EHOSTUNREACH" || code === "ENETUNREACH") {
      syn.network = syn.start;
      this.#host.net.answerUnreachable(syn, code === "EHOSTUNREACH" ? "host" : "network");
    } else {
      this.#link.release(syn);
    }
  }

  /** From now on the host accepts at the destination. */
  #openDoor({ destination: address, destinationPort: port }: Flow): void {
    const key = doorKey(address, port);
    const door = this.#doors.get(key);
    if (door !== undefined) {
      door.users++;
      return;
    }
    const listener = this.#host.tcp.listen({ address, port });
    this.#doors.set(key, { listener, users: 1 });
    listener.observer = { acceptable: () => this.#acceptAll(listener) };
  }

  #leaveDoor({ destination, destinationPort }: Flow): void {
    const key = doorKey(destination, destinationPort);
    const door = this.#doors.get(key);
    if (door === undefined || --door.users > 0) return;
    this.#doors.delete(key);
    this.#host.tcp.closeListener(door.listener);
  }

  #acceptAll(listener: Listener): void {
    for (let next = listener.accept(); next !== undefined; next = listener.accept()) this.#accepted(next);
  }

  #accepted(connection: TcpConnection): void {
    const { remote, remotePort, local, localPort } = connection;
    const key = textKey(remote.toString(), remotePort, local.toString(), localPort);
    const entry = this.#streams.get(key);
    if (entry?.outbound === undefined || entry.phase !== "opening") {
      connection.abort();
      return;
    }
    entry.phase = "carried";
    this.#leaveDoor(entry.flow);
    entry.outbound.carry(connection).then(
      () => this.#streams.delete(key),
      () => this.#streams.delete(key),
    );
  }
}

function isUnicast(address: IpAddress): boolean {
  return (
    !address.isMulticast && !address.isLimitedBroadcast && !address.isUnspecified && !address.isLinkLocal
  );
}

function keyOf({ source, sourcePort, destination, destinationPort }: Flow): string {
  return textKey(source.toString(), sourcePort, destination.toString(), destinationPort);
}

function textKey(source: string, sourcePort: number, destination: string, destinationPort: number): string {
  return `${source} ${sourcePort} ${destination} ${destinationPort}`;
}

function doorKey(address: IpAddress, port: number): string {
  return `${address} ${port}`;
}

export function copyOf({ protocol, source, sourcePort, destination, destinationPort }: Flow): Flow {
  return { protocol, source, sourcePort, destination, destinationPort };
}

/** With its marks: what came by a device with offloads has no checksum of its own. */
function packetCopy(packet: PacketBuffer): PacketBuffer {
  const copy = new PacketBuffer(packet.end);
  copy.copyFrom(packet);
  return copy;
}
