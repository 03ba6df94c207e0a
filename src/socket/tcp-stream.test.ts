import { expect, test } from "vitest";
import { bytesOf, readToEnd, SocketWorld, textOf, write } from "../../test/sim/socket-world.ts";
import { SeededRandom } from "../base/random.ts";
import { milliseconds, seconds } from "../base/time.ts";
import { ADDRESS_B } from "../sim/sim-host.ts";
import { listenTcp } from "./tcp-listener.ts";
import { connectTcp, type TcpStream } from "./tcp-stream.ts";

const failure = (code: string) => expect.objectContaining({ name: "NetError", code });

test("opened resolves with both ends' addresses", async () => {
  const w = new SocketWorld();
  const { client } = await w.pair();
  await expect(client.opened).resolves.toMatchObject({
    localAddress: "10.0.0.1",
    remoteAddress: "10.0.0.2",
    remotePort: 80,
  });
});

test("what is written on one side is read on the other, whole and in order", async () => {
  const w = new SocketWorld();
  const { client, server } = await w.pair();
  const data = new Uint8Array(3_000_000);
  new SeededRandom(7).fill(data);
  const sending = write(client, data).then(() => client.writable.close());
  const got = await w.until(readToEnd(server));
  await sending;
  expect(Buffer.compare(got, data)).toBe(0);
});

test("half-close: after writable.close() the peer's text still comes", async () => {
  const w = new SocketWorld();
  const { client, server } = await w.pair();
  await w.until(write(client, bytesOf("question")).then(() => client.writable.close()));
  expect(textOf(await w.until(readToEnd(server)))).toBe("question");
  await w.pass(seconds(30));
  await w.until(write(server, bytesOf("late answer")).then(() => server.writable.close()));
  expect(textOf(await w.until(readToEnd(client)))).toBe("late answer");
  await w.until(Promise.all([client.closed, server.closed]));
  expect([client.info().error, server.info().error]).toEqual([undefined, undefined]);
});

test("abort: the peer's reads and writes fail with ECONNRESET, ours with ECONNABORTED", async () => {
  const w = new SocketWorld();
  const { client, server } = await w.pair();
  const reading = readToEnd(server);
  reading.catch(() => {});
  client.abort();
  await expect(w.until(reading)).rejects.toEqual(failure("ECONNRESET"));
  await expect(server.closed).rejects.toEqual(failure("ECONNRESET"));
  await expect(w.until(write(server, bytesOf("x")))).rejects.toEqual(failure("ECONNRESET"));
  await expect(client.closed).rejects.toEqual(failure("ECONNABORTED"));
  await expect(w.until(write(client, bytesOf("x")))).rejects.toEqual(failure("ECONNABORTED"));
});

test("writable.abort() resets too", async () => {
  const w = new SocketWorld();
  const { client, server } = await w.pair();
  await client.writable.abort("changed my mind");
  await expect(w.until(server.closed)).rejects.toEqual(failure("ECONNRESET"));
});

test("text that came before the RST is read before its error", async () => {
  const w = new SocketWorld();
  const { client, server } = await w.pair();
  await w.until(write(client, bytesOf("last words")));
  await w.pass(milliseconds(50));
  client.abort();
  await w.pass(milliseconds(50));
  const reader = server.readable.getReader();
  const first = await w.until(reader.read());
  expect(textOf(first.value ?? new Uint8Array())).toBe("last words");
  await expect(w.until(reader.read())).rejects.toEqual(failure("ECONNRESET"));
});

test("back-pressure: a peer that does not read stops the writer at the two buffers' size", async () => {
  const w = new SocketWorld({
    receiveBuffer: 50_000,
    receiveBufferLimit: 50_000,
    sendBuffer: 30_000,
    sendBufferLimit: 30_000,
  });
  const { client, server } = await w.pair();
  const writer = client.writable.getWriter();
  let written = 0;
  const writing = (async () => {
    for (let i = 0; i < 100; i++) {
      await writer.write(new Uint8Array(10_000));
      written += 10_000;
    }
    await writer.close();
  })();
  await w.pass(seconds(60));
  expect(written).toBeGreaterThan(50_000);
  expect(written).toBeLessThanOrEqual(90_000);
  expect((await w.until(readToEnd(server))).length).toBe(1_000_000);
  await writing;
});

test("back-pressure: nothing is taken off the receive buffer that nobody asked for", async () => {
  const w = new SocketWorld();
  const { client, server } = await w.pair();
  await w.until(write(client, new Uint8Array(50_000)));
  await w.pass(seconds(5));
  expect(server.info().receiveQueue).toBe(50_000);
});

test("a BYOB reader gets its own buffer filled, and the end", async () => {
  const w = new SocketWorld();
  const { client, server } = await w.pair();
  await w.until(write(client, bytesOf("abcdef")).then(() => client.writable.close()));
  await w.pass(milliseconds(50));
  const reader = (server.readable as unknown as globalThis.ReadableStream<Uint8Array>).getReader({
    mode: "byob",
  });
  const first = await w.until(reader.read(new Uint8Array(4)));
  const second = await w.until(reader.read(new Uint8Array(4)));
  const third = await w.until(reader.read(new Uint8Array(4)));
  expect([textOf(first.value as Uint8Array), textOf(second.value as Uint8Array)]).toEqual(["abcd", "ef"]);
  expect(third.done).toBe(true);
});

