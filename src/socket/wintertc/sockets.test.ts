import { describe, expect, test } from "vitest";
import { bytesOf, readToEnd, SocketWorld, textOf, write } from "../../../test/sim/socket-world.ts";
import { seconds } from "../../base/time.ts";
import { ADDRESS_B } from "../../sim/sim-host.ts";
import { ip } from "../../wire/address.ts";
import type { TcpStream } from "../tcp-stream.ts";
import { SocketError } from "./socket-error.ts";
import { type Socket, type SocketOptions, type SocketsParts, socketsOn } from "./sockets.ts";
import type { ByteStream, TlsClientOptions, TlsProvider } from "./tls-provider.ts";

interface Pair {
  w: SocketWorld;
  socket: Socket;
  server: TcpStream;
}

async function pair(options: SocketOptions = {}, parts: SocketsParts = {}): Promise<Pair> {
  const w = new SocketWorld();
  const listener = w.listen();
  const socket = socketsOn(w.hosts.a, parts).connect("10.0.0.2:80", options);
  const server = await w.until(listener.accept());
  return { w, socket, server };
}

async function send(socket: Socket, text: string): Promise<void> {
  const writer = socket.writable.getWriter();
  await writer.write(bytesOf(text));
  writer.releaseLock();
}

async function receive(socket: Socket): Promise<string | undefined> {
  const reader = socket.readable.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  return value && textOf(value);
}

const socketErrorOf = (code: string) =>
  expect.objectContaining({ name: "SocketError", cause: expect.objectContaining({ code }) });

describe("connect", () => {
  test("answers at once; its streams go on when the connection is open", async () => {
    const { w, socket, server } = await pair();
    const sent = send(socket, "hello");
    await w.until(sent);
    const reader = server.readable.getReader();
    expect(textOf((await w.until(reader.read())).value ?? bytesOf(""))).toBe("hello");
    await write(server, bytesOf("world"));
    expect(await w.until(receive(socket))).toBe("world");
    expect(await socket.opened).toEqual({
      remoteAddress: "10.0.0.2:80",
      localAddress: expect.stringMatching(/^10\.0\.0\.1:\d+$/),
      alpn: null,
    });
    expect([socket.secureTransport, socket.upgraded]).toEqual(["off", false]);
  });

  test("takes a text, or a host and a port; IPv6 in brackets or without", async () => {
    const w = new SocketWorld();
    const listener = w.listen(443);
    const { connect } = socketsOn(w.hosts.a);
    for (const address of ["[fd00::2]:443", { hostname: "fd00::2", port: 443 }]) {
      const socket = connect(address);
      await w.until(listener.accept());
      expect((await w.until(socket.opened)).remoteAddress).toBe("[fd00::2]:443");
    }
  });

  test.each([
    "10.0.0.2",
    "10.0.0.2:0",
    "10.0.0.2:65536",
    ":80",
    "fd00::2:80:",
    { hostname: "a", port: 1.5 },
    { hostname: "", port: 1 },
  ])("throws for what is no address: %j", address => {
    const { connect } = socketsOn(new SocketWorld().hosts.a);
    expect(() => connect(address)).toThrow(SocketError);
    expect(() => connect(address)).toThrow(/^SocketError: .* is not a host and a port$/);
  });

  test("throws for options that make no sense", () => {
    const { connect } = socketsOn(new SocketWorld().hosts.a);
    const options = (given: object): SocketOptions => given;
    expect(() => connect("a:1", options({ secureTransport: "yes" }))).toThrow("no kind of secure transport");
    expect(() => connect("a:1", { sni: "b" })).toThrow("sni and alpn are TLS's");
    expect(() => connect("a:1", { secureTransport: "on" })).toThrow("needs a TlsProvider");
  });

  test("tries the addresses of a name one by one", async () => {
    const w = new SocketWorld();
    const listener = w.listen();
    const asked: string[] = [];
    const resolve = (hostname: string) => {
      asked.push(hostname);
      return Promise.resolve([ip("192.0.2.1"), ip("10.0.0.2")]);
    };
    const socket = socketsOn(w.hosts.a, { resolve }).connect("example.test:80");
    await w.until(listener.accept());
    expect((await w.until(socket.opened)).remoteAddress).toBe("10.0.0.2:80");
    expect(asked).toEqual(["example.test"]);
  });

  test("that fails rejects opened and closed, and fails both streams", async () => {
    const w = new SocketWorld();
    const socket = socketsOn(w.hosts.a).connect("10.0.0.2:81");
    const refused = socketErrorOf("ECONNREFUSED");
    await expect(w.until(socket.opened)).rejects.toEqual(refused);
    await expect(socket.closed).rejects.toEqual(refused);
    await expect(receive(socket)).rejects.toEqual(refused);
    await expect(send(socket, "x")).rejects.toEqual(refused);
    const nobody = socketsOn(w.hosts.a).connect("nobody.test:1");
    await expect(w.until(nobody.opened)).rejects.toThrow("SocketError: nobody.test has no address");
  });
});

