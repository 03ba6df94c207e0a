/** A third party who does everything at random to the connections of a `HostileWorld` that he is given. */
import { below, chance, type SeededRandom } from "../../src/base/random.ts";
import { ADDRESS_B, ADDRESS6_B } from "../../src/sim/sim-host.ts";
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
  spoofed,
} from "./hostile-segments.ts";
import { A, A6, B, B6, type End, type HostileWorld, MAC_M } from "./hostile-world.ts";

export interface Targets {
  /** The connections that may be hit: their numbers are known. */
  victims(): readonly TcpConnection[];
  /** The port of the one that may not. */
  readonly honestPort: number;
  /** Ports to send SYNs to. */
  readonly ports: readonly number[];
}

export class Attacker {
  readonly #w: HostileWorld;
  readonly #random: SeededRandom;
  readonly #targets: Targets;
  readonly #isEthernet: boolean;

  constructor(w: HostileWorld, targets: Targets) {
    this.#w = w;
    this.#random = w.random;
    this.#targets = targets;
    this.#isEthernet = w.medium === "ethernet";
  }

  /** One attack, of whatever kind. */
  act(): void {
    const what = below(this.#random, this.#isEthernet ? 12 : 11);
    if (what < 5) this.#forgesSegment();
    else if (what === 5) this.#forgesError();
    else if (what < 8) this.#damages();
    else if (what === 8) this.#repeats();
    else if (what === 9) this.#floods();
    else if (what === 10) this.#fragments();
    else this.#forgesNeighbor();
  }

  #pick<T>(all: readonly T[]): T | undefined {
    return all[below(this.#random, all.length)];
  }

  #oneOf(first: number, ...others: number[]): number {
    return this.#pick([first, ...others]) ?? first;
  }

  #end(): End {
    return chance(this.#random, 0.5) ? "a" : "b";
  }

  /** A segment near the numbers of a connection, in its peer's name. */
  #forgesSegment(): void {
    const random = this.#random;
    const c = this.#pick(this.#targets.victims());
    if (c === undefined) return;
    const { rcv, snd, irs } = c.tcb;
    const near = (): number => (chance(random, 0.5) ? 0 : below(random, 4_000) - 2_000);
    const number = (first: number, ...others: number[]): number => this.#oneOf(first, ...others) + near();
    const { ack, fin, syn, rst } = FLAG;
    const { recent } = c.timestamps;
    const stamp = [1, 1, 8, 10, ...u32(number(recent)), ...u32(number(c.timestamps.value(c.now)))];
    const sack = [1, 1, 5, 18, ...[0, 1, 2, 3].flatMap(() => u32(number(snd.una, snd.nxt)))];
    const both = [...stamp, ...sack].slice(0, 40);
    const segment = spoofed(c, {
      sequence: number(rcv.nxt, rcv.nxt, rcv.adv, irs, random.uint32()),
      acknowledgment: number(snd.una, snd.nxt, snd.nxt, snd.una + snd.wnd, random.uint32()),
      flags: this.#oneOf(ack, ack, ack, ack | fin, syn, rst, below(random, 256)),
      window: this.#oneOf(0, 1, 100, 0xffff, below(random, 0x1_0000)),
      urgent: chance(random, 0.2) ? below(random, 0x1_0000) : 0,
      options: this.#pick([[], stamp, sack, both, randomOptions(random)]) ?? [],
      payload: chance(random, 0.5) ? randomBytes(random, 1_400) : [],
    });
    this.#w.inject(endOf(c), segment);
  }

  #forgesError(): void {
    const c = this.#pick(this.#targets.victims());
    if (c === undefined) return;
    const sequence = this.#oneOf(c.tcb.snd.una, c.tcb.snd.nxt, this.#random.uint32());
    const kind = this.#pick(ICMP_KIND_NAMES) ?? "packet too big";
    this.#w.inject(endOf(c), icmpAbout(c, sequence, kind, this.#oneOf(0, 68, 100, 576, 1_280, 1_400)));
  }

  /** A damaged copy of a frame of an attacked connection. */
  #damages(): void {
    const random = this.#random;
    const to = this.#end();
    const original = this.#w.oldFrame(to);
    const at = this.#isEthernet ? 14 : 0;
    if (original === undefined || this.#isHonest(original, at)) return;
    const packet = mutated(random, original.slice(at));
    const damaged = chance(random, 0.8) ? fixChecksums(packet) : packet;
    this.#w.injectFrame(to, join(original.subarray(0, at), damaged));
  }

  #isHonest(frame: Uint8Array, at: number): boolean {
    const ports = at + ((frame[at] ?? 0) >>> 4 === 4 ? 20 : 40);
    const portAt = (from: number): number => (frame[from] ?? 0) * 256 + (frame[from + 1] ?? 0);
    return [portAt(ports), portAt(ports + 2)].includes(this.#targets.honestPort);
  }

  /** Also of the honest connection. */
  #repeats(): void {
    const to = this.#end();
    const old = this.#w.oldFrame(to);
    for (let i = below(this.#random, 5); i >= 0 && old !== undefined; i--) this.#w.injectFrame(to, old);
  }

  #floods(): void {
    const random = this.#random;
    for (let i = 0; i < 10; i++) {
      const source = `10.0.${below(random, 4)}.${1 + below(random, 250)}`;
      const ports = {
        sourcePort: below(random, 0x1_0000),
        destinationPort: this.#pick(this.#targets.ports) ?? 1,
      };
      const flags = chance(random, 0.8) ? FLAG.syn : below(random, 256);
      this.#w.inject("b", tcp({ source, destination: B, ...ports, flags, options: randomOptions(random) }));
    }
    this.#w.injectFrame("a", randomBytes(random, 100));
  }

  #fragments(): void {
    const random = this.#random;
    const bytes = randomBytes(random, 200);
    const fragment = (chance(random, 0.6) ? 0x2000 : 0) | below(random, 20);
    const fields = { source: B, destination: A, protocol: this.#oneOf(1, 6, 17), id: below(random, 4) };
    this.#w.inject("a", ipv4({ ...fields, fragment }, bytes.subarray(0, bytes.length & ~7)));
    const header = join(6, 0, u16((below(random, 20) << 3) | below(random, 2)), u32(below(random, 4)));
    this.#chain(44, join(header, bytes));
    this.#chain(this.#oneOf(0, 43, 44, 60), join(this.#oneOf(0, 6, 43, 44, 60), below(random, 3), bytes));
  }

  #chain(nextHeader: number, bytes: Uint8Array): void {
    this.#w.inject("a", ipv6({ source: B6, destination: A6, nextHeader }, bytes));
  }

  #forgesNeighbor(): void {
    const random = this.#random;
    const senderIp = this.#pick([A, B, "10.0.0.77", "0.0.0.0", "255.255.255.255"]) ?? A;
    const fields = { senderMac: MAC_M, senderIp, targetMac: MAC_A, targetIp: this.#pick([A, B]) ?? A };
    this.#w.injectFrame(
      "a",
      this.#w.framed("a", arp({ operation: 1 + below(random, 3), ...fields }), 0x0806),
    );
    const target = addressBytes(this.#pick([A6, B6]) ?? A6);
    const rest = join(u32(random.uint32()), target, 1 + below(random, 2), 1, macBytes(MAC_M));
    const source = this.#pick([B6, "::", "fd00::77"]) ?? B6;
    this.#w.inject("a", icmpv6({ source, destination: A6 }, 133 + below(random, 5), 0, rest));
  }
}

function endOf({ local }: TcpConnection): End {
  return local.equals(ADDRESS_B) || local.equals(ADDRESS6_B) ? "b" : "a";
}