test("a BYOB read that waits when the peer closes is answered by the end", async () => {
  const w = new SocketWorld();
  const { client, server } = await w.pair();
  const reader = (server.readable as unknown as globalThis.ReadableStream<Uint8Array>).getReader({
    mode: "byob",
  });
  const read = reader.read(new Uint8Array(4));
  await w.pass(milliseconds(50));
  await client.writable.close();
  expect((await w.until(read)).done).toBe(true);
});

test("close(): what was written is delivered, both ends end in order", async () => {
  const w = new SocketWorld();
  const { client, server } = await w.pair();
  await w.until(write(client, bytesOf("bye")));
  const closed = client.close();
  expect(textOf(await w.until(readToEnd(server)))).toBe("bye");
  await w.until(server.close());
  await w.until(closed);
  expect(client.info().error).toBeUndefined();
});

test("a stream that is written and closed before it is open delivers all the same", async () => {
  for (const end of [(s: TcpStream) => s.writable.close(), (s: TcpStream) => void s.close()]) {
    const w = new SocketWorld();
    const listener = w.listen();
    const client = w.connect();
    const written = write(client, bytesOf("early")).then(() => end(client));
    const server = await w.until(listener.accept());
    await w.until(written);
    expect(textOf(await w.until(readToEnd(server)))).toBe("early");
  }
});

test("close() with text that was not read: the peer hears RST (RFC 9293 §3.6.1)", async () => {
  const w = new SocketWorld();
  const { client, server } = await w.pair();
  await w.until(write(client, bytesOf("unread")));
  await w.pass(milliseconds(50));
  await w.until(server.close());
  await expect(w.until(client.closed)).rejects.toEqual(failure("ECONNRESET"));
});

test("readable.cancel(): what comes is thrown away, writing goes on", async () => {
  const w = new SocketWorld();
  const { client, server } = await w.pair();
  await server.readable.cancel();
  const flood = write(client, new Uint8Array(5_000_000)).then(() => client.writable.close());
  await w.until(flood);
  await w.until(write(server, bytesOf("still writing")).then(() => server.writable.close()));
  expect(textOf(await w.until(readToEnd(client)))).toBe("still writing");
});

test("a refused connection: opened and closed reject with ECONNREFUSED", async () => {
  const w = new SocketWorld();
  const client = w.connect(81);
  await expect(w.until(client.opened)).rejects.toEqual(failure("ECONNREFUSED"));
  await expect(client.closed).rejects.toEqual(failure("ECONNREFUSED"));
  await expect(w.until(readToEnd(client))).rejects.toEqual(failure("ECONNREFUSED"));
});

test("a peer that vanishes: reads fail with ETIMEDOUT once what was written was given up", async () => {
  const w = new SocketWorld({ retries2: 4 });
  const { client } = await w.pair();
  w.hosts.link.cut();
  await w.until(write(client, bytesOf("anybody?")));
  await expect(w.until(readToEnd(client))).rejects.toEqual(failure("ETIMEDOUT"));
});

test("a signal ends the attempt", async () => {
  const w = new SocketWorld();
  w.hosts.link.cut();
  const controller = new AbortController();
  const options = { remote: ADDRESS_B, remotePort: 80, signal: controller.signal };
  const client = connectTcp(w.hosts.a, options);
  await w.pass(seconds(2));
  controller.abort();
  await expect(w.until(client.opened)).rejects.toEqual(failure("ECONNABORTED"));
  expect(() => connectTcp(w.hosts.a, options)).toThrowError(failure("ECANCELED") as unknown as Error);
});

test("only bytes can be written", async () => {
  const w = new SocketWorld();
  const { client } = await w.pair();
  const writer = client.writable.getWriter();
  await expect(writer.write("text" as unknown as Uint8Array)).rejects.toThrow(TypeError);
});

test("fastOpen: the first text goes with the SYN once a cookie is known, and ahead of what is written", async () => {
  const w = new SocketWorld({ fastOpen: 3 });
  const listener = listenTcp(w.hosts.b, { port: 80, fastOpen: 8 });
  const ask = async (text: string): Promise<number> => {
    const before = w.world.now();
    const client = connectTcp(w.hosts.a, { remote: ADDRESS_B, remotePort: 80, fastOpen: bytesOf(text) });
    const sending = write(client, bytesOf(" and more")).then(() => client.writable.close());
    const server = await w.until(listener.accept());
    const took = w.world.now() - before;
    expect(textOf(await w.until(readToEnd(server)))).toBe(`${text} and more`);
    await w.until(Promise.all([sending, server.writable.close(), client.opened, server.opened]));
    return took;
  };
  expect(await ask("first")).toBe(milliseconds(15));
  expect(await ask("second")).toBe(milliseconds(5));
});

test("fastOpen: text beyond the send buffer goes first all the same", async () => {
  const w = new SocketWorld({ fastOpen: 3, sendBuffer: 10_000, sendBufferLimit: 10_000 });
  const listener = listenTcp(w.hosts.b, { port: 80, fastOpen: 8 });
  const first = new Uint8Array(100_000).fill(1);
  const client = connectTcp(w.hosts.a, { remote: ADDRESS_B, remotePort: 80, fastOpen: first });
  const sending = write(client, bytesOf("end")).then(() => client.writable.close());
  const server = await w.until(listener.accept());
  const got = await w.until(readToEnd(server));
  await w.until(sending);
  expect(got.length).toBe(100_003);
  expect(textOf(got.subarray(-3))).toBe("end");
  expect(got.subarray(0, -3).every(byte => byte === 1)).toBe(true);
});
