import { once } from "node:events";
import { Agent, createServer, type IncomingMessage, request } from "node:http";
import { ReadableStream, WritableStream } from "node:stream/web";
import { describe, expect, test } from "vitest";
import { NetError } from "../base/errors.ts";
import { type StreamSocket, toDuplex } from "./duplex.ts";

/**
 * One direction: writes wait until the reader has taken what came before, and a reader that cancels discards.
 */
class Pipe {
  #source: { enqueue(chunk: Uint8Array): void; close(): void; error(reason: unknown): void } | undefined;
  #sink: { error(reason: unknown): void } | undefined;
  #isCancelled = false;
  #pulled = () => {};

  readonly readable = new ReadableStream<Uint8Array>(
    {
      start: controller => {
        this.#source = controller;
      },
      pull: () => this.#pulled(),
      cancel: () => {
        this.#isCancelled = true;
        this.#pulled();
      },
    },
    { highWaterMark: 0 },
  );

  readonly writable = new WritableStream<Uint8Array>({
    start: controller => {
      this.#sink = controller;
    },
    write: async chunk => {
      if (this.#isCancelled) return;
      const taken = new Promise<void>(resolve => {
        this.#pulled = resolve;
      });
      this.#source?.enqueue(chunk.slice());
      await taken;
    },
    close: () => {
      if (!this.#isCancelled) this.#source?.close();
    },
  });

  reset(reason: Error): void {
    this.#source?.error(reason);
    this.#sink?.error(reason);
    this.#pulled();
  }
}

/** Two Web-Streams sockets that are each other's peer. A reset of one errors both, as a RST would. */
function streamPair() {
  const [there, back] = [new Pipe(), new Pipe()];
  const end = (incoming: Pipe, outgoing: Pipe, address: string) => {
    let resets = 0;
    return {
      readable: incoming.readable,
      writable: outgoing.writable,
      remoteAddress: address,
      remotePort: 40_000,
      localAddress: "10.0.0.2",
      localPort: 80,
      resets: () => resets,
      abort() {
        resets++;
        for (const pipe of [there, back]) pipe.reset(new NetError("ECONNRESET", { syscall: "read" }));
      },
    };
  };
  return [end(back, there, "10.0.0.1"), end(there, back, "fd00::1")] as const;
}

function connected(): [StreamSocket, StreamSocket] {
  const [a, b] = streamPair();
  return [toDuplex(a), toDuplex(b)];
}

/** What arrives up to the end. Node's own iterator would destroy the socket then. */
async function textOf(socket: StreamSocket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on("data", chunk => chunks.push(chunk));
  await once(socket, "end");
  return Buffer.concat(chunks).toString();
}

describe("bytes", () => {
  test("go each way, are counted, and each direction ends for itself", async () => {
    const [client, server] = connected();
    client.end("question");
    expect(await textOf(server)).toBe("question");
    expect(server.writable).toBe(true);
    expect(server.readyState).toBe("writeOnly");
    server.end("answer!");
    expect(await textOf(client)).toBe("answer!");
    expect([client.bytesWritten, client.bytesRead]).toEqual([8, 7]);
    expect([server.bytesWritten, server.bytesRead]).toEqual([7, 8]);
  });

  test("a stream that takes no more makes write answer false, and drains later", async () => {
    const [client, server] = connected();
    const block = Buffer.alloc(16_384);
    let accepted = 0;
    while (client.write(block)) {
      accepted++;
      expect(accepted).toBeLessThan(100);
    }
    for (let i = 0; i < 20; i++) client.write(block);
    for (let i = 0; i < 20; i++) await new Promise(resolve => setImmediate(resolve));
    expect(client.writableLength).toBeGreaterThan(0);
    server.resume();
    await once(client, "drain");
    expect(client.writableLength).toBe(0);
  });

  test("what was corked goes as one write", async () => {
    const [a] = streamPair();
    const written: number[] = [];
    const socket = toDuplex({
      ...a,
      writable: new WritableStream<Uint8Array>({
        write(chunk) {
          written.push(chunk.length);
        },
      }),
    });
    socket.cork();
    socket.write("head");
    socket.write("body");
    socket.uncork();
    socket.end();
    await once(socket, "finish");
    expect(written).toEqual([8]);
  });
});

describe("errors and closing", () => {
  test("a peer's reset is ECONNRESET with its syscall, though nobody reads", async () => {
    const [a, b] = streamPair();
    const socket = toDuplex(a);
    const error = once(socket, "error");
    b.abort();
    expect((await error)[0]).toMatchObject({ code: "ECONNRESET", syscall: "read" });
    expect(socket.destroyed).toBe(true);
  });

  test("an error without a code becomes ECONNRESET, with its cause", async () => {
    const [a] = streamPair();
    const cause = new Error("strange");
    const readable = new ReadableStream<Uint8Array>({
      start: controller => controller.error(cause),
    });
    const [error] = await once(toDuplex({ ...a, readable }), "error");
    expect(error).toMatchObject({ code: "ECONNRESET", syscall: "read", cause });
  });

  test("destroy closes in order, as close(2) does; resetAndDestroy resets", async () => {
    for (const [close, resets] of [
      ["destroy", 0],
      ["resetAndDestroy", 1],
    ] as const) {
      const [a, b] = streamPair();
      const reader = b.readable.getReader();
      const socket = toDuplex(a);
      socket[close]();
      await once(socket, "close");
      if (resets === 0) expect(await reader.read()).toMatchObject({ done: true });
      else await expect(reader.read()).rejects.toMatchObject({ code: "ECONNRESET" });
      expect(a.resets()).toBe(resets);
    }
  });

  test("destroySoon waits for what was written", async () => {
    const [client, server] = connected();
    client.write("all of it");
    client.destroySoon();
    expect(await textOf(server)).toBe("all of it");
    if (!client.closed) await once(client, "close");
    expect(client.destroyed).toBe(true);
  });

  test("setTimeout emits when nothing happens, and not after it was taken back", async () => {
    const [first, second] = connected();
    let fired = false;
    first.on("timeout", () => {
      fired = true;
    });
    first.setTimeout(1);
    first.setTimeout(0);
    await once(second.setTimeout(20), "timeout");
    expect([first.timeout, second.timeout]).toEqual([0, 20]);
    expect(fired).toBe(false);
    second.setTimeout(0);
  });
});

describe("Node's http over it", () => {
  /** An HTTP server; each connection of the agent is a new pair of streams. */
  function site(listener: Parameters<typeof createServer>[1]) {
    const server = createServer({ keepAliveTimeout: 60_000 }, listener);
    let connections = 0;
    const agent = new Agent({ keepAlive: true });
    agent.createConnection = () => {
      const [client, accepted] = connected();
      connections++;
      server.emit("connection", accepted);
      return client;
    };
    const get = (path: string, method = "GET", body?: Buffer) =>
      new Promise<{ status: number; body: Buffer; response: IncomingMessage }>((resolve, reject) => {
        const outgoing = request({ agent, path, method, host: "site" }, response => {
          response
            .toArray()
            .then(
              chunks => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks), response }),
              reject,
            );
        });
        outgoing.on("error", reject);
        outgoing.end(body);
      });
    return { get, server, connections: () => connections, close: () => agent.destroy() };
  }

