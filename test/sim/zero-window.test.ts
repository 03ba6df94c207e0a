/**
 * A closed window: RFC 9293 §3.8.6.1 (MUST-35 to MUST-37). The sender probes for as long as the peer answers.
 */
import { expect, test } from "vitest";
import { SeededRandom } from "../../src/base/random.ts";
import { milliseconds, seconds } from "../../src/base/time.ts";
import type { TcpConnection } from "../../src/tcp/tcp-connection.ts";
import { isBareAck, readAll, segment, TcpWorld, writeThenClose } from "./tcp-world.ts";

const SMALL = { receiveBuffer: 20_000, receiveBufferLimit: 20_000 };

function data(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  new SeededRandom(length).fill(bytes);
  return bytes;
}

function collect(connection: TcpConnection, into: number[]): void {
  connection.observe({
    connectionEvent: c => {
      for (const byte of readAll(c)) into.push(byte);
    },
  });
  for (const byte of readAll(connection)) into.push(byte);
}

test("a reader that sleeps for ten minutes: probes back off to two minutes, nothing is lost (MUST-37)", () => {
  const w = new TcpWorld({ tcp: SMALL });
  const { client, server } = w.established();
  const sent = data(100_000);
  writeThenClose(client, sent);
  w.run(seconds(600));
  expect(client.tcb.snd.wnd).toBeLessThan(1_460);
  expect(server.readable).toBeGreaterThan(18_000);
  expect(client.tally.windowProbes).toBeGreaterThanOrEqual(8);
  expect(client.tally.windowProbes).toBeLessThanOrEqual(14);
  const got: number[] = [];
  collect(server, got);
  w.run(seconds(10));
  expect(Uint8Array.from(got)).toEqual(sent);
  expect(client.state).toBe("FIN-WAIT-2");
});

test("a lost window update: the next probe learns that the window is open", () => {
  const w = new TcpWorld({ tcp: SMALL });
  const { client, server } = w.established();
  const sent = data(60_000);
  writeThenClose(client, sent);
  w.run(seconds(5));
  expect(client.queue.segments).toBe(0);
  const drop = w.hosts.link.bToA.gate.drop(1, isBareAck);
  const got: number[] = [];
  collect(server, got);
  w.run(milliseconds(20));
  expect(drop.fired).toBe(true);
  expect(got.length).toBeLessThan(sent.length);
  w.run(seconds(30));
  expect(Uint8Array.from(got)).toEqual(sent);
});

test("a peer that stops answering probes is given up after R2", () => {
  const w = new TcpWorld({ tcp: SMALL });
  const { client } = w.established();
  writeThenClose(client, data(60_000));
  w.run(seconds(5));
  w.hosts.link.cut();
  w.run(seconds(3_000));
  expect(client.error).toBe("ETIMEDOUT");
});

test("a slow reader gets everything, and no silly windows: every segment but the last few is full", () => {
  const w = new TcpWorld({ tcp: SMALL });
  const { client, server } = w.established();
  const sent = data(300_000);
  writeThenClose(client, sent);
  const got: number[] = [];
  const sip = new Uint8Array(100);
  const minutes = seconds(300) / milliseconds(1);
  for (let i = 0; i < minutes && got.length < sent.length; i++) {
    for (const byte of sip.subarray(0, server.receive(sip))) got.push(byte);
    w.run(milliseconds(1));
  }
  expect(Uint8Array.from(got)).toEqual(sent);
  const segments = client.tally.segmentsOut - client.tally.windowProbes;
  expect(segments).toBeLessThan(1.5 * (sent.length / client.tcb.snd.mss) + 20);
});

test("a window that is full behind a hole: the peer's acknowledgments are still heard", () => {
  const w = new TcpWorld({ tcp: SMALL });
  const { client, server } = w.established();
  // The first segment is lost again and again while the rest fills the server's window.
  const first = segment((header, length) => length > 0 && header.sequence === client.tcb.snd.una);
  for (let i = 0; i < 6; i++) w.hosts.link.aToB.gate.drop(1, first);
  writeThenClose(client, data(30_000));
  w.run(milliseconds(15));
  server.send(data(1_000));
  w.run(milliseconds(100));
  expect(client.readable).toBe(1_000);
  expect(server.tcb.snd.una).toBe(server.tcb.snd.nxt);
});
