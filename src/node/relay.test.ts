import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { ReadableStream, WritableStream } from "node:stream/web";
import { describe, expect, test } from "vitest";
import { kernelSocketPair } from "../../test/support/kernel-socket-pair.ts";
import type { StreamPair } from "./byte-end.ts";
import { relay } from "./relay.ts";

/** What arrives up to the end. Node's own `toArray` would destroy the socket then. */
async function bytesOf(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on("data", chunk => chunks.push(chunk));
  await once(socket, "end");
  return Buffer.concat(chunks);
}

async function textOf(socket: Socket): Promise<string> {
  return (await bytesOf(socket)).toString();
}

/** A Web-Streams socket of which the test is the network: it feeds what arrives, and sees what is sent. */
class FakeStream implements StreamPair {
  readonly sent: Buffer[] = [];
  isFinished = false;
  abortedWith: unknown;
  /** While set, writes wait for it. */
  gate: Promise<void> | undefined;
  #source: ReadableStreamDefaultController | undefined;
  #sink: WritableStreamDefaultController | undefined;

  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;

  constructor() {
    this.readable = new ReadableStream<Uint8Array>({
      start: controller => {
        this.#source = controller;
      },
    });
    this.writable = new WritableStream<Uint8Array>({
      start: controller => {
        this.#sink = controller;
      },
      write: async chunk => {
        await this.gate;
        this.sent.push(Buffer.from(chunk));
      },
      close: () => {
        this.isFinished = true;
      },
    });
  }

  abort(reason?: unknown): void {
    this.abortedWith ??= reason;
    this.fails(reason);
  }

  receives(bytes: string): void {
    this.#source?.enqueue(Buffer.from(bytes));
  }

  receivesFin(): void {
    this.#source?.close();
  }

  fails(reason: unknown): void {
    this.#source?.error(reason);
    this.#sink?.error(reason);
  }

  get text(): string {
    return Buffer.concat(this.sent).toString();
  }
}

interface ReadableStreamDefaultController {
  enqueue(chunk: Uint8Array): void;
  close(): void;
  error(reason: unknown): void;
}
interface WritableStreamDefaultController {
  error(reason: unknown): void;
}

describe("two kernel connections", () => {
  async function joined() {
    const [client, a] = await kernelSocketPair();
    const [b, remote] = await kernelSocketPair();
    return { client, remote, relay: relay(a, b) };
  }

  test("8 MB each way at once arrive as they were sent, and are counted", async () => {
    const { client, remote, relay } = await joined();
    const up = randomBytes(8 << 20);
    const down = randomBytes(5 << 20);
    client.end(up);
    remote.end(down);
    const [atRemote, atClient] = await Promise.all([bytesOf(remote), bytesOf(client)]);
    expect(atRemote.equals(up)).toBe(true);
    expect(atClient.equals(down)).toBe(true);
    expect(await relay.done).toMatchObject({
      forward: { bytes: up.length, ended: "fin" },
      backward: { bytes: down.length, ended: "fin" },
      error: undefined,
    });
  });

  test("a FIN is carried by itself: the other direction stays open", async () => {
    const { client, remote, relay } = await joined();
    client.end("question");
    expect(await textOf(remote)).toBe("question");
    expect(relay.forward.ended).toBe("fin");
    expect(relay.backward.ended).toBe("open");
    remote.end("answer");
    expect(await textOf(client)).toBe("answer");
    await relay.done;
  });

  test("a FIN that came before the relay is carried too", async () => {
    const [client, a] = await kernelSocketPair();
    const [b, remote] = await kernelSocketPair();
    a.resume();
    client.end();
    await once(a, "end");
    const joined = relay(a, b);
    remote.resume();
    await once(remote, "end");
    expect(joined.forward.ended).toBe("fin");
  });

  test("back-pressure: for a remote that does not read, the relay holds little and reads no more", async () => {
    const [client, a] = await kernelSocketPair();
    const [b, remote] = await kernelSocketPair();
    const joined = relay(a, b);
    const size = 64 << 20;
    client.end(Buffer.alloc(size));
    let before = -1;
    while (before !== joined.forward.bytes) {
      before = joined.forward.bytes;
      await new Promise(resolve => setTimeout(resolve, 30));
    }
    expect(b.writableLength).toBeLessThan(1 << 20);
    expect((await bytesOf(remote)).length).toBe(size);
  });

  test.each(["client", "remote"] as const)("a reset by the %s is carried to the other side", async side => {
    const ends = await joined();
    const other = side === "client" ? ends.remote : ends.client;
    ends.client.write("x");
    ends.remote.write("y");
    ends.client.resume();
    ends.remote.resume();
    await Promise.all([once(ends.client, "data"), once(ends.remote, "data")]);
    const [reset] = await Promise.all([once(other, "error"), ends[side].resetAndDestroy()]);
    expect(reset[0]).toMatchObject({ code: "ECONNRESET" });
    expect(await ends.relay.done).toMatchObject({
      forward: { ended: "reset" },
      backward: { ended: "reset" },
      error: { code: "ECONNRESET" },
    });
  });

  test("a socket that was destroyed before the relay resets the other", async () => {
    const [, a] = await kernelSocketPair();
    const [b, remote] = await kernelSocketPair();
    a.destroy();
    remote.resume();
    const reset = once(remote, "error");
    const joined = relay(a, b);
    expect((await reset)[0]).toMatchObject({ code: "ECONNRESET" });
    expect((await joined.done).error).toMatchObject({ code: "ECONNABORTED" });
  });

  test("stop closes both ends in order, after what is on its way", async () => {
    const { client, remote, relay } = await joined();
    client.write("before");
    await expect.poll(() => relay.forward.bytes).toBe(6);
    relay.stop();
    client.write("after");
    const [atRemote, atClient] = await Promise.all([textOf(remote), textOf(client)]);
    expect([atRemote, atClient]).toEqual(["before", ""]);
    client.end();
    remote.end();
    expect(await relay.done).toMatchObject({ forward: { ended: "fin" }, backward: { ended: "fin" } });
  });

  test("reset resets both", async () => {
    const { client, remote, relay } = await joined();
    client.resume();
    remote.resume();
    const resets = Promise.all([once(client, "error"), once(remote, "error")]);
    relay.reset();
    for (const [error] of await resets) expect(error).toMatchObject({ code: "ECONNRESET" });
    expect((await relay.done).forward.ended).toBe("reset");
  });
});