  test("answers requests, sees the addresses, and keeps the connection alive", async () => {
    const { get, connections, close } = site((incoming, outgoing) => {
      outgoing.end(`${incoming.url} for ${incoming.socket.remoteAddress} ${incoming.socket.remotePort}`);
    });
    expect((await get("/a")).body.toString()).toBe("/a for fd00::1 40000");
    // The agent takes the connection back after the response's end.
    await new Promise(resolve => setImmediate(resolve));
    expect((await get("/b")).body.toString()).toBe("/b for fd00::1 40000");
    expect(connections()).toBe(1);
    close();
  });

  test("an upload and a download of 4 MB, in chunks", async () => {
    const { get, close } = site((incoming, outgoing) => {
      incoming.pipe(outgoing);
    });
    const body = Buffer.alloc(4 << 20, "postel");
    const echoed = await get("/echo", "POST", body);
    expect(echoed.body.equals(body)).toBe(true);
    close();
  });

  test("Connection: close ends the stream in order", async () => {
    const server = createServer((_incoming, outgoing) => outgoing.end("bye"));
    const [client, accepted] = connected();
    server.emit("connection", accepted);
    client.write("GET / HTTP/1.1\r\nHost: site\r\nConnection: close\r\n\r\n");
    const answer = await textOf(client);
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer).toMatch(/\r\n\r\nbye$/);
    if (!accepted.closed) await once(accepted, "close");
    expect(accepted.destroyed).toBe(true);
  });

  test("a malformed request is answered with 400", async () => {
    const server = createServer(() => {
      throw new Error("reached");
    });
    const [client, accepted] = connected();
    server.emit("connection", accepted);
    client.write("this is not HTTP\r\n\r\n");
    expect(await textOf(client)).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
  });

  test("a client that is reset in the middle ends its request, and the server lives on", async () => {
    const aborted = new Promise<void>(resolve => {
      const { server } = site((incoming, outgoing) => {
        if (incoming.url === "/after") return outgoing.end("alive");
        incoming.on("close", resolve);
        incoming.on("error", () => undefined);
        return undefined;
      });
      const [client, accepted] = connected();
      client.on("error", () => undefined);
      server.emit("connection", accepted);
      client.write("POST / HTTP/1.1\r\nHost: site\r\nContent-Length: 100\r\n\r\nonly this");
      setImmediate(() => client.resetAndDestroy());
    });
    await aborted;
  });
});
