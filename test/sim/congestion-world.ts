/**
 * Transfers over one bottleneck, for tests of congestion controls: who gets how much, how long its queue is.
 */
import { type Duration, type Instant, milliseconds, seconds } from "../../src/base/time.ts";
import { CONNECTION_EVENT } from "../../src/tcp/connection-events.ts";
import { setCongestionControl } from "../../src/tcp/connection-options.ts";
import type { TcpConfig } from "../../src/tcp/tcp-config.ts";
import type { TcpConnection } from "../../src/tcp/tcp-connection.ts";
import { readAll, TcpWorld } from "./tcp-world.ts";

export interface Bottleneck {
  readonly seed?: number;
  /** Bytes a second. */
  readonly rate?: number;
  readonly rtt?: Duration;
  readonly loss?: number;
  /** Packets that wait. */
  readonly queue?: number;
  readonly tcp?: Partial<TcpConfig>;
}

export interface Flow {
  readonly client: TcpConnection;
  /** Bytes that its receiver has read. */
  got: number;
}

const CHUNK = new Uint8Array(1 << 18);

export class CongestionWorld {
  readonly rate: number;
  readonly flows: Flow[] = [];
  readonly #world: TcpWorld;
  readonly #listener: ReturnType<TcpWorld["listen"]>;

  constructor(options: Bottleneck = {}) {
    const { seed = 1, rate = 625_000, rtt = milliseconds(40), loss = 0, queue = 40, tcp } = options;
    this.rate = rate;
    const delay = (rtt / 2) as Duration;
    this.#world = new TcpWorld({
      seed,
      tcp: { sendBuffer: 1 << 20, receiveBuffer: 1 << 20, ...tcp },
      link: {
        medium: "ip",
        aToB: { delay, loss, rateBytesPerSecond: rate, queueLimit: queue },
        bToA: { delay },
      },
    });
    this.#listener = this.#world.listen();
  }

  /** A connection that sends as much as it may; or, limited, so many bytes each time. */
  start(congestionControl: string, limited?: { readonly bytes: number; readonly each: Duration }): Flow {
    const client = this.#world.connect(40_000 + this.flows.length);
    setCongestionControl(client, congestionControl);
    const server = this.#world.accepted(this.#listener);
    const flow: Flow = { client, got: 0 };
    server.observe({
      connectionEvent: c => {
        flow.got += readAll(c).length;
      },
    });
    this.flows.push(flow);
    if (limited === undefined) this.#flood(client);
    else this.#drip(client, limited.bytes, limited.each);
    return flow;
  }

  change({ client }: Flow, congestionControl: string): void {
    setCongestionControl(client, congestionControl);
  }

  run(time: Duration): void {
    this.#world.run(time);
  }

  /** What each flow gets in so many seconds, as a part of the bottleneck's rate. */
  shares(time: number): number[] {
    const before = this.flows.map(({ got }) => got);
    this.run(seconds(time));
    return this.flows.map(({ got }, i) => (got - (before[i] as number)) / time / this.rate);
  }

  #flood(client: TcpConnection): void {
    const go = (): void => {
      while (client.send(CHUNK) === CHUNK.length);
    };
    client.observe({
      connectionEvent: (_c, events) => {
        if ((events & CONNECTION_EVENT.writable) !== 0) go();
      },
    });
    go();
  }

  #drip(client: TcpConnection, bytes: number, each: Duration): void {
    const { world } = this.#world;
    const go = (): void => {
      if (client.isOver) return;
      client.send(CHUNK, 0, bytes);
      world.schedule((world.now() + each) as Instant, go);
    };
    go();
  }
}
