/**
 * The connections of a script. It tests one at a time, the current one: the last socket made, or the last
 * that a SYN from the script's side has opened. Ports, unless written, follow from what the socket does.
 */
import { TCP_FLAG } from "../wire/tcp.ts";
import type { EmittedPacket } from "./emitted-packet.ts";
import type { Ends } from "./packet-builder.ts";
import type { Ports, TcpSpec } from "./script.ts";
import { SequenceMap } from "./sequence-map.ts";
import type { Settings } from "./settings.ts";

export type Role =
  /** A socket that has done nothing yet, or UDP. */
  | "new"
  | "listening"
  | "connecting"
  /** Opened by a SYN from the script. */
  | "passive";

export class ScriptConnection {
  map = new SequenceMap();
  role: Role;
  readonly protocol: "tcp" | "udp";
  /** The descriptor as the stack has it; undefined before `accept`. */
  fd: number | undefined;
  localPort: number | undefined;
  remotePort: number | undefined;
  /** Its SYN-ACK was seen: `accept` may return it. */
  isAnswered = false;
  /**
   * A call that connects was made, and its SYN has not been seen: port and numbers are the stack's to choose.
   */
  isAttempting = false;
  /** More than SYNs was exchanged: another SYN changes no numbers any more. */
  isSynchronized = false;
  /** What its descriptor was before it was disconnected, until it opens anew. */
  replaces: ScriptConnection | undefined = undefined;

  /** RST: nothing more comes of it; a SYN between the same ports opens another. */
  isReset = false;

  constructor(role: Role, protocol: "tcp" | "udp", fd: number | undefined) {
    this.role = role;
    this.protocol = protocol;
    this.fd = fd;
  }

  /** A segment went one way or the other. */
  saw(direction: "in" | "out", flags: number): void {
    // Whoever speaks on has not believed the RST.
    if (direction === "out" || (flags & TCP_FLAG.rst) !== 0) this.isReset = (flags & TCP_FLAG.rst) !== 0;
    if ((flags & (TCP_FLAG.syn | TCP_FLAG.rst)) === 0) this.isSynchronized = true;
  }
}

const isPureSyn = (flags: number): boolean => (flags & (TCP_FLAG.syn | TCP_FLAG.ack)) === TCP_FLAG.syn;

/** Between the connection's ports, so far as they are known for certain. */
function isBetweenPorts(
  connection: ScriptConnection,
  { sourcePort, destinationPort }: EmittedPacket,
): boolean {
  const { localPort, remotePort, protocol } = connection;
  return protocol === "tcp" && localPort === sourcePort && remotePort === destinationPort;
}

/** Ports of peers that open connections, when the script does not say. */
const FIRST_EPHEMERAL_PORT = 40_001;

export class Connections {
  current: ScriptConnection | undefined = undefined;
  readonly #all: ScriptConnection[] = [];
  readonly #settings: Settings;
  #nextPort = FIRST_EPHEMERAL_PORT;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  // --- what the calls do

  socketMade(fd: number, protocol: "tcp" | "udp"): void {
    this.current = this.#add(new ScriptConnection("new", protocol, fd));
  }

  bound(fd: number, port: number): void {
    const connection = this.withFd(fd);
    if (connection !== undefined) connection.localPort = port;
  }

  listens(fd: number): void {
    const connection = this.withFd(fd);
    if (connection === undefined) return;
    connection.role = "listening";
    this.#takesOver(connection);
  }

  /** Also of a call that sends to an address, and so connects. */
  connects(fd: number, port: number): void {
    const connection = this.withFd(fd);
    // A connection that the other end has opened stays what it is, whatever address is sent to.
    if (connection === undefined || connection.role === "passive") return;
    connection.isAttempting = true;
    connection.remotePort = port;
    if (connection.role === "new") connection.role = "connecting";
    this.#takesOver(connection);
  }

  disconnected(fd: number): void {
    const connection = this.withFd(fd);
    if (connection === undefined) return;
    const fresh = this.#add(new ScriptConnection("new", connection.protocol, fd));
    fresh.localPort = connection.localPort;
    fresh.replaces = connection.replaces ?? connection;
    connection.fd = undefined;
  }

