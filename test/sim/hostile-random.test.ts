/**
 * Three hundred worlds in which everything hostile happens at random, to connections whose numbers the
 * attacker knows. Nothing throws, no TCB is wrong, no limit is crossed; a connection that he does not aim at
 * gets every byte; and at the end nothing is left.
 *
 * A failure names its seed. `POSTEL_SEED=n npx vitest run test/sim/hostile-random.test.ts` runs that world
 * alone.
 */
import { expect, test } from "vitest";
import { below, chance, type SeededRandom } from "../../src/base/random.ts";
import { microseconds, seconds } from "../../src/base/time.ts";
import { ADDRESS_A, ADDRESS_B, ADDRESS6_B } from "../../src/sim/sim-host.ts";
import type { TcpConfig } from "../../src/tcp/tcp-config.ts";
import type { TcpConnection } from "../../src/tcp/tcp-connection.ts";
import { WRITE } from "../../src/tcp/write.ts";
import { Attacker, type Targets } from "./hostile-attacker.ts";
import { Flow } from "./hostile-flow.ts";
import { randomBytes } from "./hostile-segments.ts";
import { HostileWorld, namingSeed } from "./hostile-world.ts";

const SEEDS = 300;
const SHARDS = 6;
const MOVES = 120;
const HONEST_PORT = 80;
const VICTIM_PORT = 9_000;
/**
 * SYN-ACKs that are repeated, questions for neighbors that do not exist, retransmissions: hundreds. A storm:
 * millions.
 */
const MOST_IN_TEN_SECONDS = 2_000;

function randomConfig(random: SeededRandom): Partial<TcpConfig> {
  const small = chance(random, 0.3);
  return {
    timestamps: chance(random, 0.7),
    sack: chance(random, 0.7),
    windowScaling: chance(random, 0.7),
    noDelay: chance(random, 0.5),
    keepalive: chance(random, 0.3),
    keepaliveTime: seconds(10),
    abortOnOverflow: chance(random, 0.2),
    synBacklog: small ? 8 : 1_024,
    acceptBacklogLimit: small ? 6 : 4_096,
    receiveBuffer: small ? 5_000 : 300_000,
    sendBuffer: small ? 3_000 : 300_000,
    timeWait: seconds(10),
    congestionControl: chance(random, 0.5) ? "cubic" : "reno",
  };
}

/** One world: an honest connection, others that the attacker may hit, and the users of those. */
class Attack implements Targets {
  readonly honestPort = HONEST_PORT;
  readonly ports = [VICTIM_PORT, HONEST_PORT, 1];
  readonly #w: HostileWorld;
  readonly #random: SeededRandom;
  readonly #honest: Flow;

  constructor(seed: number) {
    const tcp = randomConfig(new HostileWorld({ seed }).random);
    const medium = seed % 2 === 0 ? "ethernet" : "ip";
    const w = new HostileWorld({ seed, medium, tcp, delay: microseconds(seed % 5) });
    this.#w = w;
    this.#random = w.random;
    const family = seed % 3 === 0 ? 6 : 4;
    this.#honest = new Flow(w, { port: HONEST_PORT, family, bytes: 8_000, lasting: seconds(0.2) });
    w.hosts.b.tcp.listen({ port: VICTIM_PORT, backlog: 4 });
    w.hosts.a.tcp.listen({ port: VICTIM_PORT, backlog: 4 });
    for (let i = 0; i < 3; i++) this.#connects();
  }

  run(): void {
    const w = this.#w;
    const attacker = new Attacker(w, this);
    this.#honest.opens();
    w.attack(MOVES, microseconds(below(this.#random, 4_000)), () => {
      attacker.act();
      this.#uses();
    });
    this.#honest.finishes(seconds(600));
    // Connections that do not understand each other any more: their timers may go, but nothing goes round and
    // round.
    const sent = w.sent.a + w.sent.b;
    w.run(seconds(10));
    expect(w.sent.a + w.sent.b - sent).toBeLessThanOrEqual(MOST_IN_TEN_SECONDS);
    for (const victim of this.victims()) victim.release();
    w.run(seconds(2_100));
    // What waits in an accept queue belongs to nobody yet.
    this.#accepts(c => c.release());
    w.run(seconds(2_100));
    w.expectNoRecords();
  }

  victims(): TcpConnection[] {
    const { a, b } = this.#w.hosts;
    const all = [...a.tcp.connections(), ...b.tcp.connections()];
    return all.filter(c => c.remotePort !== HONEST_PORT && c.localPort !== HONEST_PORT);
  }

  #accepts(accepted: (c: TcpConnection) => void): void {
    for (const { tcp } of [this.#w.hosts.a, this.#w.hosts.b]) {
      for (const listener of tcp.listeners()) {
        if (listener.port === HONEST_PORT) continue;
        for (let c = listener.accept(); c !== undefined; c = listener.accept()) accepted(c);
      }
    }
  }

  #connects(): void {
    const random = this.#random;
    const { a, b } = this.#w.hosts;
    const localPort = 20_000 + below(random, 20);
    const remote = chance(random, 0.5) ? ADDRESS_B : ADDRESS6_B;
    const remotePort = chance(random, 0.8) ? VICTIM_PORT : 7_000;
    try {
      // Sometimes both at once, from port to port.
      if (chance(random, 0.2)) b.tcp.connect({ remote: ADDRESS_A, remotePort: localPort, localPort: 7_000 });
      a.tcp.connect({ remote, remotePort, localPort });
    } catch {
      // The port is taken.
    }
  }

  /** The user of an attacked connection does something. */
  #uses(): void {
    const random = this.#random;
    if (chance(random, 0.05)) this.#connects();
    if (chance(random, 0.1)) this.#accepts(() => {});
    const victims = this.victims();
    const victim = victims[below(random, victims.length)];
    if (victim === undefined || victim.isOver) return;
    const what = below(random, 40);
    if (what < 12 && !victim.sendClosed) {
      victim.send(randomBytes(random, 4_000), 0, undefined, chance(random, 0.2) ? WRITE.urgent : 0);
    } else if (what < 20) victim.receive(new Uint8Array(below(random, 4_000)));
    else if (what === 20) victim.close();
    else if (what === 21) victim.release();
    else if (what === 22) victim.abort();
    else if (what === 23) victim.setNoDelay(chance(random, 0.5));
    else if (what === 24) victim.setKeepalive(chance(random, 0.5), seconds(1));
  }
}

const attack = (seed: number): void => namingSeed(seed, () => new Attack(seed).run());

const only = process.env["POSTEL_SEED"];
if (only !== undefined) {
  test(`seed ${only}`, () => attack(Number(only)));
} else {
  for (let shard = 0; shard < SHARDS; shard++) {
    const first = 1 + (shard * SEEDS) / SHARDS;
    const last = first + SEEDS / SHARDS - 1;
    test(`seeds ${first} to ${last}: nothing throws, the honest get every byte, nothing is left`, () => {
      for (let seed = first; seed <= last; seed++) attack(seed);
    }, 120_000);
  }
}
