import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { kernelSocketPair } from "../../test/support/kernel-socket-pair.ts";
import { Host } from "../host/host.ts";
import { createPair } from "../link/pair.ts";
import { connectTcp, listenTcp, type TcpStream } from "../socket/socket.ts";
import { ip } from "../wire/address.ts";
import { Driver } from "./driver.ts";
import { KernelSplice } from "./kernel-splice.ts";
import { CryptoRandom } from "./random.ts";

const GATE = ip("10.0.0.1");
const FAR = ip("10.0.0.2");
const PORT = 80;

let driver = new Driver();

afterEach(() => {
  driver.close();
});

/** Two hosts of ours on a wire of memory. */
function hosts(): { gate: Host; far: Host } {
  driver = new Driver();
  const [gateEnd, farEnd] = createPair(driver, { medium: "ip" });
  const make = (name: string) =>
    new Host({ clock: driver, scheduler: driver, random: new CryptoRandom(), name });
  const [gate, far] = [make("gate"), make("far")];
  gate.attach(gateEnd, { addresses: [{ address: GATE, prefixLength: 24 }] });
  far.attach(farEnd, { addresses: [{ address: FAR, prefixLength: 24 }] });
  driver.add(gate);
  driver.add(far);
  return { gate, far };
}

/** client ── the kernel ── socket ══ connection ── our wire ── remote */
async function joined() {
  const [client, socket] = await kernelSocketPair();
  const { gate, far } = hosts();
  const listener = listenTcp(far, { port: PORT });
  const connection = gate.tcp.connect({ remote: FAR, remotePort: PORT });
  const splice = new KernelSplice(socket, connection);
  return { client, socket, connection, splice, remote: await listener.accept() };
}

async function bytesOfClient(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on("data", chunk => chunks.push(chunk));
  await once(socket, "end");
  return Buffer.concat(chunks);
}

async function bytesOfRemote({ readable }: TcpStream): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of readable) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function writeAll({ writable }: TcpStream, bytes: Uint8Array): Promise<void> {
  const writer = writable.getWriter();
  await writer.write(bytes);
  await writer.close();
}

describe("a socket of the kernel's and a connection of ours", () => {
  test("what each end sends arrives as it was sent, both ways at once, up to its FIN", async () => {
    const { client, remote, splice } = await joined();
    const up = randomBytes(3 << 20);
    const down = randomBytes(2 << 20);
    client.end(up);
    void writeAll(remote, down);
    const [atRemote, atClient] = await Promise.all([bytesOfRemote(remote), bytesOfClient(client)]);
    expect(atRemote.equals(up)).toBe(true);
    expect(atClient.equals(down)).toBe(true);
    await splice.done;
  });

  test.each(["client", "remote"] as const)("a FIN of the %s leaves the other direction open", async first => {
    const { client, remote, splice } = await joined();
    if (first === "client") {
      client.end("question");
      expect((await bytesOfRemote(remote)).toString()).toBe("question");
      void writeAll(remote, Buffer.from("answer"));
      expect((await bytesOfClient(client)).toString()).toBe("answer");
    } else {
      void writeAll(remote, Buffer.from("greeting"));
      expect((await bytesOfClient(client)).toString()).toBe("greeting");
      client.end("thanks");
      expect((await bytesOfRemote(remote)).toString()).toBe("thanks");
    }
    await splice.done;
  });

  test("what the client has sent before our connection opens goes with it, and so does its FIN", async () => {
    const [client, socket] = await kernelSocketPair();
    client.end("early");
    const { gate, far } = hosts();
    const listener = listenTcp(far, { port: PORT });
    await new Promise(resolve => setTimeout(resolve, 20));
    const connection = gate.tcp.connect({ remote: FAR, remotePort: PORT });
    const splice = new KernelSplice(socket, connection);
    const remote = await listener.accept();
    void writeAll(remote, Buffer.from("late"));
    expect((await bytesOfRemote(remote)).toString()).toBe("early");
    expect((await bytesOfClient(client)).toString()).toBe("late");
    await splice.done;
  });
});