  /** Until then packets belong to what the descriptor was before: the RST that tells its peer, say. */
  #takesOver(connection: ScriptConnection): void {
    if (connection.replaces !== undefined && this.current === connection.replaces) this.current = connection;
    connection.replaces = undefined;
  }

  /** `accept` has returned a descriptor; `port` is the peer's, when the stack says it. */
  accepted(fd: number, port: number | undefined): void {
    const waiting = this.#all.filter(({ role, fd: taken }) => role === "passive" && taken === undefined);
    const child =
      waiting.find(({ remotePort }) => port !== undefined && remotePort === port) ??
      waiting.filter(({ isAnswered }) => isAnswered).at(-1);
    if (child !== undefined) child.fd = fd;
  }

  closed(fd: number): void {
    const connection = this.withFd(fd);
    if (connection === undefined) return;
    connection.fd = undefined;
    if (connection.role === "listening") connection.role = "new";
  }

  withFd(fd: number): ScriptConnection | undefined {
    return this.#all.findLast(connection => connection.fd === fd);
  }

  // --- what the packets do

  /** The connection that a packet from the script belongs to: a new one, if it opens one. */
  forArriving(tcp: TcpSpec): ScriptConnection {
    let connection = this.#pick(tcp.ports, "in") ?? this.#forUnknown(tcp);
    if (isPureSyn(tcp.flags) && connection.isReset) connection = this.#reincarnated(connection);
    this.current = connection;
    const isSyn = (tcp.flags & TCP_FLAG.syn) !== 0;
    if (isSyn && !(connection.isSynchronized && connection.map.knowsRemote))
      connection.map.learnRemote(tcp.sequence);
    connection.saw("in", tcp.flags);
    return connection;
  }

  /** RFC 9293 §3.6.1: the same ports again. */
  #reincarnated({ localPort, remotePort }: ScriptConnection): ScriptConnection {
    const fresh = this.#add(new ScriptConnection("passive", "tcp", undefined));
    fresh.localPort = localPort;
    fresh.remotePort = remotePort;
    return fresh;
  }

  #forUnknown(tcp: TcpSpec): ScriptConnection {
    const { current } = this;
    if (tcp.ports === undefined && current !== undefined && current.role !== "listening") {
      if (current.remotePort === undefined) current.remotePort = this.#nextPort++;
      current.localPort ??= this.#settings.bindPort;
      return current;
    }
    const child = this.#add(new ScriptConnection("passive", "tcp", undefined));
    child.remotePort = tcp.ports?.source ?? this.#nextPort++;
    child.localPort = tcp.ports?.destination ?? current?.localPort ?? this.#settings.bindPort;
    return child;
  }

  /** The same for UDP and for errors, which open nothing. */
  forDatagram(ports: Ports | undefined): ScriptConnection {
    const connection =
      this.#pick(ports, "in") ?? this.current ?? new ScriptConnection("new", "udp", undefined);
    connection.localPort ??= ports?.destination ?? this.#settings.bindPort;
    connection.remotePort ??= ports?.source ?? this.#nextPort++;
    return connection;
  }

  /** The connection whose packet the script expects next. */
  forExpected(ports: Ports | undefined): ScriptConnection | undefined {
    const picked = this.#pick(ports, "out");
    if (picked !== undefined) this.current = picked;
    return this.current;
  }

  /** Whether a packet of the stack belongs to the connection, as far as its ports are known. */
  owns(connection: ScriptConnection, packet: EmittedPacket): boolean {
    if (!this.isBetweenEnds(packet)) return false;
    if (packet.tcp === undefined && connection.protocol === "tcp") return false;
    const { localPort, remotePort } = connection;
    const mayChoose =
      connection.isAttempting &&
      isPureSyn(packet.tcp?.flags ?? 0) &&
      !this.#all.some(other => other !== connection && isBetweenPorts(other, packet));
    // As long as its SYN has not been seen, nothing else is its own: an older connection may still be
    // closing.
    const isUnknown =
      localPort === undefined && (connection.role !== "connecting" || connection.protocol === "udp");
    return (
      (isUnknown || mayChoose || localPort === packet.sourcePort) &&
      (remotePort === undefined || remotePort === packet.destinationPort)
    );
  }

  isBetweenEnds({ source, destination }: EmittedPacket): boolean {
    const { localAddress, remoteAddress } = this.#settings;
    return source?.equals(localAddress) === true && destination?.equals(remoteAddress) === true;
  }

  /**
   * A packet of the stack is taken for the connection: its ports are known now, and with a SYN its numbers.
   * @param expected The sequence number that the script has where the packet is
   */
  learned(connection: ScriptConnection, packet: EmittedPacket, expected: number): void {
    const flags = packet.tcp?.flags ?? 0;
    if (connection.isAttempting && isPureSyn(flags)) {
      if (connection.localPort !== packet.sourcePort) connection.map = new SequenceMap();
      connection.localPort = packet.sourcePort;
      connection.isAttempting = false;
      connection.isSynchronized = false;
      connection.map.learnLocal(expected, packet.tcp?.sequence ?? 0);
    }
    connection.localPort ??= packet.sourcePort;
    connection.remotePort ??= packet.destinationPort;
    if (packet.tcp === undefined) return;
    const isSyn = (flags & TCP_FLAG.syn) !== 0;
    if (isSyn && !connection.map.knowsLocal) connection.map.learnLocal(expected, packet.tcp.sequence);
    if (isSyn && (flags & TCP_FLAG.ack) !== 0) connection.isAnswered = true;
    connection.saw("out", flags);
  }

  /** For messages: the connection that a packet of the stack seems to belong to. */
  ofPacket(packet: EmittedPacket): ScriptConnection | undefined {
    if (!this.isBetweenEnds(packet)) return undefined;
    return this.#all.findLast(
      ({ localPort, remotePort }) => localPort === packet.sourcePort && remotePort === packet.destinationPort,
    );
  }

  /** From the script's side to the stack. */
  endsToStack(connection: ScriptConnection): Ends {
    const { remoteAddress, localAddress, bindPort } = this.#settings;
    return {
      source: remoteAddress,
      sourcePort: connection.remotePort ?? 0,
      destination: localAddress,
      destinationPort: connection.localPort ?? bindPort,
    };
  }

  #pick(ports: Ports | undefined, direction: "in" | "out"): ScriptConnection | undefined {
    if (ports === undefined) return undefined;
    const local = direction === "in" ? ports.destination : ports.source;
    const remote = direction === "in" ? ports.source : ports.destination;
    return this.#all.findLast(
      ({ role, localPort, remotePort }) =>
        role !== "listening" &&
        (localPort === undefined || localPort === local) &&
        (remotePort === remote || (remotePort === undefined && role !== "new")),
    );
  }

  #add(connection: ScriptConnection): ScriptConnection {
    this.#all.push(connection);
    return connection;
  }
}
