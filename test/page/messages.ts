/** Messages of an inspector, as tests need them. */
import type { ConnectionRow, Hello, Packet } from "../../src/inspect/protocol.ts";

export function hello(changes: Partial<Hello> = {}): Hello {
  return {
    type: "hello",
    version: 1,
    kind: "live",
    title: "A test",
    hosts: [{ name: "a", interfaces: [{ name: "eth0", mtu: 1500, addresses: ["10.0.0.1/24"] }] }],
    abilities: { time: false, links: false },
    epoch: 1_700_000_000_000_000,
    ...changes,
  };
}

export function row(connection: number, changes: Partial<ConnectionRow> = {}): ConnectionRow {
  return {
    connection,
    host: "a",
    local: "10.0.0.1",
    localPort: 40_000 + connection,
    remote: "10.0.0.2",
    remotePort: 80,
    state: "ESTABLISHED",
    role: "active",
    congestionControl: "cubic",
    openedAt: 1000 * connection,
    bytesSent: 1024 * connection,
    bytesReceived: 0,
    sendRate: 0,
    receiveRate: 0,
    srtt: 10_000,
    retransmissions: 0,
    verdicts: [],
    ...changes,
  };
}

/** TCP from 10.0.0.1:40001 to 10.0.0.2:80 as raw IPv4: a SYN with an MSS, or text. */
export function tcpPacket(number: number, text = ""): Packet {
  const head = text === "" ? "4500002c" : `4500${(40 + text.length).toString(16).padStart(4, "0")}`;
  const ip = `${head}000040004006${text === "" ? "26ca" : "0000"}0a0000010a000002`;
  const tcp =
    text === ""
      ? "9c41005000001000000000006002ffff00000000020405b4"
      : "9c410050000010010000000050181000" + "00000000";
  const digits = (ip + tcp).match(/../g) ?? [];
  const letters = digits.map(pair => String.fromCharCode(Number.parseInt(pair, 16))).join("") + text;
  return {
    number,
    time: 1000 * number,
    host: "a",
    interface: "tun0",
    direction: "out",
    linkType: 101,
    length: letters.length,
    bytes: btoa(letters),
  };
}