describe("back-pressure", () => {
  test("a remote that does not read stops the socket, and gets everything once it does", async () => {
    const { client, socket, remote } = await joined();
    const size = 32 << 20;
    client.end(Buffer.alloc(size, 1));
    await expect.poll(() => socket.isPaused()).toBe(true);
    expect(client.writableFinished).toBe(false);
    expect(socket.readableLength).toBeLessThan(1 << 20);
    expect((await bytesOfRemote(remote)).length).toBe(size);
  });

  test("a client that does not read closes our window, and what waits for it stays as it was", async () => {
    const { client, socket, connection, remote } = await joined();
    const sent = randomBytes(16 << 20);
    const writing = writeAll(remote, sent);
    await expect.poll(() => socket.writableLength).toBeGreaterThan(0);
    const isStill = async () => {
      const { readable } = connection;
      await new Promise(resolve => setTimeout(resolve, 20));
      return readable > 0 && connection.readable === readable;
    };
    await expect.poll(isStill).toBe(true);
    expect(socket.writableLength).toBeLessThanOrEqual(65_536);
    // Another connection's text passes by the same memory meanwhile.
    const other = await joined();
    void writeAll(other.remote, Buffer.alloc(1 << 20, 7));
    await bytesOfClient(other.client);
    expect((await bytesOfClient(client)).equals(sent)).toBe(true);
    await writing;
  });
});

describe("the ends that are no closing in order", () => {
  test("a reset by the client is a reset for the remote", async () => {
    const { client, remote, splice } = await joined();
    client.write("x");
    await remote.readable.getReader().read();
    client.resetAndDestroy();
    await expect(remote.closed).rejects.toMatchObject({ code: "ECONNRESET" });
    await splice.done;
  });

  test("a reset by the remote is a reset for the client", async () => {
    const { client, remote, splice } = await joined();
    client.resume();
    remote.abort();
    expect((await once(client, "error"))[0]).toMatchObject({ code: "ECONNRESET" });
    await splice.done;
  });

  test("a port where nobody listens is a reset for the client", async () => {
    const [client, socket] = await kernelSocketPair();
    const { gate } = hosts();
    const splice = new KernelSplice(socket, gate.tcp.connect({ remote: FAR, remotePort: PORT }));
    client.resume();
    expect((await once(client, "error"))[0]).toMatchObject({ code: "ECONNRESET" });
    await splice.done;
  });

  test("a socket that was destroyed before is a reset for the remote", async () => {
    const [, socket] = await kernelSocketPair();
    socket.destroy();
    await once(socket, "close");
    const { gate, far } = hosts();
    const listener = listenTcp(far, { port: PORT });
    const stream = connectTcp(gate, { remote: FAR, remotePort: PORT });
    const remote = await listener.accept();
    await stream.opened;
    const [connection] = gate.tcp.connections();
    if (connection === undefined) throw new Error("there is no connection");
    await new KernelSplice(socket, connection).done;
    await expect(remote.closed).rejects.toMatchObject({ code: "ECONNRESET" });
  });

  test("reset resets both", async () => {
    const { client, remote, splice } = await joined();
    client.resume();
    splice.reset();
    expect((await once(client, "error"))[0]).toMatchObject({ code: "ECONNRESET" });
    await expect(remote.closed).rejects.toMatchObject({ code: "ECONNRESET" });
    await splice.done;
  });

  test("stop closes both in order, after what is on its way, and reads away what comes later", async () => {
    const { client, remote, splice } = await joined();
    client.write("before");
    const reader = remote.readable.getReader();
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe("before");
    const atClient = bytesOfClient(client);
    splice.stop();
    client.write("after");
    expect((await reader.read()).done).toBe(true);
    expect((await atClient).length).toBe(0);
    client.end();
    await remote.writable.close();
    await splice.done;
  });
});
