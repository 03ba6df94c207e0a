/** Packets as a script would write them. */
import { TCP_FLAG } from "../wire/tcp.ts";
import type { EmittedPacket } from "./emitted-packet.ts";
import { icmpNames } from "./icmp-names.ts";
import type { IcmpSpec, IpSpec, PacketAction, TcpOptionSpec, TcpSpec } from "./script.ts";

const LETTERS: ReadonlyArray<readonly [number, string]> = [
  [TCP_FLAG.syn, "S"],
  [TCP_FLAG.fin, "F"],
  [TCP_FLAG.rst, "R"],
  [TCP_FLAG.psh, "P"],
  [TCP_FLAG.urg, "U"],
  [TCP_FLAG.ece, "E"],
  [TCP_FLAG.cwr, "W"],
  [TCP_FLAG.ae, "A"],
  [TCP_FLAG.ack, "."],
];
const ECN_NAMES = ["noecn", "ect1", "ect0", "ce"] as const;

export function flagsText(flags: number): string {
  const text = LETTERS.map(([flag, letter]) => ((flags & flag) === 0 ? "" : letter)).join("");
  return text === "" ? "-" : text;
}

export function tcpText(tcp: TcpSpec): string {
  const { sequence, length, acknowledgment, window, urgentPointer, options, flags } = tcp;
  const parts = [flagsText(flags), `${sequence}:${(sequence + length) >>> 0}(${length})`];
  if (acknowledgment !== undefined && (acknowledgment !== 0 || (flags & TCP_FLAG.ack) !== 0)) {
    parts.push(`ack ${acknowledgment}`);
  }
  if (window !== undefined) parts.push(`win ${window}`);
  if (urgentPointer !== undefined && (urgentPointer !== 0 || (flags & TCP_FLAG.urg) !== 0)) {
    parts.push(`urg ${urgentPointer}`);
  }
  if (options === undefined) parts.push("<...>");
  else if (options.length > 0) parts.push(`<${options.map(optionText).join(",")}>`);
  return parts.join(" ");
}

export function optionText(option: TcpOptionSpec): string {
  switch (option.kind) {
    case "mss":
    case "wscale":
      return `${option.kind} ${option.value}`;
    case "sack":
      return `sack ${option.blocks.map(([left, right]) => `${left}:${right}`).join(" ")}`;
    case "TS":
      return `TS val ${option.value} ecr ${option.echo}`;
    case "md5":
      return `md5 ${option.digest}`;
    case "FO":
    case "FOEXP":
      return option.cookie === "" ? option.kind : `${option.kind} ${option.cookie}`;
    case "ECN": {
      const names = option.first === "e0b" ? ["e0b", "ceb", "e1b"] : ["e1b", "ceb", "e0b"];
      return `ECN ${option.counters.map((counter, index) => `${names[index]} ${counter}`).join(" ")}`;
    }
    case "other":
      return `option ${option.number} ${option.content}`.trimEnd();
    default:
      return option.kind;
  }
}

export function ecnName(trafficClass: number): (typeof ECN_NAMES)[number] {
  return ECN_NAMES[trafficClass & 3] as (typeof ECN_NAMES)[number];
}

/** What of the IP header the script names, as `[…] `. */
export function ipText(spec: IpSpec): string {
  const parts: string[] = [];
  if (spec.ecn !== undefined) parts.push(spec.ecn);
  if (spec.trafficClass !== undefined) parts.push(`tos 0x${spec.trafficClass.toString(16)}`);
  if (spec.flowLabel !== undefined) parts.push(`flowlabel 0x${spec.flowLabel.toString(16)}`);
  if (spec.hopLimit !== undefined) parts.push(`ttl ${spec.hopLimit}`);
  return parts.length === 0 ? "" : `[${parts.join(",")}] `;
}

/** The same fields of a packet that was sent. */
export function emittedIpText(spec: IpSpec, packet: EmittedPacket): string {
  return ipText({
    ecn: spec.ecn === undefined ? undefined : ecnName(packet.trafficClass),
    trafficClass: spec.trafficClass === undefined ? undefined : packet.trafficClass,
    flowLabel: spec.flowLabel === undefined ? undefined : packet.flowLabel,
    hopLimit: spec.hopLimit === undefined ? undefined : packet.hopLimit,
  });
}

export function actionText(action: PacketAction): string {
  const { body } = action;
  const sign = action.direction === "in" ? "<" : ">";
  return `${sign} ${ipText(action.ip)}${bodyText(body)}`;
}

function bodyText(body: PacketAction["body"]): string {
  switch (body.protocol) {
    case "tcp":
      return tcpText(body);
    case "udp":
      return `udp (${body.length})`;
    case "icmp":
      return icmpText(body);
  }
}

function icmpText(icmp: IcmpSpec): string {
  const parts = ["icmp", icmp.type];
  if (icmp.code !== undefined) parts.push(icmp.code);
  if (icmp.mtu !== undefined) parts.push(`mtu ${icmp.mtu}`);
  if (icmp.identifier !== undefined) parts.push(`id ${icmp.identifier}`);
  return parts.join(" ");
}

/** @param view The TCP part in the script's numbers, if they are known. */
export function emittedText(packet: EmittedPacket, view: TcpSpec | undefined = packet.tcp): string {
  if (packet.fault !== undefined) return `a packet of ${packet.bytes.length} bytes: ${packet.fault}`;
  if (view !== undefined) return tcpText(view);
  if (packet.icmp !== undefined)
    return `icmp ${icmpNames(packet.family, packet.icmp.type, packet.icmp.code)}`;
  if (packet.protocol === 17) return `udp (${packet.payload.length})`;
  return `IP protocol ${packet.protocol}, ${packet.bytes.length} bytes`;
}
