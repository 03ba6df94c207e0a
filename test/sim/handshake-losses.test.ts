/**
 * A lost SYN, SYN-ACK, third ACK, FIN or last ACK recovers as it should: RFC 9293 §3.5, §3.6; RFC 6298 §5.
 */
import { expect, test } from "vitest";
import { milliseconds, seconds } from "../../src/base/time.ts";
import {
  isBareAck,
  isFin,
  isSyn,
  isSynAck,
  isText,
  ONE_WAY,
  readAll,
  TcpWorld,
  text,
  words,
} from "./tcp-world.ts";

test("a lost SYN is sent again after the initial timeout of one second", () => {
  // Without timestamps nobody can tell which SYN was acknowledged (Karn): the timeout becomes RFC 6298
  // §5.7's.
  const w = new TcpWorld({ tcp: { timestamps: false } });
  w.hosts.link.aToB.gate.drop(1, isSyn);
  const { client, server } = w.established();
  expect([client.state, server.state]).toEqual(["ESTABLISHED", "ESTABLISHED"]);
  expect(w.recordA.retransmissions).toEqual(["syn"]);
  expect(w.world.now()).toBe(seconds(1) + 4 * ONE_WAY);
  expect(client.rto.value).toBe(seconds(3));
});

test("SYNs are repeated with doubling intervals: 1, 2, 4 … 64 s, then ETIMEDOUT at 127 s", () => {
  const w = new TcpWorld({ tcp: { synLinearTimeouts: 0 } });
  w.hosts.link.cut();
  const client = w.connect();
  w.world.runUntil(() => client.isOver, seconds(1_000));
  expect(client.error).toBe("ETIMEDOUT");
  expect(w.world.now()).toBe(seconds(127));
});

test("a lost SYN-ACK is sent again by its timer, or for the repeated SYN", () => {
  const w = new TcpWorld();
  w.hosts.link.bToA.gate.drop(1, isSynAck);
  const { client, server } = w.established();
  expect([client.state, server.state]).toEqual(["ESTABLISHED", "ESTABLISHED"]);
  expect(w.world.now()).toBeLessThan(seconds(1.1));
});

test("a lost third ACK: the client is established, the server's SYN-ACK comes again and is acknowledged", () => {
  const w = new TcpWorld();
  w.hosts.link.aToB.gate.drop(1, isBareAck);
  const listener = w.listen();
  const client = w.connect();
  w.run(milliseconds(100));
  expect(client.state).toBe("ESTABLISHED");
  expect([...w.hosts.b.tcp.halfOpen()].length).toBe(1);
  const server = w.accepted(listener);
  expect(server.state).toBe("ESTABLISHED");
  expect(w.recordB.retransmissions).toEqual(["syn"]);
});

test("data to a server that never saw the third ACK establishes it", () => {
  const w = new TcpWorld();
  w.hosts.link.aToB.gate.drop(1, isBareAck);
  const listener = w.listen();
  const client = w.connect();
  w.run(milliseconds(100));
  client.send(text("hello"));
  w.run(ONE_WAY);
  const server = w.accepted(listener, milliseconds(1));
  expect(words(readAll(server))).toBe("hello");
  expect(w.recordB.retransmissions).toEqual([]);
});

test("a client whose connection is gone answers the SYN-ACK's repetition with RST: the half-open entry goes", () => {
  const w = new TcpWorld();
  w.listen();
  w.hosts.link.aToB.gate.drop(1, isBareAck);
  const client = w.connect();
  w.run(milliseconds(100));
  w.hosts.link.aToB.gate.drop(1);
  client.abort();
  w.run(seconds(2));
  expect([...w.hosts.b.tcp.halfOpen()]).toEqual([]);
});

test("a lost FIN is sent again", () => {
  const w = new TcpWorld();
  const { client, server } = w.established();
  w.hosts.link.aToB.gate.drop(1, isFin);
  client.close();
  w.run(milliseconds(100));
  expect([client.state, server.state]).toEqual(["FIN-WAIT-1", "ESTABLISHED"]);
  w.run(seconds(1));
  expect([client.state, server.state]).toEqual(["FIN-WAIT-2", "CLOSE-WAIT"]);
});

test("the last ACK lost: TIME-WAIT answers the FIN's repetition, and its 2 MSL begin anew", () => {
  const w = new TcpWorld();
  const { client, server } = w.established();
  client.close();
  w.run(seconds(1));
  w.hosts.link.aToB.gate.drop(1, isBareAck);
  server.close();
  w.run(ONE_WAY);
  expect(client.state).toBe("TIME-WAIT");
  const began = w.world.now();
  w.world.runUntil(() => server.isOver, seconds(10));
  expect([server.state, server.error]).toEqual(["CLOSED", undefined]);
  expect(w.recordB.retransmissions.length).toBe(1);
  w.world.runUntil(() => [...w.hosts.a.tcp.timeWaits()].length === 0, seconds(200));
  expect(w.world.now() - began).toBeGreaterThan(seconds(60.2));
});

test("FIN in front of lost text waits until the text has come", () => {
  const w = new TcpWorld();
  const { client, server } = w.established();
  w.hosts.link.aToB.gate.drop(1, isText);
  client.send(text("first"));
  w.run(milliseconds(1));
  client.send(text("second"));
  client.close();
  w.run(milliseconds(30));
  expect([server.state, server.readable]).toEqual(["ESTABLISHED", 0]);
  w.run(seconds(1));
  expect(words(readAll(server))).toBe("firstsecond");
  expect(server.state).toBe("CLOSE-WAIT");
});

test("three segments close a connection whose user closes as soon as he hears of the FIN", () => {
  const w = new TcpWorld();
  const { client, server } = w.established();
  server.observe({
    connectionEvent: c => {
      if (c.isAtEnd) c.close();
    },
  });
  const before = client.tally.segmentsOut + server.tally.segmentsOut;
  client.close();
  w.run(seconds(1));
  // FIN, FIN-ACK, ACK.
  expect(client.tally.segmentsOut + server.tally.segmentsOut - before).toBe(3);
  expect(w.recordA.walk.slice(-3)).toEqual(["FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT"]);
});
