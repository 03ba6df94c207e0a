import { expect, test } from "vitest";
import { bytesOf, SocketWorld, textOf } from "../../test/sim/socket-world.ts";
import { milliseconds, seconds } from "../base/time.ts";
import { ADDRESS_A, ADDRESS_B, ADDRESS6_B } from "../sim/sim-host.ts";
import { openUdp } from "./udp-socket.ts";

test("datagrams keep their boundaries and tell their sender, in both families", async () => {
  const w = new SocketWorld();
  const server = openUdp(w.hosts.b, { port: 53 });
  const client = openUdp(w.hosts.a);
  client.send(bytesOf("one"), { address: ADDRESS_B, port: 53 });
  client.send(bytesOf("three"), { address: ADDRESS6_B, port: 53 });
  const first = await w.until(server.receive());
  const second = await w.until(server.receive());
  expect([textOf(first.bytes), textOf(second.bytes)]).toEqual(["one", "three"]);
  expect([first.sourcePort, second.source.toString()]).toEqual([client.localPort, "fd00::1"]);
  server.send(bytesOf("two"), { address: first.source, port: first.sourcePort });
  expect(textOf((await w.until(client.receive())).bytes)).toBe("two");
});

test("a connected socket hears that nobody listens: ECONNREFUSED", async () => {
  const w = new SocketWorld();
  const client = openUdp(w.hosts.a, { address: ADDRESS_A });
  client.connect(ADDRESS_B, 9);
  client.send(bytesOf("?"));
  await expect(w.until(client.receive())).rejects.toMatchObject({ code: "ECONNREFUSED", port: 9 });
});

test("a receiver that does not read loses datagrams, and they are counted: UDP has no flow control", async () => {
  const w = new SocketWorld();
  const server = openUdp(w.hosts.b, { port: 53, receiveBufferSize: 10_000 });
  const client = openUdp(w.hosts.a);
  for (let i = 0; i < 30; i++) client.send(new Uint8Array(1_000), { address: ADDRESS_B, port: 53 });
  await w.pass(seconds(1));
  expect(server.endpoint.readable).toBeLessThan(11);
  expect(w.hosts.b.drops.get("udp-buffer-full")).toBe(30 - server.endpoint.readable);
});

test("a large datagram is cut into fragments and put together again", async () => {
  const w = new SocketWorld();
  const server = openUdp(w.hosts.b, { port: 53 });
  const client = openUdp(w.hosts.a);
  for (const address of [ADDRESS_B, ADDRESS6_B]) {
    client.send(new Uint8Array(60_000).fill(7), { address, port: 53 });
    const { bytes } = await w.until(server.receive());
    expect(bytes.length).toBe(60_000);
    expect(bytes.every(byte => byte === 7)).toBe(true);
  }
  const tooLong = () => client.send(new Uint8Array(65_508), { address: ADDRESS_B, port: 53 });
  expect(tooLong).toThrowError(expect.objectContaining({ code: "EMSGSIZE" }) as Error);
});

test("iteration ends when the socket is closed; who waits hears ECANCELED", async () => {
  const w = new SocketWorld();
  const socket = openUdp(w.hosts.a, { port: 5_000 });
  const iterating = (async () => {
    for await (const _ of socket);
  })();
  const receiving = openUdp(w.hosts.a, { port: 5_001 });
  const waiting = receiving.receive();
  waiting.catch(() => {});
  await w.pass(milliseconds(10));
  socket.close();
  receiving.close();
  await w.until(iterating);
  await expect(waiting).rejects.toMatchObject({ code: "ECANCELED" });
  const again = () => openUdp(w.hosts.a, { port: 5_000 });
  expect(again).not.toThrow();
  expect(again).toThrowError(expect.objectContaining({ code: "EADDRINUSE" }) as Error);
});
