/**
 * Which local port an OPEN gets: the one it asks for, if that is free, or an ephemeral one. A connection may
 * have any port that makes its four-tuple unique; or one whose TIME-WAIT record lets go of it (RFC 6191).
 */
import type { TimeWaits } from "../closing/time-waits.ts";
import type { Records } from "../records.ts";
import type { NetPath, TcpContext } from "../tcp-context.ts";
import { EphemeralPorts } from "./ephemeral-port.ts";
import type { TupleHash } from "./isn.ts";
import type { PortClaim } from "./listener.ts";
import type { Listeners } from "./listeners.ts";

/** What an active open says of its ports. */
export interface PortWish {
  readonly remotePort: number;
  /** Undefined or 0: an ephemeral one. */
  readonly localPort?: number | undefined;
  /** SO_REUSEPORT: the local port may be one that listeners with this share. */
  readonly reusePort?: boolean | undefined;
}

/** Who may have a port already. */
interface Holders {
  readonly records: Pick<Records, "lookup">;
  readonly listeners: Pick<Listeners, "conflicts" | "covers">;
  readonly timeWait: Pick<TimeWaits, "mayReplace">;
}

export class LocalPorts {
  readonly #random: TcpContext["random"];
  readonly #holders: Holders;
  readonly #hash: Pick<TupleHash, "portOffset">;
  readonly #ephemeral: EphemeralPorts;

  constructor(
    { config, random }: Pick<TcpContext, "config" | "random">,
    holders: Holders,
    hash: Pick<TupleHash, "portOffset">,
  ) {
    this.#random = random;
    this.#holders = holders;
    this.#hash = hash;
    this.#ephemeral = new EphemeralPorts(config.firstEphemeralPort, config.lastEphemeralPort);
  }

  /** For a connection; undefined: the port is taken, or there is none left. */
  forConnection(path: Pick<NetPath, "local" | "remote">, wish: PortWish): number | undefined {
    const { local, remote } = path;
    const { remotePort, localPort: wanted = 0, reusePort = false } = wish;
    const { records, listeners, timeWait } = this.#holders;
    const isFree = (port: number): boolean => {
      const record = records.lookup(local, port, remote, remotePort);
      if (record === undefined) return true;
      return record.kind === "time-wait" && timeWait.mayReplace(record, wanted !== 0);
    };
    if (wanted !== 0) {
      const claim = { address: local, port: wanted, families: local.family, reusePort };
      return isFree(wanted) && !listeners.conflicts(claim) ? wanted : undefined;
    }
    const offset = this.#hash.portOffset(local, remote, remotePort);
    return this.#ephemeral.choose(offset, port => isFree(port) && !listeners.covers(local, port));
  }

  /** For a listener, whose claim may leave the port to us: 0. A port that is drawn is not shared. */
  forListener(claim: PortClaim): number | undefined {
    const { listeners } = this.#holders;
    if (claim.port !== 0) return listeners.conflicts(claim) ? undefined : claim.port;
    return this.#ephemeral.choose(
      this.#random.uint32(),
      port => !listeners.conflicts({ ...claim, port, reusePort: false }),
    );
  }
}

export function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 0 && port <= 0xffff;
}
