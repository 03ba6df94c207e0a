/**
 * An honest connection through a `HostileWorld`: seeded data both ways, every byte checked as it comes out.
 */
import { expect } from "vitest";
import { SeededRandom } from "../../src/base/random.ts";
import { type Duration, instantAfter, seconds } from "../../src/base/time.ts";
import { ADDRESS_B, ADDRESS6_B } from "../../src/sim/sim-host.ts";
import { CONNECTION_EVENT } from "../../src/tcp/connection-events.ts";
import type { TcpConnection } from "../../src/tcp/tcp-connection.ts";
import type { End, HostileWorld } from "./hostile-world.ts";

export interface FlowOptions {
  readonly port: number;
  readonly family?: 4 | 6;
  /** Bytes each way, and how long their writing takes. */
  readonly bytes?: number;
  readonly lasting?: Duration;
}

const PIECES = 50;

/**
 * A connection from a to b whose users write seeded data by and by, read at once, and close when all is
 * written.
 */
export class Flow {
  readonly port: number;
  readonly client: TcpConnection;
  server: TcpConnection | undefined;
  readonly #w: HostileWorld;
  readonly #users: User[] = [];

  constructor(w: HostileWorld, options: FlowOptions) {
    const { port, family = 4, bytes = 60_000, lasting = seconds(1) } = options;
    this.#w = w;
    this.port = port;
    const random = new SeededRandom(w.seed + port);
    const [up, down] = [new Uint8Array(bytes), new Uint8Array(bytes)];
    random.fill(up);
    random.fill(down);
    const pause = Math.ceil(lasting / PIECES) as Duration;
    const listener = w.hosts.b.tcp.listen({ port });
    listener.observer = {
      acceptable: () => {
        const accepted = listener.accept();
        if (
          accepted === undefined ||
          this.server !== undefined ||
          accepted.remotePort !== this.client.localPort
        ) {
          accepted?.abort();
          return;
        }
        this.server = accepted;
        this.#users.push(new User(w, accepted, down, up, pause, `server of port ${port}`));
      },
    };
    const remote = family === 4 ? ADDRESS_B : ADDRESS6_B;
    this.client = w.hosts.a.tcp.connect({ remote, remotePort: port });
    this.#users.push(new User(w, this.client, up, down, pause, `client of port ${port}`));
  }

  get clientPort(): number {
    return this.client.localPort;
  }

  /** The connection that a segment to `end` belongs to. */
  at(end: End): TcpConnection {
    const connection = end === "a" ? this.client : this.server;
    if (connection === undefined) throw new Error(this.#text("is not accepted yet"));
    return connection;
  }

  get isOpen(): boolean {
    return this.server?.state === "ESTABLISHED" && this.client.state === "ESTABLISHED";
  }

  opens(): void {
    expect(
      this.#w.world.runUntil(() => this.isOpen, seconds(30)),
      this.#text("does not open"),
    ).toBe(true);
  }

  /** Runs until both ends have got all and are closed. */
  finishes(limit: Duration = seconds(900)): void {
    const ok = this.#w.world.runUntil(
      () => this.#users.length === 2 && this.#users.every(user => user.isDone),
      limit,
    );
    expect(ok, this.#text("does not end")).toBe(true);
    expect(this.client.error ?? this.server?.error, this.#text("ends with an error")).toBeUndefined();
  }

  #text(problem: string): string {
    const users = this.#users.map(user => user.text).join("; ");
    const states = [this.client, this.server].map(c => `${c?.state} ${c?.error ?? ""}`).join(", ");
    return `seed ${this.#w.seed}: port ${this.port} ${problem} (${states}; ${users})`;
  }
}

class User {
  readonly #w: HostileWorld;
  readonly #connection: TcpConnection;
  readonly #data: Uint8Array;
  readonly #expected: Uint8Array;
  readonly #name: string;
  readonly #pause: Duration;
  #written = 0;
  #got = 0;

  constructor(
    w: HostileWorld,
    connection: TcpConnection,
    data: Uint8Array,
    expected: Uint8Array,
    pause: Duration,
    name: string,
  ) {
    this.#w = w;
    this.#connection = connection;
    this.#data = data;
    this.#expected = expected;
    this.#pause = pause;
    this.#name = name;
    connection.observe({
      connectionEvent: (_c, events) => {
        this.#read();
        if ((events & CONNECTION_EVENT.connected) !== 0) this.#write();
      },
    });
    if (connection.state !== "SYN-SENT") this.#write();
  }

  get isDone(): boolean {
    return this.#connection.isOver && this.#got === this.#expected.length;
  }

  get text(): string {
    return `${this.#name} wrote ${this.#written}, got ${this.#got}`;
  }

  #write(): void {
    const c = this.#connection;
    if (c.isOver || c.sendClosed) return;
    const end = Math.min(this.#data.length, this.#written + Math.ceil(this.#data.length / PIECES));
    this.#written += c.send(this.#data, this.#written, end);
    if (this.#written === this.#data.length) c.close();
    else this.#w.world.schedule(instantAfter(this.#w.world.now(), this.#pause), () => this.#write());
  }

  #read(): void {
    const bytes = new Uint8Array(this.#connection.readable);
    this.#connection.receive(bytes);
    for (const byte of bytes) {
      if (byte !== this.#expected[this.#got++])
        throw new Error(`wrong byte ${this.#got - 1} at the ${this.#name}`);
    }
  }
}
