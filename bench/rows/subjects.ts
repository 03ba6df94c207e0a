/**
 * The servers under test as contestants of rows. Each has a wire, and a program that may have to be built
 * first; where that is not possible the contestant takes no part, and says why.
 */
import { type Outcome, runTurn, type Work } from "../network/turn.ts";
import type { Wire } from "../network/wiring.ts";
import { buildLoad, buildPeer, type PeerName } from "../peers/peers.ts";
import { POSTEL_SUBJECT } from "../places.ts";
import type { Conditions, Contestant, Measurement } from "../row.ts";

/** A server under test, before it is built. */
export interface Server {
  readonly name: string;
  readonly wire: Wire;
  /** Answers the program and its own arguments, or why there is none: a sentence. */
  program(): Promise<readonly string[] | string>;
}

function postel(name: string, wire: Wire, ...options: readonly string[]): Server {
  return { name, wire, program: async () => [process.execPath, POSTEL_SUBJECT, ...options] };
}

function peer(name: string, wire: Wire, what: PeerName, ...options: readonly string[]): Server {
  const program = async (): Promise<readonly string[] | string> => {
    const built = await buildPeer(what);
    return typeof built === "string" ? built : [...built, ...options];
  };
  return { name, wire, program };
}

export const POSTEL_TUN = postel("Postel, TUN", "tun");
export const POSTEL_TUN_PLAIN = postel("Postel, TUN without offloads", "tun", "--offload", "off");
export const POSTEL_TUN_BUSY = postel("Postel, TUN, busy polling", "tun", "--busy-poll", "1000");
export const POSTEL_TUN_QUEUES = postel("Postel, TUN, two queues", "tun", "--queues", "2");
export const POSTEL_TUN_PLAIN_QUEUES = postel(
  "Postel, TUN without offloads, two queues",
  "tun",
  "--offload",
  "off",
  "--queues",
  "2",
);
export const POSTEL_PACKET = postel("Postel, packet socket", "packet");
export const KERNEL_VETH = peer("kernel, veth", "veth", "kernel");
export const KERNEL_LOOPBACK = peer("kernel, loopback", "loopback", "kernel");
export const NODE_VETH = peer("node:net, veth", "veth", "node-net");
export const LWIP_TUN = peer("lwIP, TUN", "tun", "lwip");
export const GVISOR_TUN = peer("gVisor, TUN", "tun", "gvisor");
export const GVISOR_PACKET = peer("gVisor, packet socket", "packet", "gvisor");

/** A contestant that serves one kind of work; `read` makes the row's quantities of what came out. */
export function serving(server: Server, work: Work, read: (outcome: Outcome) => Measurement): Contestant {
  let load: readonly string[] = [];
  let command: readonly string[] = [];
  return {
    name: server.name,
    async prepare() {
      const [generator, program] = await Promise.all([buildLoad(), server.program()]);
      if (typeof generator === "string") return generator;
      if (typeof program === "string") return program;
      load = generator;
      command = program;
      return undefined;
    },
    async measure(conditions: Conditions): Promise<Measurement> {
      return read(await runTurn(load, { wire: server.wire, command }, work, conditions));
    },
  };
}
