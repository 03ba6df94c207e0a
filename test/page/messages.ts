/** Messages of an inspector, as tests need them. */
import type { ConnectionRow, Hello } from "../../src/inspect/protocol.ts";

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
