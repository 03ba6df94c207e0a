import { createServer, type TLSSocket } from "node:tls";
import { expect, test } from "vitest";
import { CERTIFICATE as cert, KEY as key } from "../../test/support/certificate.ts";
import { milliseconds, seconds } from "../base/time.ts";
import { twoHosts } from "../sim/sim-host.ts";
import { World } from "../sim/world.ts";
import { listenTcp } from "../socket/tcp-listener.ts";
import { type Socket, type SocketOptions, socketsOn } from "../socket/wintertc/sockets.ts";
import { ip } from "../wire/address.ts";
import { toDuplex } from "./duplex.ts";
import { nodeTls } from "./tls-provider.ts";

/** Node's own work (its ticks and immediates, the cipher) is done between two events of the world. */
const drain = async (): Promise<void> => {
  for (let turns = 0; turns < 6; turns++) await new Promise(resolve => setImmediate(resolve));
};

/** A client on one host; on another one Node's TLS server, and a link between them that loses a tenth. */
function scene(serve: (socket: TLSSocket) => void, upgradesAfter = "") {
  const world = new World({ seed: 5, drain });
  const bad = { delay: milliseconds(10), loss: 0.1 };
  const { a, b } = twoHosts(world, { medium: "ip", aToB: bad, bToA: bad });
  const tls = createServer({ key, cert, ALPNProtocols: ["first", "second"] }, serve);
  tls.on("tlsClientError", () => {});
  const listener = listenTcp(b, { port: 443 });
  void (async () => {
    for (;;) {
      const duplex = toDuplex(await listener.accept());
      duplex.on("error", () => {});
      if (upgradesAfter === "") tls.emit("connection", duplex);
      else
        duplex.once("data", bytes => {
          if (String(bytes) !== upgradesAfter) return;
          duplex.write("go on");
          tls.emit("connection", duplex);
        });
    }
  })();
  const resolve = () => Promise.resolve([ip("10.0.0.2")]);
  const open = (options: SocketOptions, tlsOptions = { ca: cert }, name = "server.test"): Socket =>
    socketsOn(a, { resolve, tls: nodeTls(tlsOptions) }).connect({ hostname: name, port: 443 }, options);
  return { open, until: <T>(promise: Promise<T>) => world.runUntilSettled(promise, seconds(600)) };
}

function echo(socket: TLSSocket): void {
  socket.on("error", () => {});
  socket.pipe(socket);
}

async function exchange(socket: Socket, bytes: Uint8Array): Promise<Buffer> {
  const writer = socket.writable.getWriter();
  const sending = writer.write(bytes);
  const parts: Uint8Array[] = [];
  const reader = socket.readable.getReader();
  for (let length = 0; length < bytes.length; ) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    length += value.length;
  }
  await sending;
  writer.releaseLock();
  reader.releaseLock();
  return Buffer.concat(parts);
}

test("TLS from the beginning, with a protocol agreed upon, over a link with losses", async () => {
  const { open, until } = scene(echo);
  const socket = open({ secureTransport: "on", alpn: ["second", "third"] });
  expect(await until(socket.opened)).toMatchObject({ remoteAddress: "10.0.0.2:443", alpn: "second" });
  const bytes = Buffer.alloc(300_000, "0123456789");
  expect((await until(exchange(socket, bytes))).equals(bytes)).toBe(true);
  expect(await until(socket.close())).toBe(undefined);
});

test("startTls: plain text first, then TLS on the same connection", async () => {
  const { open, until } = scene(echo, "STARTTLS");
  const plain = open({ secureTransport: "starttls" });
  const writer = plain.writable.getWriter();
  await until(writer.write(Buffer.from("STARTTLS")));
  const reader = plain.readable.getReader();
  expect(String(Buffer.from((await until(reader.read())).value ?? []))).toBe("go on");
  const secure = plain.startTls();
  expect((await until(secure.opened)).alpn).toBe(null);
  expect(String(await until(exchange(secure, Buffer.from("a secret"))))).toBe("a secret");
});

test("the server's end of the session ends what is read", async () => {
  const { open, until } = scene(socket => socket.end("all there is"));
  const socket = open({ secureTransport: "on" });
  const reader = socket.readable.getReader();
  expect(String(Buffer.from((await until(reader.read())).value ?? []))).toBe("all there is");
  expect((await until(reader.read())).done).toBe(true);
  expect(await until(socket.closed)).toBe(undefined);
});

test("a server that is somebody else, or whom nobody vouches for, is refused", async () => {
  const { open, until } = scene(echo);
  const wrong = open({ secureTransport: "on" }, { ca: cert }, "other.test");
  await expect(until(wrong.opened)).rejects.toThrow(/SocketError: .*does not match certificate/);
  await expect(wrong.closed).rejects.toThrow("SocketError");
  const unknown = open({ secureTransport: "on" }, {} as { ca: string });
  await expect(until(unknown.opened)).rejects.toThrow(/SocketError: .*self-signed/);
  const asked = open({ secureTransport: "on", sni: "server.test" }, { ca: cert }, "other.test");
  expect((await until(asked.opened)).alpn).toBe(null);
});
