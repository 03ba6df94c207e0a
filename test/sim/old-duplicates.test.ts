/**
 * Segments of an earlier incarnation of a connection: what TIME-WAIT, the clock in initial sequence numbers
 * and the checks of RFC 9293 §3.4.3, RFC 7323 §5 and RFC 5961 keep away from the new one.
 */
import { expect, test } from "vitest";
import { PacketBuffer } from "../../src/base/packet-buffer.ts";
import { type Seq, seqAdd } from "../../src/base/seq.ts";
import { milliseconds, seconds } from "../../src/base/time.ts";
import { ADDRESS_A } from "../../src/sim/sim-host.ts";
import type { TcpConfig } from "../../src/tcp/tcp-config.ts";
import { IP_PROTOCOL } from "../../src/wire/protocol.ts";
import { transportChecksum } from "../../src/wire/pseudo-header.ts";
import { TCP_FLAG, TCP_HEADER_SIZE, TcpHeader } from "../../src/wire/tcp.ts";
import { isFin, isSyn, isText, readAll, TcpWorld, text, words } from "./tcp-world.ts";

/** A first incarnation whose segment is held up by `hold`, ended; then a second one on the same ports. */
function secondIncarnation(
  tcp: Partial<TcpConfig>,
  hold: (w: TcpWorld) => void,
): { w: TcpWorld; client: ReturnType<TcpWorld["connect"]>; server: ReturnType<TcpWorld["accepted"]> } {
  const w = new TcpWorld({ tcp: { timeWait: seconds(1), ...tcp } });
  const { client: first, server: old, listener } = w.established();
  hold(w);
  first.send(text("old words"));
  w.run(milliseconds(1));
  first.close();
  w.run(seconds(1));
  readAll(old);
  old.close();
  w.run(seconds(3));
  expect([first.state, old.state]).toEqual(["TIME-WAIT", "CLOSED"]);
  const client = w.connect();
  const server = w.accepted(listener);
  w.run(milliseconds(100));
  return { w, client, server };
}

for (const timestamps of [true, false]) {
  const how = timestamps ? "with" : "without";

  test(`an old duplicate of text does not enter a new connection, ${how} timestamps`, () => {
    const { w, client, server } = secondIncarnation({ timestamps }, world => {
      world.hosts.link.aToB.gate.duplicate(1, isText);
      world.hosts.link.aToB.gate.delay(seconds(6), 1, isText);
    });
    client.send(text("new"));
    w.run(seconds(10));
    expect(words(readAll(server))).toBe("new");
    expect(server.state).toBe("ESTABLISHED");
    expect(client.state).toBe("ESTABLISHED");
  });

  test(`an old duplicate of a FIN does not close a new connection, ${how} timestamps`, () => {
    const { w, client, server } = secondIncarnation({ timestamps }, world => {
      world.hosts.link.aToB.gate.delay(seconds(6), 1, isFin);
    });
    w.run(seconds(10));
    expect([client.state, server.state]).toEqual(["ESTABLISHED", "ESTABLISHED"]);
    client.send(text("still here"));
    w.run(seconds(1));
    expect(words(readAll(server))).toBe("still here");
  });

  test(`an old duplicate of a SYN neither resets nor replaces a connection, ${how} timestamps`, () => {
    const w = new TcpWorld({ tcp: { timestamps, timeWait: seconds(1) } });
    w.hosts.link.aToB.gate.delay(seconds(20), 1, isSyn);
    const listener = w.listen();
    const client = w.connect();
    const server = w.accepted(listener);
    w.run(seconds(30));
    expect([client.state, server.state]).toEqual(["ESTABLISHED", "ESTABLISHED"]);
    client.send(text("on"));
    w.run(seconds(1));
    expect(words(readAll(server))).toBe("on");
    const { drops } = w.hosts.b;
    expect(drops.get("tcp-syn-in-window") + drops.get("tcp-out-of-window") + drops.get("tcp-paws")).toBe(1);
  });
}

test("an old SYN reaches a listener: the SYN-ACK is answered with RST, and nothing remains (figure 8)", () => {
  const w = new TcpWorld();
  const listener = w.listen();
  w.hosts.link.aToB.gate.delay(seconds(1.5), 1, isSyn);
  const client = w.connect();
  w.run(milliseconds(500));
  client.abort();
  w.run(seconds(5));
  expect([...w.hosts.b.tcp.halfOpen()]).toEqual([]);
  expect(listener.waiting).toBe(0);
});

/** A bare RST from b to a, as a host without the connection would send it. */
function sendReset(w: TcpWorld, localPort: number, remotePort: number, sequence: Seq): void {
  const path = w.hosts.b.net.pathTo(ADDRESS_A);
  if (typeof path === "string") throw new Error(path);
  const header = new TcpHeader();
  header.sourcePort = localPort;
  header.destinationPort = remotePort;
  header.flags = TCP_FLAG.rst;
  header.sequence = sequence;
  header.dataOffset = TCP_HEADER_SIZE;
  const packet = PacketBuffer.from(new Uint8Array(TCP_HEADER_SIZE));
  const { bytes, start, end } = packet;
  header.write(bytes, start);
  header.checksum = transportChecksum(path.local, path.remote, IP_PROTOCOL.tcp, bytes, start, end);
  header.write(bytes, start);
  path.send(packet, IP_PROTOCOL.tcp);
}

test("RST in TIME-WAIT: ends it as Linux does, and does not where RFC 1337 is asked for", () => {
  for (const rfc1337 of [false, true]) {
    const w = new TcpWorld({ tcp: { rfc1337 } });
    const { client, server } = w.established();
    client.close();
    w.run(seconds(1));
    server.close();
    w.run(seconds(1));
    const [record] = w.hosts.a.tcp.timeWaits();
    if (record === undefined) throw new Error("no TIME-WAIT");
    sendReset(w, record.remotePort, record.localPort, seqAdd(record.rcvNxt, 1));
    w.run(seconds(1));
    expect([...w.hosts.a.tcp.timeWaits()].length, "a RST that does not fit is not believed").toBe(1);
    sendReset(w, record.remotePort, record.localPort, record.rcvNxt);
    w.run(seconds(1));
    expect([...w.hosts.a.tcp.timeWaits()].length).toBe(rfc1337 ? 1 : 0);
  }
});
