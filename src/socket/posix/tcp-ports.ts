/**
 * Which TCP ports are taken, and by whom: Linux's inet_csk_bind_conflict. Two sockets may share an address
 * and a port if both have SO_REUSEADDR and the other does not listen, or both have SO_REUSEPORT. A closed
 * socket's connection holds its port until it is gone, TIME-WAIT included; connections and listeners that
 * other users of the host made count too.
 */
import { below } from "../../base/random.ts";
import type { Host } from "../../host/host.ts";
import type { TcpConnection } from "../../tcp/tcp-connection.ts";
import type { IpAddress } from "../../wire/address.ts";

/** What a socket claims: it may change as long as the socket is open. */
export interface PortHolder {
  /** Undefined: every address of the families. */
  readonly heldAddress: IpAddress | undefined;
  readonly heldFamilies: "both" | 4 | 6;
  readonly heldPort: number;
  readonly reusesAddress: boolean;
  readonly reusesPort: boolean;
  readonly isListening: boolean;
  /** A connection drew the port when it was opened. */
  readonly isDrawn: boolean;
  readonly connection: TcpConnection | undefined;
  readonly isReleased: boolean;
}

type Claim = Pick<PortHolder, "heldAddress" | "heldFamilies" | "heldPort" | "reusesAddress" | "reusesPort">;

const TRIES = 512;
/** The table is swept when it has doubled since the last time. */
const FIRST_SWEEP = 256;

export class TcpPorts {
  readonly #host: Host;
  readonly #holders = new Map<number, Set<PortHolder>>();
  #count = 0;
  #sweepAt = FIRST_SWEEP;

  constructor(host: Host) {
    this.#host = host;
  }

  /** Sockets that hold a port, those included whose connections live on without them. */
  get size(): number {
    return this.#count;
  }

  add(holder: PortHolder): void {
    let holders = this.#holders.get(holder.heldPort);
    if (holders === undefined) {
      holders = new Set();
      this.#holders.set(holder.heldPort, holders);
    }
    if (holders.has(holder)) return;
    holders.add(holder);
    if (++this.#count >= this.#sweepAt) this.#sweep();
  }

  remove(holder: PortHolder): void {
    const holders = this.#holders.get(holder.heldPort);
    if (holders?.delete(holder) !== true) return;
    this.#count--;
    if (holders.size === 0) this.#holders.delete(holder.heldPort);
  }

  /** Whether `self` may have what it claims, and listen on it if it wants to. */
  conflicts(self: PortHolder, claim: Claim = self, listens = self.isListening): boolean {
    for (const other of this.#living(claim.heldPort)) {
      if (other === self || !overlap(claim, other)) continue;
      if (claim.reusesPort && other.reusesPort) continue;
      const isShared = claim.reusesAddress && other.reusesAddress;
      if (!isShared || other.isListening) return true;
      if (listens && other.isListening) return true;
    }
    return this.#strangersConflict(claim);
  }

  /** A port that nobody has, or undefined. */
  choose(self: PortHolder, claim: Omit<Claim, "heldPort">): number | undefined {
    const { firstEphemeralPort: first, lastEphemeralPort: last } = this.#host.tcp.context.config;
    const start = below(this.#host.random, last - first + 1);
    const tries = Math.min(last - first + 1, TRIES + this.#count);
    for (let i = 0; i < tries; i++) {
      const heldPort = first + ((start + i) % (last - first + 1));
      // A port that is drawn is not shared, whatever the options say.
      if (!this.conflicts(self, { ...claim, heldPort, reusesAddress: false, reusesPort: false }))
        return heldPort;
    }
    return undefined;
  }

  /** Whether somebody has bound the port explicitly, so that no connection may draw it. */
  isHeld(port: number): boolean {
    return this.#living(port).some(({ isDrawn }) => !isDrawn);
  }

  #living(port: number): PortHolder[] {
    const holders = [...(this.#holders.get(port) ?? [])];
    for (const holder of holders) if (this.#isGone(holder)) this.remove(holder);
    return [...(this.#holders.get(port) ?? [])];
  }

  #isGone(holder: PortHolder): boolean {
    if (!holder.isReleased) return false;
    const { connection } = holder;
    if (connection === undefined || connection.state === "CLOSED") return true;
    if (connection.state !== "TIME-WAIT") return false;
    for (const record of this.#host.tcp.timeWaits()) if (isSame(record, connection)) return false;
    return true;
  }

  #sweep(): void {
    for (const port of [...this.#holders.keys()]) this.#living(port);
    this.#sweepAt = Math.max(FIRST_SWEEP, 2 * this.#count);
  }

  /** What others on this host do with the port; they are taken to have SO_REUSEADDR. */
  #strangersConflict(claim: Claim): boolean {
    const { tcp } = this.#host;
    const mine = [...(this.#holders.get(claim.heldPort) ?? [])];
    for (const { address, families, port } of tcp.listeners()) {
      const other = { heldAddress: address, heldFamilies: families, heldPort: port };
      if (port !== claim.heldPort || !overlap(claim, other)) continue;
      if (!mine.some(holder => holder.isListening)) return true;
    }
    if (claim.reusesAddress) return false;
    for (const entries of [tcp.connections(), tcp.timeWaits()]) {
      for (const { local, localPort, remote, remotePort } of entries) {
        if (localPort !== claim.heldPort) continue;
        if (!overlap(claim, { heldAddress: local, heldFamilies: local.family })) continue;
        const tuple = { local, localPort, remote, remotePort };
        if (!mine.some(({ connection }) => connection !== undefined && isSame(tuple, connection)))
          return true;
      }
    }
    return false;
  }
}

interface Tuple {
  readonly local: IpAddress;
  readonly localPort: number;
  readonly remote: IpAddress;
  readonly remotePort: number;
}

function isSame(a: Tuple, b: Tuple): boolean {
  return (
    a.localPort === b.localPort &&
    a.remotePort === b.remotePort &&
    a.remote.equals(b.remote) &&
    a.local.equals(b.local)
  );
}

function overlap(
  a: Pick<Claim, "heldAddress" | "heldFamilies">,
  b: Pick<Claim, "heldAddress" | "heldFamilies">,
): boolean {
  if (a.heldAddress !== undefined && b.heldAddress !== undefined) return a.heldAddress.equals(b.heldAddress);
  if (a.heldAddress !== undefined) return covers(b.heldFamilies, a.heldAddress.family);
  if (b.heldAddress !== undefined) return covers(a.heldFamilies, b.heldAddress.family);
  return a.heldFamilies === "both" || b.heldFamilies === "both" || a.heldFamilies === b.heldFamilies;
}

function covers(families: "both" | 4 | 6, family: 4 | 6): boolean {
  return families === "both" || families === family;
}
