import { once } from "node:events";
import type { Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { dial } from "./kernel-dialer.ts";
import { type KernelListener, listen } from "./kernel-listener.ts";
import { OperationError } from "./operation-error.ts";

const listeners: KernelListener[] = [];
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(listeners.splice(0).map(listener => listener.close()));
});

async function listening(
  onConnection: (socket: Socket) => void,
  host = "127.0.0.1",
): Promise<KernelListener> {
  const listener = await listen({ host, port: 0 }, socket => {
    sockets.push(socket);
    onConnection(socket);
  });
  listeners.push(listener);
  return listener;
}

async function dialled(port: number, host = "127.0.0.1"): Promise<Socket> {
  const socket = await dial({ host, port });
  sockets.push(socket);
  return socket;
}

describe("the kernel's listener", () => {
  test.each(["127.0.0.1", "::1"])("accepts on %s, on a port that the kernel chose", async host => {
    const accepted = new Promise<Socket>(resolve => {
      listening(resolve, host).then(async listener => {
        expect(listener.host).toBe(host);
        await dialled(listener.port, host);
      });
    });
    expect((await accepted).remoteAddress).toBe(host);
  });

  test("half-close: an answer can follow the peer's FIN, both ways", async () => {
    const listener = await listening(async server => {
      const heard: Buffer[] = [];
      server.on("data", chunk => heard.push(chunk));
      await once(server, "end");
      server.end(`heard ${Buffer.concat(heard)}`);
    });
    const client = await dialled(listener.port);
    client.end("hello");
    const chunks = await client.toArray();
    expect(Buffer.concat(chunks).toString()).toBe("heard hello");
  });

  test("after close nobody gets in, and those who are in stay", async () => {
    const accepted: Socket[] = [];
    const listener = await listening(socket => accepted.push(socket));
    const client = await dialled(listener.port);
    await expect.poll(() => accepted.length).toBe(1);
    const closed = listener.close();
    await expect(dial({ host: "127.0.0.1", port: listener.port })).rejects.toMatchObject({
      code: "ECONNREFUSED",
    });
    accepted[0]?.end("still here");
    expect(Buffer.concat(await client.toArray()).toString()).toBe("still here");
    client.destroy();
    accepted[0]?.destroy();
    await closed;
  });

  async function failure(host: string, port: number): Promise<OperationError> {
    const error = await listen({ host, port }, () => {}).then(
      () => undefined,
      reason => reason,
    );
    expect(error).toBeInstanceOf(OperationError);
    return error as OperationError;
  }

  test("a busy port, in one sentence", async () => {
    const { port } = await listening(() => {});
    const error = await failure("127.0.0.1", port);
    expect(error.code).toBe("EADDRINUSE");
    expect(error.message).toBe(
      `Port ${port} of 127.0.0.1 is in use by another program: stop that program or choose another port.`,
    );
  });

  test("a foreign address, and a port that is none", async () => {
    expect((await failure("192.0.2.1", 0)).message).toBe(
      "192.0.2.1 is not an address of this machine: choose one that is.",
    );
    expect((await failure("127.0.0.1", 70_000)).message).toBe(
      "70000 is not a port: choose one from 0 to 65535.",
    );
  });
});

describe("the kernel's dialer", () => {
  test("a refused connection rejects with Node's code, port and address", async () => {
    const listener = await listening(() => {});
    await listener.close();
    await expect(dial({ host: "127.0.0.1", port: listener.port })).rejects.toMatchObject({
      code: "ECONNREFUSED",
      syscall: "connect",
      address: "127.0.0.1",
      port: listener.port,
    });
  });

  test("a name whose every address refuses rejects with the first one's error", async () => {
    const listener = await listening(() => {});
    await listener.close();
    const error = await dial({ host: "localhost", port: listener.port }).catch(reason => reason);
    expect(error).not.toBeInstanceOf(AggregateError);
    expect(error).toMatchObject({ code: "ECONNREFUSED", port: listener.port });
  });

  test("a signal ends the attempt with its reason, and spares a connection that stands", async () => {
    const { port } = await listening(() => {});
    const gone = new Error("gone");
    await expect(dial({ host: "127.0.0.1", port, signal: AbortSignal.abort(gone) })).rejects.toBe(gone);
    const attempt = new AbortController();
    const pending = dial({ host: "127.0.0.1", port, signal: attempt.signal });
    attempt.abort(gone);
    await expect(pending).rejects.toBe(gone);
    const late = new AbortController();
    const socket = await dial({ host: "127.0.0.1", port, signal: late.signal });
    sockets.push(socket);
    late.abort();
    expect(socket.destroyed).toBe(false);
  });
});
