/**
 * Many connections between two hosts of this process, joined by a `pair` in virtual time: opened, left to
 * rest, asked one at a time, and closed. All work for a request, of both its ends, lies within one call.
 */
import { type Duration, SeededRandom } from "@postel/stack/base";
import { Host } from "@postel/stack/host";
import { createPair, type NetDevice, VirtualTime } from "@postel/stack/link";
import { CONNECTION_EVENT, type TcpConfig, type TcpConnection } from "@postel/stack/tcp";
import { type IpAddress, ip } from "@postel/stack/wire";

const SERVER = ip("10.9.0.2");
const PORT = 80;
const FIRST_PORT = 1_024;
const PORTS_EACH = 60_000;
const MESSAGE = new Uint8Array(64);
const BURST = 100;
/** Instants as on a machine that has run for days: no small integers. */
const UPTIME = 500_000_000_000 as Duration;
const TICK = 1_000 as Duration;
/** After it everything that was said is heard, and those who said it rest. */
const EXCHANGED = 30_000 as Duration;
/** Longer than any timer of a connection that is well. */
const REST = 600_000 as Duration;
/** Between two requests. */
const PAUSE = 100 as Duration;

export class Crowd {
  readonly #time = new VirtualTime();
  readonly #client: Host;
  readonly #server: Host;
  readonly #locals: readonly IpAddress[];
  readonly #connections: TcpConnection[] = [];
  #answers = 0;

  /** @param most how many connections there will be, for as many addresses as their ports need */
  constructor(most: number) {
    this.#time.runFor(UPTIME);
    const addresses = Array.from({ length: Math.ceil(most / PORTS_EACH) }, (_, i) => `10.9.1.${i + 1}`);
    this.#locals = addresses.map(address => ip(address));
    const [left, right] = createPair(this.#time, { medium: "ip" });
    const limits = { acceptBacklogLimit: most, synBacklog: most, timeWaitLimit: most };
    this.#client = this.#host(left, this.#locals, limits);
    this.#server = this.#host(right, [SERVER], limits);
    this.#listen(most);
  }

  open(count: number): void {
    const hear = {
      connectionEvent: (connection: TcpConnection, events: number): void => {
        if ((events & CONNECTION_EVENT.readable) !== 0 && connection.receive(MESSAGE) > 0) this.#answers++;
      },
    };
    const { length } = this.#connections;
    for (let i = length; i < length + count; i++) {
      const local = this.#locals[Math.floor(i / PORTS_EACH)];
      const localPort = FIRST_PORT + (i % PORTS_EACH);
      const way = { remote: SERVER, remotePort: PORT, local, localPort };
      const connection = this.#client.tcp.connect(way);
      connection.observe(hear);
      this.#connections.push(connection);
      if (i % BURST === BURST - 1) this.#exchange();
    }
    this.#exchange();
    const open = this.#connections.every(({ state }) => state === "ESTABLISHED");
    if (!open) throw new Error("not all connections were opened");
  }

  rest(): void {
    this.#run(REST);
  }

  /** 64 bytes there, and 64 back. */
  ask(index: number): void {
    const goal = this.#answers + 1;
    this.#connections[index]?.send(MESSAGE);
    for (let polls = 0; this.#answers < goal; polls++) {
      if (polls === BURST) throw new Error("a request was not answered");
      this.#client.poll();
      this.#server.poll();
      this.#time.runFor(1 as Duration);
    }
  }

  /** Time passes between two requests. */
  pause(): void {
    this.#time.runFor(PAUSE);
  }

  /** Closes all, the clients first: TIME-WAIT stays with them. */
  close(): void {
    for (const [i, connection] of this.#connections.entries()) {
      connection.close();
      if (i % BURST === BURST - 1) this.#exchange();
    }
    this.#connections.length = 0;
    this.rest();
  }

  #exchange(): void {
    this.#run(EXCHANGED);
  }

  #run(duration: Duration): void {
    for (let passed = 0; passed < duration; passed += TICK) {
      this.#client.poll();
      this.#server.poll();
      this.#time.runFor(TICK);
    }
  }

  #host(device: NetDevice, addresses: readonly IpAddress[], tcp: Partial<TcpConfig>): Host {
    const host = new Host({ clock: this.#time, scheduler: this.#time, random: new SeededRandom(1), tcp });
    const prefixed = addresses.map(address => ({ address, prefixLength: 16 }));
    host.attach(device, { addresses: prefixed, duplicateDetection: false });
    return host;
  }

  #listen(backlog: number): void {
    const answer = {
      connectionEvent(connection: TcpConnection, events: number): void {
        if ((events & CONNECTION_EVENT.readable) !== 0) {
          connection.send(MESSAGE, 0, connection.receive(MESSAGE));
        }
        if ((events & CONNECTION_EVENT.peerClosed) !== 0) connection.close();
      },
    };
    this.#server.tcp.listen({ port: PORT, backlog }).observer = {
      acceptable(listener) {
        for (let next = listener.accept(); next; next = listener.accept()) next.observe(answer);
      },
    };
  }
}
