/**
 * Three hundred worlds in which everything hostile happens at random, to connections whose numbers the attacker knows.
 * Nothing throws, no TCB is wrong, no limit is crossed; a connection that he does not aim at gets every byte; and at the
 * end nothing is left.
 *
 * A failure names its seed. `POSTEL_SEED=n npx vitest run test/sim/hostile-random.test.ts` runs that world alone.
 */
import { test } from "vitest";
import { below, chance, type SeededRandom } from "../../src/base/random.ts";
import { microseconds, seconds } from "../../src/base/time.ts";
import { SimulationFailure } from "../../src/sim/failure.ts";
import { ADDRESS_A, ADDRESS_B, ADDRESS6_B } from "../../src/sim/sim-host.ts";
import type { TcpConfig } from "../../src/tcp/tcp-config.ts";
import type { TcpConnection } from "../../src/tcp/tcp-connection.ts";
import {
  addressBytes,
  arp,
  FLAG,
  icmpv6,
  ipv4,
  ipv6,
  join,
  MAC_A,
  macBytes,
  tcp,
  u16,
  u32,
} from "../support/frames.ts";
import {
  fixChecksums,
  ICMP_KIND_NAMES,
  icmpAbout,
  mutated,
  randomBytes,
  randomOptions,
} from "./hostile-segments.ts";
import { A, A6, B, B6, type End, Flow, HostileWorld, MAC_M } from "./hostile-world.ts";

const SEEDS = 300;
const SHARDS = 6;
const MOVES = 120;
const HONEST_PORT = 80;
const VICTIM_PORT = 9_000;

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
    receiveBuffer: small ? 5_000 : 300_000,
    sendBuffer: small ? 3_000 : 300_000,
    timeWait: seconds(10),
    ...(chance(random, 0.3) ? { congestionControl: "cubic" } : {}),
  } as Partial<TcpConfig>;
}

/** One world: what is in it, and the moves of users and attacker. */
class Attack {
  readonly w: HostileWorld;
  readonly random: SeededRandom;
  readonly honest: Flow;
  readonly #isEthernet: boolean;

  constructor(seed: number) {
    const config = randomConfig(new HostileWorld({ seed }).random);
    const medium = seed % 2 === 0 ? "ethernet" : "ip";
    this.w = new HostileWorld({ seed, medium, tcp: config, delay: microseconds(seed % 5) });
    this.random = this.w.random;
    this.#isEthernet = medium === "ethernet";
    const family = seed % 3 === 0 ? 6 : 4;
    this.honest = new Flow(this.w, { port: HONEST_PORT, family, bytes: 8_000, lasting: seconds(0.2) });
    this.w.hosts.b.tcp.listen({ port: VICTIM_PORT, backlog: 4 });
    this.w.hosts.a.tcp.listen({ port: VICTIM_PORT, backlog: 4 });
    for (let i = 0; i < 3; i++) this.#connects();
  }

  run(): void {
    const { w } = this;
    this.honest.opens();
    w.attack(MOVES, microseconds(below(this.random, 4_000)), () => {
      const moves = this.#isEthernet ? this.#moves : this.#moves.slice(0, -1);
      const move = moves[below(this.random, moves.length)];
      move?.();
      this.#uses();
    });
    this.honest.finishes(seconds(600));
    for (const victim of this.#victims()) victim.release();
    w.run(seconds(2_100));
    // What waits in an accept queue belongs to nobody yet.
    for (const { tcp: host } of [w.hosts.a, w.hosts.b]) {
      for (const listener of host.listeners()) {
        for (let c = listener.accept(); c !== undefined; c = listener.accept()) c.release();
      }
    }
    w.run(seconds(2_100));
    w.expectNoRecords();
  }

  // --- users

  #connects(): void {
    const { hosts } = this.w;
    const localPort = 20_000 + below(this.random, 20);
    try {
      if (chance(this.random, 0.2))
        hosts.b.tcp.connect({ remote: ADDRESS_A, remotePort: localPort, localPort: 7_000 });
      const remote = chance(this.random, 0.5) ? ADDRESS_B : ADDRESS6_B;
      hosts.a.tcp.connect({ remote, remotePort: chance(this.random, 0.8) ? VICTIM_PORT : 7_000, localPort });
    } catch {
      // The port is taken.
    }
  }

