/** ARP and RARP: RFC 826, RFC 903. */
import { ETHER_TYPE } from "../../wire/protocol.ts";
import { etherTypeText } from "./ethernet.ts";
import { type Layer, named } from "./field-tree.ts";

const OPERATIONS: Readonly<Record<number, string>> = {
  1: "request",
  2: "reply",
  3: "reverse request",
  4: "reverse reply",
  8: "inverse request",
  9: "inverse reply",
};

const FIXED_LENGTH = 8;

export function dissectArp(frame: Layer): void {
  const { bytes, at } = frame;
  const lengths = frame.left >= 6 ? 2 * ((bytes[at + 4] as number) + (bytes[at + 5] as number)) : 0;
  frame.layer("ARP", "arp", FIXED_LENGTH + lengths, layer => {
    layer.uint16("Hardware type", "hw.type", named({ 1: "Ethernet" }));
    const protocol = layer.uint16("Protocol type", "proto.type", etherTypeText);
    const hardwareLength = layer.uint8("Hardware address length", "hw.size");
    const protocolLength = layer.uint8("Protocol address length", "proto.size");
    const operation = layer.uint16("Operation", "opcode", named(OPERATIONS));
    layer.describe(OPERATIONS[operation] ?? `operation ${operation}`);
    const isIp = protocol === ETHER_TYPE.ipv4 && protocolLength === 4;
    for (const [who, key] of [
      ["Sender", "src"],
      ["Target", "dst"],
    ] as const) {
      if (hardwareLength === 6) layer.mac(`${who} hardware address`, `${key}.hw`);
      else layer.data(`${who} hardware address`, `${key}.hw`, hardwareLength);
      if (isIp) layer.address(`${who} protocol address`, `${key}.proto`, 4);
      else layer.data(`${who} protocol address`, `${key}.proto`, protocolLength);
    }
  });
}