describe("the end", () => {
  test("close() ends both streams and the connection; what was written is delivered", async () => {
    const { w, socket, server } = await pair();
    await w.until(send(socket, "last words"));
    const reading = receive(socket);
    expect(await w.until(socket.close())).toBe(undefined);
    expect(await w.until(reading)).toBe(undefined);
    await expect(send(socket, "x")).rejects.toThrow("the socket was closed");
    expect(textOf(await w.until(readToEnd(server)))).toBe("last words");
    expect(socket.close()).toBe(socket.closed);
  });

  test("close() before the connection is open gives it up, with the reason", async () => {
    const w = new SocketWorld();
    w.hosts.link.cut();
    const socket = socketsOn(w.hosts.a).connect("10.0.0.2:80");
    await w.pass(seconds(2));
    const reason = new Error("changed my mind");
    await w.until(socket.close(reason));
    await expect(socket.opened).rejects.toBe(reason);
    await w.pass(seconds(1));
    expect([...w.hosts.a.tcp.connections()].length).toBe(0);
  });

  test("the peer's FIN closes the socket, once it was read", async () => {
    const { w, socket, server } = await pair();
    await write(server, bytesOf("bye"));
    await server.writable.close();
    await w.pass(seconds(1));
    expect(await w.until(receive(socket))).toBe("bye");
    expect(await w.until(receive(socket))).toBe(undefined);
    expect(await w.until(socket.closed)).toBe(undefined);
    await expect(send(socket, "x")).rejects.toThrow("the peer has closed");
    expect((await w.until(readToEnd(server))).length).toBe(0);
  });

  test("with allowHalfOpen the other direction stays open", async () => {
    const { w, socket, server } = await pair({ allowHalfOpen: true });
    await server.writable.close();
    expect(await w.until(receive(socket))).toBe(undefined);
    await w.until(send(socket, "still here"));
    const reading = readToEnd(server);
    await w.until(socket.writable.close());
    expect(textOf(await w.until(reading))).toBe("still here");
    expect(await w.until(socket.closed)).toBe(undefined);
  });

  test("a reset rejects closed; what came before it is still read", async () => {
    const { w, socket, server } = await pair();
    await w.until(socket.opened);
    await write(server, bytesOf("before"));
    await w.pass(seconds(1));
    server.abort();
    await w.pass(seconds(1));
    await expect(socket.closed).rejects.toEqual(socketErrorOf("ECONNRESET"));
    expect(await w.until(receive(socket))).toBe("before");
    await expect(w.until(receive(socket))).rejects.toEqual(socketErrorOf("ECONNRESET"));
    await expect(w.until(send(socket, "x"))).rejects.toEqual(socketErrorOf("ECONNRESET"));
  });

  test("only bytes are written", async () => {
    const { w, socket, server } = await pair();
    const writer = socket.writable.getWriter();
    await w.until(writer.write(new Uint16Array([0x6261]) as unknown as Uint8Array));
    await w.until(writer.write(bytesOf("c").buffer as unknown as Uint8Array));
    const reader = server.readable.getReader();
    expect(textOf((await w.until(reader.read())).value ?? bytesOf(""))).toBe("abc");
    await expect(writer.write("text" as unknown as Uint8Array)).rejects.toThrow("chunks of bytes");
  });
});

/** TLS in name only: the session is its carrier, and says what it was asked for. */
function pretending(asked: TlsClientOptions[] = []): TlsProvider {
  return {
    connect: (carrier: ByteStream, options: TlsClientOptions) => {
      asked.push(options);
      const { readable, writable, closed } = carrier;
      const ends = { close: () => carrier.close(), abort: (reason?: unknown) => carrier.abort(reason) };
      return { readable, writable, closed, ...ends, opened: Promise.resolve({ alpn: options.alpn[0] }) };
    },
  };
}

describe("startTls", () => {
  test("ends the socket and goes on with the connection; a read that waits loses nothing", async () => {
    const asked: TlsClientOptions[] = [];
    const options = { secureTransport: "starttls", alpn: ["h2"], sni: "b.test" } as const;
    const { w, socket, server } = await pair(options, { tls: pretending(asked) });
    await w.until(send(socket, "plain "));
    const waiting = receive(socket);
    await w.pass(seconds(1));
    const secure = socket.startTls();
    await write(server, bytesOf("first secret"));
    expect(await w.until(waiting)).toBe(undefined);
    expect(await w.until(receive(secure))).toBe("first secret");
    await w.until(send(secure, "and secret"));
    expect(asked).toEqual([{ hostname: "10.0.0.2", sni: "b.test", alpn: ["h2"] }]);
    expect((await secure.opened).alpn).toBe("h2");
    expect([socket.upgraded, socket.secureTransport, secure.upgraded, secure.secureTransport]).toEqual([
      true,
      "starttls",
      false,
      "on",
    ]);
    expect(await socket.closed).toBe(undefined);
    await expect(send(socket, "x")).rejects.toThrow("speaks TLS now");
    await w.until(secure.close());
    expect(textOf(await w.until(readToEnd(server)))).toBe("plain and secret");
  });

  test("is for sockets that were opened for it, once, and not for closed ones", async () => {
    const { w, socket } = await pair({ secureTransport: "starttls" }, { tls: pretending() });
    const secure = socket.startTls();
    expect(() => socket.startTls()).toThrow("the socket was closed");
    expect(() => secure.startTls()).toThrow('needs secureTransport "starttls", not "on"');
    await w.until(secure.opened);
    const { socket: plain } = await pair();
    expect(() => plain.startTls()).toThrow(SocketError);
  });

  test("fails when the connection does", async () => {
    const w = new SocketWorld();
    const { connect } = socketsOn(w.hosts.a, { tls: pretending() });
    const secure = connect(
      { hostname: `${ADDRESS_B}`, port: 81 },
      { secureTransport: "starttls" },
    ).startTls();
    await expect(w.until(secure.opened)).rejects.toEqual(socketErrorOf("ECONNREFUSED"));
    await expect(secure.closed).rejects.toThrow(SocketError);
  });
});
