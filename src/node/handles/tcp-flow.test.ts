/** Flows between two simulated hosts; the turns of the event loop are taken by hand. */
import { describe, expect, test } from "vitest";
import { milliseconds, seconds } from "../../base/time.ts";
import type { Host } from "../../host/host.ts";
import { ADDRESS_B, twoHosts } from "../../sim/sim-host.ts";
import { World } from "../../sim/world.ts";
import { TcpPorts } from "../../socket/posix/tcp-ports.ts";
import { uvCode } from "./error-codes.ts";
import type { HandleContext } from "./handle-context.ts";
import { Lifetime } from "./lifetime.ts";
import { PendingRequest } from "./requests.ts";
import { Flow } from "./tcp-flow.ts";

class Loop {
  isAlive = true;
  readonly lifetime = new Lifetime([{ ref: () => this.#alive(true), unref: () => this.#alive(false) }]);
  #due: Array<() => void> = [];

  happened(run: () => void): void {
    this.#due.push(run);
  }

  arrived(run: () => void): void {
    this.#due.push(run);
  }

  later(run: () => void): void {
    this.#due.push(run);
  }

  /** What is due now; what that causes is for the next turn. */
  turn(): number {
    const due = this.#due;
    this.#due = [];
    for (const run of due) run();
    return due.length;
  }

  #alive(isAlive: boolean): void {
    this.isAlive = isAlive;
  }
}

class End {
  readonly log: string[] = [];
  readonly sizes: number[] = [];
  readonly flow: Flow;
  readonly loop: Loop;

  constructor(host: Host, loop: Loop, connection: ReturnType<Host["tcp"]["connect"]>) {
    const { lifetime } = loop;
    const context: HandleContext = {
      host,
      turns: loop,
      lifetime,
      tcpPorts: new TcpPorts(host),
      closing: run => loop.later(run),
    };
    this.loop = loop;
    this.flow = new Flow(context, connection, {
      opened: status => this.log.push(`opened ${status}`),
      read: bytes => this.sizes.push(bytes.length),
      ended: () => this.log.push("ended"),
      failed: code => this.log.push(`failed ${code}`),
    });
  }

  get received(): number {
    return this.sizes.reduce((sum, size) => sum + size, 0);
  }

  /** Answers 0, or that it waits. */
  write(size: number): number | "waits" {
    const answer = (status: number): void => {
      this.log.push(`written ${status}`);
    };
    const pend = (): PendingRequest => new PendingRequest(this.loop.lifetime, answer);
    const written = this.flow.write([new Uint8Array(size)], size, pend);
    return typeof written === "number" ? written : "waits";
  }

  shutDown(): number {
    const answer = (status: number): void => {
      this.log.push(`shut ${status}`);
    };
    return this.flow.shutDown(() => new PendingRequest(this.loop.lifetime, answer));
  }
}

function connected() {
  const world = new World();
  const { a, b, link } = twoHosts(world, { medium: "ip" });
  const loop = new Loop();
  const listener = b.tcp.listen({ port: 80 });
  const client = new End(a, loop, a.tcp.connect({ remote: ADDRESS_B, remotePort: 80 }));
  world.runFor(milliseconds(100));
  const accepted = listener.accept();
  if (accepted === undefined) throw new Error("no connection");
  const server = new End(b, loop, accepted);
  const pass = (time = milliseconds(500)): void => {
    world.runFor(time);
    while (loop.turn() > 0) world.runFor(milliseconds(100));
  };
  pass();
  return { world, link, loop, client, server, pass };
}

describe("what the program is told", () => {
  test("an open connection, in a turn of its own", () => {
    const { client } = connected();
    expect(client.log).toEqual(["opened 0"]);
  });

  test("a refusal, by libuv's number", () => {
    const world = new World();
    const { a } = twoHosts(world, { medium: "ip" });
    const loop = new Loop();
    const end = new End(a, loop, a.tcp.connect({ remote: ADDRESS_B, remotePort: 9 }));
    world.runFor(seconds(1));
    expect(end.log).toEqual([]);
    while (loop.turn() > 0);
    expect(end.log).toEqual([`opened ${uvCode("ECONNREFUSED")}`]);
  });
});

describe("writing", () => {
  test("is done at once while there is room, and then waits for the peer to read", () => {
    const { client, server, pass } = connected();
    expect(client.write(1_000)).toBe(0);
    let writes = 1;
    for (; client.write(1_000_000) === 0; writes++) pass();
    expect(client.flow.writing.queued).toBeGreaterThan(0);
    pass();
    expect(client.log).toEqual(["opened 0"]);
    server.flow.reading.start();
    pass(seconds(20));
    expect(client.log).toEqual(["opened 0", "written 0"]);
    expect(client.flow.writing.queued).toBe(0);
    expect(server.received).toBe(1_000 + writes * 1_000_000);
  });

  test("that waits keeps the process alive, and ends with the handle", () => {
    const { client, loop } = connected();
    expect(loop.isAlive).toBe(false);
    while (client.write(1_000_000) === 0);
    expect(loop.isAlive).toBe(true);
    client.flow.reset();
    client.flow.cancel();
    expect(client.log).toEqual(["opened 0", `written ${uvCode("ECANCELED")}`]);
    expect(loop.isAlive).toBe(false);
  });

  test("before a reset arrives at the peer, which reads it all the same", () => {
    const { client, server, world, loop } = connected();
    server.flow.reading.start();
    client.write(1_000);
    client.flow.reset();
    world.runFor(seconds(1));
    while (loop.turn() > 0);
    expect(server.received).toBe(1_000);
    expect(server.log.length).toBe(1);
  });
});

describe("reading", () => {
  test("gives pieces of at most 64 KiB, or of what the reader has room for", () => {
    const { client, server, pass } = connected();
    client.write(150_000);
    pass();
    server.flow.reading.start();
    pass();
    expect(Math.max(...server.sizes)).toBe(65_536);
    server.flow.reading.largestPiece = 100;
    client.write(250);
    pass();
    expect(server.sizes.slice(-3)).toEqual([100, 100, 50]);
  });

  test("stops in the midst of what has come, and goes on", () => {
    const { client, server, pass } = connected();
    client.write(1_000);
    pass();
    server.flow.reading.start();
    server.flow.reading.stop();
    pass();
    expect(server.sizes).toEqual([]);
    server.flow.reading.start();
    pass();
    expect(server.sizes).toEqual([1_000]);
  });

  test("ends with the peer's FIN, once everything is read", () => {
    const { client, server, pass } = connected();
    client.write(10);
    expect(client.shutDown()).toBe(0);
    expect(client.shutDown()).toBe(uvCode("ENOTCONN"));
    pass();
    server.flow.reading.start();
    pass();
    expect([server.received, ...server.log]).toEqual([10, "ended"]);
    expect(client.log).toEqual(["opened 0", "shut 0"]);
  });

  test("fails after a reset, and cannot be started again", () => {
    const { client, server, pass } = connected();
    server.flow.reading.start();
    client.flow.reset();
    pass();
    expect(server.log).toEqual([`failed ${uvCode("ECONNRESET")}`]);
    expect(server.flow.reading.start()).toBe(uvCode("ENOTCONN"));
    expect(server.write(1)).toBe(uvCode("ECONNRESET"));
  });
});
