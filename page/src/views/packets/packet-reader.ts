/**
 * A line for each packet, as tcpdump has it. Relative sequence numbers come from the packets before, so all
 * packets are read in their order, once.
 */
import { PacketLines } from "../../../../src/capture/packet-line.ts";
import type { Packet } from "../../../../src/inspect/protocol.ts";
import { packetHead } from "./packet-bytes.ts";

/** By which a line is coloured. */
export type PacketKind = "tcp" | "opening" | "closing" | "reset" | "udp" | "icmp" | "arp" | "other";

export interface PacketText {
  readonly line: string;
  readonly kind: PacketKind;
}

export class PacketReader {
  #lines = new PacketLines();
  #texts = new WeakMap<Packet, PacketText>();
  #last: Packet | undefined;
  #start = 0;

  /** When the first packet passed. */
  get start(): number {
    return this.#start;
  }

  /** Reads those that are new. Another beginning forgets the connections of the one before. */
  read(packets: readonly Packet[]): void {
    const known = this.#last === undefined ? -1 : packets.lastIndexOf(this.#last);
    if (known < 0) {
      this.#lines = new PacketLines();
      this.#start = packets[0]?.time ?? 0;
    }
    for (const packet of packets.slice(known + 1)) this.#texts.set(packet, this.#text(packet));
    this.#last = packets.at(-1);
  }

  textOf(packet: Packet): PacketText {
    return this.#texts.get(packet) ?? { line: "", kind: "other" };
  }

  #text(packet: Packet): PacketText {
    const bytes = packetHead(packet.bytes);
    const line = this.#lines.line(packet.linkType, bytes, 0, bytes.length, packet.length);
    return { line, kind: kindOf(line) };
  }
}

export function kindOf(line: string): PacketKind {
  const flags = /Flags \[([^\]]*)\]/.exec(line)?.[1];
  if (flags !== undefined) {
    if (flags.includes("R")) return "reset";
    if (flags.includes("S")) return "opening";
    return flags.includes("F") ? "closing" : "tcp";
  }
  if (/\bUDP\b/.test(line)) return "udp";
  if (/\bICMP6?\b/.test(line)) return "icmp";
  return line.startsWith("ARP") ? "arp" : "other";
}
