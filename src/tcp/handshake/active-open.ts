/**
 * The active OPEN: RFC 9293 §3.10.1. Where the connection leads, from which address and port, and what its
 * SYN says: the first number, our offer, and with Fast Open (RFC 7413) a cookie and text. The pump sends it.
 */
import { type ErrorCode, NetError } from "../../base/errors.ts";
import type { Seq } from "../../base/seq.ts";
import type { IpAddress } from "../../wire/address.ts";
import type { TimeWaits } from "../closing/time-waits.ts";
import type { ConnectionOwner } from "../connection-owner.ts";
import type { Records, TcpRecord } from "../records.ts";
import { effectiveMss } from "../segment-sizes.ts";
import { changedConfig, type TcpConfig } from "../tcp-config.ts";
import { TcpConnection } from "../tcp-connection.ts";
import type { NetPath } from "../tcp-context.ts";
import type { FourTuple } from "../tcp-probe.ts";
import { FastOpenAttempt, planSyn, synRoom } from "./fast-open/client-attempt.ts";
import { FAST_OPEN } from "./fast-open/modes.ts";
import { isPort, type LocalPorts, type PortWish } from "./local-ports.ts";
import { ourOffer } from "./negotiate.ts";

export interface ConnectOptions extends PortWish {
  readonly remote: IpAddress;
  /** Undefined: chosen by the route. */
  readonly local?: IpAddress | undefined;
  /** Differences from the host's configuration for this connection. */
  readonly config?: Partial<TcpConfig> | undefined;
  /**
   * Fast Open (RFC 7413): what is given to `send` at once, before the host's next event, goes out with the
   * SYN, as far as `connection.fastOpen.room` reaches; the rest follows. Without a cookie of the server's
   * the SYN asks for one and carries no text. "on-first-text": with a cookie, the SYN waits for `send`.
   *
   * The text of a SYN may be delivered twice (§2.1), so it has to be something that may be done twice.
   */
  readonly fastOpen?: "at-once" | "on-first-text" | undefined;
}

/** What an active open needs of the host's TCP, besides what its connection does. */
export interface OpeningOwner extends ConnectionOwner {
  isnFor(tuple: FourTuple): Seq;
  timestampOffsetFor(path: NetPath): number;
  opened(connection: TcpConnection): void;
}

const OPEN_OF_LISTENER = "active OPEN of a listening socket, SYN sent";

export class ActiveOpens {
  readonly #owner: OpeningOwner;
  readonly #records: Records;
  readonly #timeWait: TimeWaits;
  readonly #ports: LocalPorts;

  constructor(owner: OpeningOwner, records: Records, timeWait: TimeWaits, ports: LocalPorts) {
    this.#owner = owner;
    this.#records = records;
    this.#timeWait = timeWait;
    this.#ports = ports;
  }

  /**
   * From an address that is given or asked of IP (MUST-43, MUST-44, MUST-46). Throws a `NetError`:
   * EADDRNOTAVAIL, EADDRINUSE, ENETUNREACH, EHOSTUNREACH.
   *
   * @param from LISTEN when a listening socket becomes a connecting one
   */
  open(options: ConnectOptions, from: "CLOSED" | "LISTEN"): TcpConnection {
    const { remote, remotePort } = options;
    const path = this.#wayTo(options);
    const localPort = this.#ports.forConnection(path, options);
    if (localPort === undefined) throw failure(options.localPort ? "EADDRINUSE" : "EADDRNOTAVAIL", options);
    const before = this.#records.lookup(path.local, localPort, remote, remotePort);
    const c = this.#connection(options, path, localPort, before);
    if (options.fastOpen !== undefined) planFastOpen(c, options.fastOpen);
    if (before?.kind === "time-wait") this.#timeWait.replace(before, c);
    const { counters, probe } = this.#owner.context;
    c.tcb.state = from;
    probe?.opened?.(c);
    c.moveTo("SYN-SENT", from === "CLOSED" ? "active OPEN, SYN sent" : OPEN_OF_LISTENER);
    counters.activeOpens++;
    this.#owner.opened(c);
    return c;
  }

  #wayTo(options: ConnectOptions): NetPath {
    const { remote, remotePort, local, localPort } = options;
    const { context } = this.#owner;
    if (!isPort(remotePort) || !isPort(localPort ?? 0)) throw failure("EADDRNOTAVAIL", options);
    if (remote.isMulticast || remote.isLimitedBroadcast || remote.isUnspecified)
      throw failure("ENETUNREACH", options);
    if (local !== undefined && !context.isLocal(local)) throw failure("EADDRNOTAVAIL", options);
    const path = context.pathTo(remote, local);
    if (typeof path === "string") throw failure(path, options);
    return path;
  }

  /** @param before who has the four-tuple until now: a TIME-WAIT record, beyond whose numbers ours begin */
  #connection(
    { remote, remotePort, config: changes }: ConnectOptions,
    path: NetPath,
    localPort: number,
    before: TcpRecord | undefined,
  ): TcpConnection {
    const owner = this.#owner;
    const config = changedConfig(owner.context.config, changes);
    const tuple = { local: path.local, localPort, remote, remotePort };
    const offer = ourOffer(config, path.linkMtu, path.headerSize, path.advertisedMss);
    const isSigned = config.signatures?.keyFor(remote) !== undefined;
    return new TcpConnection(owner, config, {
      path,
      localPort,
      remotePort,
      iss: before?.kind === "time-wait" ? before.nextIss : owner.isnFor(tuple),
      // RFC 2385: a SYN with a signature has no room for timestamps.
      ours: isSigned ? { ...offer, timestamps: false } : offer,
      timestampOffset: owner.timestampOffsetFor(path),
    });
  }
}

/** RFC 7413 §4.2.2: what the SYN shows, and how much it may carry. */
function planFastOpen(c: TcpConnection, when: NonNullable<ConnectOptions["fastOpen"]>): void {
  const { fastOpen: modes, fastOpenBlackholeTimeout: pause } = c.config;
  if ((modes & FAST_OPEN.client) === 0) return;
  const { cookies, blackhole } = c.owner.fastOpen;
  const server = cookies.lookup(c.local, c.remote);
  const isPaused = blackhole.isPaused(c.now, pause);
  const plan = planSyn(server, (modes & FAST_OPEN.clientWithoutCookie) !== 0, isPaused);
  const room = synRoom(effectiveMss(c), c.ours.mss, server?.mss ?? 0);
  c.fastOpen = new FastOpenAttempt(plan, room, blackhole.isSuspicious && !isPaused);
  c.fastOpen.isDeferred = when === "on-first-text" && plan.mayCarryText;
}

function failure(code: ErrorCode, { remote, remotePort: port }: ConnectOptions): NetError {
  return new NetError(code, { syscall: "connect", address: remote.toString(), port });
}