  #victims(): TcpConnection[] {
    const all = [...this.w.hosts.a.tcp.connections(), ...this.w.hosts.b.tcp.connections()];
    return all.filter(c => c.remotePort !== HONEST_PORT && c.localPort !== HONEST_PORT);
  }

  /** A user of an attacked connection does something. */
  #uses(): void {
    const { random, w } = this;
    if (chance(random, 0.05)) this.#connects();
    for (const { tcp: host } of [w.hosts.a, w.hosts.b]) {
      if (!chance(random, 0.2)) continue;
      for (const listener of host.listeners()) if (listener.port === VICTIM_PORT) listener.accept();
    }
    const victim = this.#pick(this.#victims());
    if (victim === undefined || victim.isOver) return;
    const what = below(random, 40);
    if (what < 12 && !victim.sendClosed)
      victim.send(randomBytes(random, 4_000), 0, undefined, chance(random, 0.2));
    else if (what < 20) victim.receive(new Uint8Array(below(random, 4_000)));
    else if (what === 20) victim.close();
    else if (what === 21) victim.release();
    else if (what === 22) victim.abort();
    else if (what === 23) victim.setNoDelay(chance(random, 0.5));
    else if (what === 24) victim.setKeepalive(chance(random, 0.5), seconds(1));
  }

  #pick<T>(all: readonly T[]): T | undefined {
    return all[below(this.random, all.length)];
  }

  // --- the attacker

  readonly #moves: ReadonlyArray<() => void> = [
    () => this.#forgesSegment(),
    () => this.#forgesSegment(),
    () => this.#forgesSegment(),
    () => this.#forgesSegment(),
    () => this.#forgesSegment(),
    () => this.#forgesError(),
    () => this.#damages(),
    () => this.#damages(),
    () => this.#repeats(),
    () => this.#floods(),
    () => this.#fragments(),
    () => this.#forgesNeighbor(),
  ];

  /** A segment near the numbers of a connection, in its peer's name. */
  #forgesSegment(): void {
    const { random, w } = this;
    const c = this.#pick(this.#victims());
    if (c === undefined) return;
    const { rcv, snd } = c.tcb;
    const near = (): number => (chance(random, 0.5) ? 0 : below(random, 4_000) - 2_000);
    const number = (...choices: number[]): number => (this.#pick(choices) ?? 0) + near();
    const flags = this.#pick([
      FLAG.ack,
      FLAG.ack,
      FLAG.ack,
      FLAG.ack | FLAG.fin,
      FLAG.syn,
      FLAG.rst,
      below(random, 512),
    ]);
    const stamp = [
      1,
      1,
      8,
      10,
      ...u32(number(c.timestamps.recent)),
      ...u32(number(c.timestamps.value(c.now))),
    ];
    const sack = [1, 1, 5, 18, ...[0, 1, 2, 3].flatMap(() => u32(number(snd.una, snd.nxt)))];
    const options =
      this.#pick([[], stamp, sack, [...stamp, ...sack].slice(0, 40), randomOptions(random)]) ?? [];
    const segment = tcp({
      source: c.remote.toString(),
      destination: c.local.toString(),
      sourcePort: c.remotePort,
      destinationPort: c.localPort,
      sequence: number(rcv.nxt, rcv.nxt, rcv.adv, c.tcb.irs, random.uint32()),
      acknowledgment: number(snd.una, snd.nxt, snd.nxt, snd.una + snd.wnd, random.uint32()),
      flags: flags ?? 0,
      window: this.#pick([0, 1, 100, 0xffff, below(random, 0x1_0000)]) ?? 0,
      urgent: chance(random, 0.2) ? below(random, 0x1_0000) : 0,
      options,
      payload: chance(random, 0.5) ? randomBytes(random, 1_400) : [],
    });
    w.inject(this.#endOf(c), segment);
  }

  #endOf(c: TcpConnection): End {
    return c.local.equals(ADDRESS_B) || c.local.equals(ADDRESS6_B) ? "b" : "a";
  }

  #forgesError(): void {
    const { random, w } = this;
    const kind = this.#pick(ICMP_KIND_NAMES) ?? "packet too big";
    const mtu = this.#pick([0, 68, 100, 576, 1_280, 1_400]) ?? 0;
    const to = chance(random, 0.5) ? "a" : "b";
    const c = this.#pick(this.#victims());
    if (c === undefined) {
      w.inject(to, icmpAbout(this.honest, to, random.uint32(), kind, mtu));
      return;
    }
    const flow = { client: c, port: c.remotePort, clientPort: c.localPort } as unknown as Flow;
    const end = this.#endOf(c);
    if (end === "a") w.inject("a", icmpAbout(flow, "a", c.tcb.snd.una, kind, mtu));
  }

  /** A damaged copy of a frame of an attacked connection. */
  #damages(): void {
    const { random, w } = this;
    const to = chance(random, 0.5) ? "a" : "b";
    const original = w.oldFrame(to);
    const at = this.#isEthernet ? 14 : 0;
    if (original === undefined || this.#isHonest(original, at)) return;
    const packet = mutated(random, original.slice(at));
    w.injectFrame(to, join(original.subarray(0, at), chance(random, 0.8) ? fixChecksums(packet) : packet));
  }

  #isHonest(frame: Uint8Array, at: number): boolean {
    const ports = at + ((frame[at] ?? 0) >>> 4 === 4 ? 20 : 40);
    const port = (from: number): number => (frame[from] ?? 0) * 256 + (frame[from + 1] ?? 0);
    return port(ports) === HONEST_PORT || port(ports + 2) === HONEST_PORT;
  }

  #repeats(): void {
    const to = chance(this.random, 0.5) ? "a" : "b";
    const old = this.w.oldFrame(to);
    for (let i = below(this.random, 5); i >= 0 && old !== undefined; i--) this.w.injectFrame(to, old);
  }

  #floods(): void {
    const { random, w } = this;
    for (let i = 0; i < 10; i++) {
      const source = `10.0.${below(random, 4)}.${1 + below(random, 250)}`;
      const ports = {
        sourcePort: below(random, 0x1_0000),
        destinationPort: this.#pick([VICTIM_PORT, HONEST_PORT, 1]) ?? 1,
      };
      const flags = chance(random, 0.8) ? FLAG.syn : below(random, 256);
      w.inject("b", tcp({ source, destination: B, ...ports, flags, options: randomOptions(random) }));
    }
    w.injectFrame("a", randomBytes(random, 100));
  }

  #fragments(): void {
    const { random, w } = this;
    const bytes = randomBytes(random, 200);
    const fragment = (chance(random, 0.6) ? 0x2000 : 0) | below(random, 20);
    const end = { source: B, destination: A, protocol: this.#pick([1, 6, 17]) ?? 1, id: below(random, 4) };
    w.inject("a", ipv4({ ...end, fragment }, bytes.subarray(0, bytes.length & ~7)));
    const header = join(6, 0, u16((below(random, 20) << 3) | below(random, 2)), u32(below(random, 4)));
    w.inject("a", ipv6({ source: B6, destination: A6, nextHeader: 44 }, join(header, bytes)));
    const chain = join(this.#pick([0, 6, 43, 44, 60]) ?? 0, below(random, 3), bytes);
    w.inject("a", ipv6({ source: B6, destination: A6, nextHeader: this.#pick([0, 43, 44, 60]) ?? 0 }, chain));
  }

  #forgesNeighbor(): void {
    const { random, w } = this;
    const fields = { senderMac: MAC_M, targetMac: MAC_A, targetIp: this.#pick([A, B]) ?? A };
    const senderIp = this.#pick([A, B, "10.0.0.77", "0.0.0.0", "255.255.255.255"]) ?? A;
    w.injectFrame("a", w.framed("a", arp({ operation: 1 + below(random, 3), senderIp, ...fields }), 0x0806));
    const rest = join(
      u32(random.uint32()),
      addressBytes(this.#pick([A6, B6]) ?? A6),
      1 + below(random, 2),
      1,
      macBytes(MAC_M),
    );
    const source = this.#pick([B6, "::", "fd00::77"]) ?? B6;
    w.inject("a", icmpv6({ source, destination: A6 }, 133 + below(random, 5), 0, rest));
  }
}

function attack(seed: number): void {
  try {
    new Attack(seed).run();
  } catch (error) {
    if (error instanceof SimulationFailure) throw error;
    throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

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
