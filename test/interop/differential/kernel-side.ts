/**
 * The differential check's other side: many connections at once of the kernel in a namespace, whose TUN
 * device belongs to `peers/differential.py`. All take their next step together, so that they wait together.
 */
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Instant } from "../../../src/base/time.ts";
import { EmittedPacket } from "../../../src/packetdrill/emitted-packet.ts";
import { ip } from "../../../src/wire/address.ts";
import type { Namespace } from "../namespace.ts";
import { HOST, PEER_PORT, peerAddress } from "./postel-side.ts";
import { type Look, lookOf, type Observation, type Plan, type Step } from "./steps.ts";
import { Wire } from "./wire.ts";

const DEVICE = "diff0";
/** Longer than the kernel's clock ticks and the reordering timers of such short round trips. */
const QUIET = 0.035; // s

const SYSCTLS: ReadonlyArray<readonly [string, string]> = [
  ["net.ipv4.tcp_rmem", "4096 131072 33554432"],
  ["net.ipv4.tcp_wmem", "4096 16384 4194304"],
  ["net.ipv4.tcp_early_retrans", "0"],
  ["net.ipv4.tcp_invalid_ratelimit", "0"],
  ["net.ipv4.tcp_challenge_ack_limit", "2147483647"],
  ["net.ipv4.tcp_no_metrics_save", "1"],
  ["net.ipv4.tcp_syncookies", "0"],
  ["net.ipv4.icmp_ratelimit", "0"],
];

interface Round {
  readonly packets: readonly string[];
  readonly results: ReadonlyArray<number | string>;
  readonly sockets: Readonly<
    Record<string, readonly [number, number | string, number | string, number] | null>
  >;
}

/** One connection of the batch. */
interface Member {
  readonly plan: Plan;
  readonly wire: Wire;
  readonly observations: Observation[];
}

export class KernelSide {
  readonly #child: ReturnType<Namespace["spawn"]>;
  readonly #lines: AsyncIterator<string>;
  /** The next connection's number: each has a peer of its own for as long as the namespace lives. */
  #next = 0;

  private constructor(namespace: Namespace) {
    const path = fileURLToPath(new URL("../peers/differential.py", import.meta.url));
    this.#child = namespace.spawn("python3", ["-B", "-u", path, DEVICE]);
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  static async start(namespace: Namespace): Promise<KernelSide> {
    const side = new KernelSide(namespace);
    await side.#lines.next();
    for (const [name, value] of SYSCTLS) await namespace.exec("sysctl", ["-q", "-w", `${name}=${value}`]);
    await namespace.ip("addr", "add", `${HOST}/32`, "dev", DEVICE);
    await namespace.ip("link", "set", DEVICE, "up", "txqueuelen", "10000");
    await namespace.ip(..."route add 10.78.0.0/16 dev".split(" "), DEVICE, "rto_min", "60s", "quickack", "1");
    return side;
  }

  /** Plays the plans; answers what was seen after the opening and after each step, for each. */
  async play(plans: readonly Plan[]): Promise<Observation[][]> {
    const members = new Map<number, Member>();
    for (const plan of plans) members.set(this.#next, this.#member(this.#next++, plan));
    await this.#round(members, (number, { plan }) => this.#opening(number, plan), true);
    const longest = Math.max(...plans.map(({ steps }) => steps.length));
    for (let at = 0; at < longest; at++) await this.#round(members, (_, { plan }) => plan.steps[at]);
    return [...members.values()].map(({ observations }) => observations);
  }

  stop(): void {
    this.#child.kill("SIGKILL");
  }

  #member(number: number, plan: Plan): Member {
    const wire = new Wire(plan, {
      source: ip(peerAddress(number)),
      sourcePort: PEER_PORT,
      destination: ip(HOST),
      destinationPort: this.#port(number),
    });
    return { plan, wire, observations: [] };
  }

  #port(number: number): number {
    return 10_000 + number;
  }

  #opening(number: number, plan: Plan): unknown[] {
    const here = [HOST, this.#port(number)];
    if (plan.opener === "peer") return ["listen", ...here];
    return ["connect", ...here, peerAddress(number), PEER_PORT];
  }

  async #round(
    members: ReadonlyMap<number, Member>,
    next: (number: number, member: Member) => Step | unknown[] | undefined,
    opens = false,
  ): Promise<void> {
    const packets: string[] = [];
    const calls: unknown[][] = [];
    const callers: number[] = [];
    const stepOf = new Map<number, Step>();
    for (const [number, member] of members) {
      const step = next(number, member);
      if (step === undefined) continue;
      if (isStep(step)) stepOf.set(number, step);
      if (isStep(step) && step.kind === "segment") {
        packets.push(Buffer.from(member.wire.packet(step)).toString("hex"));
        continue;
      }
      callers.push(number);
      if (!isStep(step)) calls.push([number, ...step]);
      else calls.push([number, step.call, ...(step.argument === undefined ? [] : [step.argument])]);
    }
    const watch = [...members.keys()];
    const round = await this.#ask({ packets, calls, watch, quiet: QUIET });
    const sent = this.#sort(round.packets);
    for (const [number, member] of members) {
      const place = callers.indexOf(number);
      member.observations.push({
        result: place < 0 || opens ? undefined : round.results[place],
        sent: member.wire.summary(sent.get(peerAddress(number)) ?? [], stepOf.get(number)),
        look: look(round.sockets[number]),
      });
    }
  }

  #sort(packets: readonly string[]): Map<string, EmittedPacket[]> {
    const sorted = new Map<string, EmittedPacket[]>();
    for (const hex of packets) {
      const packet = new EmittedPacket(Buffer.from(hex, "hex"), 0 as Instant);
      const to = packet.destination?.toString() ?? "";
      const others = sorted.get(to);
      if (others === undefined) sorted.set(to, [packet]);
      else others.push(packet);
    }
    return sorted;
  }

  async #ask(question: unknown): Promise<Round> {
    this.#child.stdin?.write(`${JSON.stringify(question)}\n`);
    const line = await this.#lines.next();
    if (line.done) throw new Error("the kernel's side has ended");
    return JSON.parse(line.value) as Round;
  }
}

function isStep(step: Step | unknown[]): step is Step {
  return !Array.isArray(step);
}

function look(seen: Round["sockets"][string] | undefined): Look | undefined {
  return seen === null || seen === undefined ? undefined : lookOf(...seen);
}
