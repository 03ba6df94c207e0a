import { expect, test } from "vitest";
import { SocketWorld } from "../../test/sim/socket-world.ts";
import { seconds } from "../base/time.ts";
import { listenTcp } from "./tcp-listener.ts";

test("connections wait in the accept queue until somebody accepts", async () => {
  const w = new SocketWorld();
  const listener = w.listen();
  const clients = [w.connect(), w.connect(), w.connect()];
  await w.until(Promise.all(clients.map(client => client.opened)));
  await w.pass(seconds(10));
  const ports = [];
  for (const _ of clients) ports.push((await w.until(listener.accept())).remotePort);
  expect(ports.toSorted()).toEqual(clients.map(client => client.localPort).toSorted());
});

test("the backlog is the back-pressure: a backlog of one takes two, the others keep trying", async () => {
  const w = new SocketWorld();
  const listener = listenTcp(w.hosts.b, { port: 80, backlog: 1 });
  const clients = Array.from({ length: 4 }, () => w.connect());
  await w.pass(seconds(0.5));
  expect([...w.hosts.b.tcp.connections()].length).toBe(2);
  await w.until(listener.accept());
  await w.until(listener.accept());
  await w.until(Promise.all(clients.map(client => client.opened)));
});

test("iteration gives each connection, and ends with the listener", async () => {
  const w = new SocketWorld();
  const listener = w.listen();
  const seen: number[] = [];
  const iterating = (async () => {
    for await (const stream of listener) seen.push(stream.remotePort);
  })();
  const clients = [w.connect(), w.connect()];
  await w.until(Promise.all(clients.map(client => client.opened)));
  await w.pass(seconds(1));
  listener.close();
  await w.until(iterating);
  expect(seen.length).toBe(2);
});

test("closing: who waits hears ECANCELED, who is not accepted is reset, who is accepted goes on", async () => {
  const w = new SocketWorld();
  const { client, server, listener } = await w.pair();
  const second = w.connect();
  await w.until(second.opened);
  listener.close();
  await expect(w.until(second.closed)).rejects.toMatchObject({ code: "ECONNRESET" });
  await expect(listener.accept()).rejects.toMatchObject({ code: "ECANCELED" });
  expect([client.info().state, server.info().state]).toEqual(["ESTABLISHED", "ESTABLISHED"]);
  await expect(w.until(w.connect().opened)).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

test("a port is taken once: EADDRINUSE; port 0 is any free one", () => {
  const w = new SocketWorld();
  const first = w.listen();
  expect(() => w.listen()).toThrowError(expect.objectContaining({ code: "EADDRINUSE" }) as Error);
  first.close();
  expect(w.listen().localPort).toBe(80);
  expect(w.listen(0).localPort).toBeGreaterThanOrEqual(32_768);
});