describe("a kernel connection and a Web-Streams socket", () => {
  async function joined() {
    const [client, a] = await kernelSocketPair();
    const stream = new FakeStream();
    return { client, stream, relay: relay(a, stream) };
  }

  test("carries bytes and FINs each way", async () => {
    const { client, stream, relay } = await joined();
    client.write("to the stream");
    stream.receives("to the client");
    const [chunk] = await once(client, "data");
    expect(chunk.toString()).toBe("to the client");
    await expect.poll(() => stream.text).toBe("to the stream");
    expect(stream.isFinished).toBe(false);
    client.end();
    await expect.poll(() => stream.isFinished).toBe(true);
    stream.receives("late");
    stream.receivesFin();
    expect(await textOf(client)).toBe("late");
    expect(await relay.done).toMatchObject({
      forward: { bytes: 13, ended: "fin" },
      backward: { bytes: 17, ended: "fin" },
    });
  });

  test("a reset of the stream resets the socket, though nothing was being read or written", async () => {
    const { client, stream, relay } = await joined();
    client.resume();
    const reset = once(client, "error");
    stream.fails(Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }));
    expect((await reset)[0]).toMatchObject({ code: "ECONNRESET" });
    expect((await relay.done).error?.message).toBe("read ECONNRESET");
  });

  test("a reset of the socket aborts the stream with its error", async () => {
    const { client, stream, relay } = await joined();
    client.resetAndDestroy();
    await relay.done;
    expect(stream.abortedWith).toMatchObject({ code: "ECONNRESET" });
    expect(stream.isFinished).toBe(false);
  });

  test("back-pressure: a stream that takes nothing is not sent more than one chunk", async () => {
    const { client, stream, relay } = await joined();
    let open = () => {};
    stream.gate = new Promise(resolve => {
      open = resolve;
    });
    const size = 16 << 20;
    client.end(Buffer.alloc(size));
    // The kernel's buffers hold far less than 16 MiB: the client must be left waiting.
    await expect.poll(() => client.writableLength).toBeGreaterThan(0);
    for (let i = 0; i < 50; i++) await new Promise(resolve => setImmediate(resolve));
    expect(client.writableFinished).toBe(false);
    expect(relay.forward.bytes).toBe(0);
    open();
    await expect.poll(() => relay.forward.bytes).toBe(size);
  });
});

test("any Duplex of Node's can be an end; its destruction takes the place of a reset", async () => {
  let destroyedWith: Error | null = null;
  const plain = new Duplex({
    read() {},
    write: (_chunk, _encoding, callback) => callback(),
    destroy(error, callback) {
      destroyedWith = error;
      callback(null);
    },
  });
  const stream = new FakeStream();
  const joined = relay(plain, stream);
  stream.fails(new Error("gone"));
  expect(await joined.done).toMatchObject({ forward: { ended: "reset" }, error: { message: "gone" } });
  expect(destroyedWith).toMatchObject({ message: "gone" });
});
