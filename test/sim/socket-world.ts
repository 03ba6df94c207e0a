/** Two simulated hosts for tests of sockets: code that waits for promises, in virtual time. */
import { type Duration, milliseconds, seconds } from "../../src/base/time.ts";
import { ADDRESS_B, type TwoHosts, twoHosts } from "../../src/sim/sim-host.ts";
import { World } from "../../src/sim/world.ts";
import { listenTcp, type TcpListener } from "../../src/socket/tcp-listener.ts";
import { connectTcp, type TcpStream } from "../../src/socket/tcp-stream.ts";
import type { TcpConfig } from "../../src/tcp/tcp-config.ts";

export class SocketWorld {
  readonly world = new World({ seed: 1, drain: () => new Promise(resolve => setImmediate(resolve)) });
  readonly hosts: TwoHosts;

  constructor(tcp: Partial<TcpConfig> = {}) {
    const delay = milliseconds(5);
    this.hosts = twoHosts(this.world, {
      medium: "ip",
      aToB: { delay },
      bToA: { delay },
      hostA: { tcp },
      hostB: { tcp },
    });
  }

  /** Runs until the promise is settled. */
  until<T>(promise: Promise<T>, limit: Duration = seconds(600)): Promise<T> {
    return this.world.runUntilSettled(promise, limit);
  }

  /** Lets time pass. */
  pass(duration: Duration): Promise<void> {
    return this.world.runForAsync(duration);
  }

  listen(port = 80): TcpListener {
    return listenTcp(this.hosts.b, { port });
  }

  connect(port = 80): TcpStream {
    return connectTcp(this.hosts.a, { remote: ADDRESS_B, remotePort: port });
  }

  async pair(): Promise<{ client: TcpStream; server: TcpStream; listener: TcpListener }> {
    const listener = this.listen();
    const client = this.connect();
    const server = await this.until(listener.accept());
    await this.until(client.opened);
    return { client, server, listener };
  }
}

export async function readToEnd(stream: TcpStream): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of stream.readable as unknown as AsyncIterable<Uint8Array>) parts.push(part);
  return new Uint8Array(Buffer.concat(parts));
}

export async function write(stream: TcpStream, bytes: Uint8Array): Promise<void> {
  const writer = stream.writable.getWriter();
  try {
    await writer.write(bytes);
  } finally {
    writer.releaseLock();
  }
}

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
