/**
 * The passive OPEN: RFC 9293 §3.10.1, and how a listener ends: by CLOSE (§3.10.4), or as the socket of a
 * connection. Nothing else of its port is touched (MUST-41, MUST-42).
 */
import { NetError } from "../../base/errors.ts";
import type { Duration } from "../../base/time.ts";
import type { IpAddress } from "../../wire/address.ts";
import { NO_REMOTE } from "../demux.ts";
import type { StateCause, TcpState } from "../states.ts";
import type { TcpConfig } from "../tcp-config.ts";
import type { TcpContext } from "../tcp-context.ts";
import { timeoutsFor } from "./defer-accept.ts";
import { FAST_OPEN } from "./fast-open/modes.ts";
import { Listener } from "./listener.ts";
import type { Listeners } from "./listeners.ts";
import { isPort, type LocalPorts } from "./local-ports.ts";
import type { Unaccepted } from "./unaccepted.ts";

export interface ListenOptions {
  /** Undefined: every address of the host. */
  readonly address?: IpAddress | undefined;
  /** Without an address: which families; both if not said. */
  readonly families?: "both" | 4 | 6 | undefined;
  /** 0: an ephemeral one. */
  readonly port: number;
  /** So many connections wait to be accepted, and so many half-open ones; one more each. */
  readonly backlog?: number | undefined;
  /**
   * SO_REUSEPORT: several listeners, all with this, share an address and a port. New connections are spread
   * over them by their four-tuple.
   */
  readonly reusePort?: boolean | undefined;
  /** TCP_DEFER_ACCEPT: wait so long for the first text before a connection may be accepted. */
  readonly deferAccept?: Duration | undefined;
  /**
   * Fast Open (RFC 7413): so many connections may be used before their handshake is complete. 0 or not
   * given: none, unless the configuration says that every listener has it.
   *
   * What a SYN carried may come again when its connection has long ended (§2.1): a server whose requests
   * must not be done twice has to recognise them itself.
   */
  readonly fastOpen?: number | undefined;
  /** Differences from the host's configuration for the connections. */
  readonly config?: Partial<TcpConfig> | undefined;
}

const DEFAULT_BACKLOG = 511;

export class PassiveOpens {
  readonly #context: TcpContext;
  readonly #listeners: Listeners;
  readonly #ports: LocalPorts;
  readonly #unaccepted: Unaccepted;

  constructor(context: TcpContext, listeners: Listeners, ports: LocalPorts, unaccepted: Unaccepted) {
    this.#context = context;
    this.#listeners = listeners;
    this.#ports = ports;
    this.#unaccepted = unaccepted;
  }

  /** Throws a `NetError`: EADDRINUSE, EADDRNOTAVAIL, EINVAL. */
  listen(options: ListenOptions): Listener {
    const { address, port, reusePort = false } = options;
    const { config, random } = this.#context;
    const details = { syscall: "listen", address: (address ?? "::").toString(), port };
    if (!isPort(port)) throw new NetError("EADDRNOTAVAIL", details);
    if ([options.backlog, options.fastOpen, options.deferAccept].some(Number.isNaN))
      throw new NetError("EINVAL", details);
    if (address !== undefined && !this.#context.isLocal(address))
      throw new NetError("EADDRNOTAVAIL", details);
    const families = address?.family ?? options.families ?? "both";
    const chosen = this.#ports.forListener({ address, port, families, reusePort });
    if (chosen === undefined) throw new NetError("EADDRINUSE", details);
    const backlog = Math.max(0, Math.min(options.backlog ?? DEFAULT_BACKLOG, config.acceptBacklogLimit));
    const share = reusePort ? random.uint32() : 0;
    const claim = { address, port: chosen, families, reusePort };
    const listener = new Listener(claim, { backlog, share }, config, options.config);
    listener.deferAccept = timeoutsFor((options.deferAccept ?? 0) / 1e6);
    const fastOpen = options.fastOpen ?? (admitsAll(config) ? backlog : 0);
    if (fastOpen > 0) listener.allowFastOpen(Math.min(fastOpen, config.acceptBacklogLimit));
    this.#listeners.join(listener);
    this.#moved(listener, "CLOSED", "LISTEN", "passive OPEN");
    return listener;
  }

  /** What nobody has accepted ends with it, or goes to others who share its port (`migrateOnClose`). */
  close(listener: Listener): void {
    if (listener.isClosed) return;
    this.#listeners.remove(listener);
    if (this.#context.config.migrateOnClose) this.#unaccepted.migrate(listener);
    this.#end(listener);
    this.#moved(listener, "LISTEN", "CLOSED", "CLOSE");
  }

  /**
   * §3.10.1, LISTEN: the listener's socket becomes that of the connection that `open` makes. Throws as `open`
   * does, and then it listens as before.
   */
  giveWayTo<T>(listener: Listener, open: () => T): T {
    // The port is the socket's own: it must not stand in its own way.
    this.#listeners.remove(listener);
    try {
      const connection = open();
      this.#end(listener);
      return connection;
    } catch (error) {
      this.#listeners.join(listener);
      throw error;
    }
  }

  #end(listener: Listener): void {
    listener.isClosed = true;
    this.#unaccepted.end(listener);
  }

  #moved(listener: Listener, from: TcpState, to: TcpState, cause: StateCause): void {
    const local = listener.address ?? NO_REMOTE.remote;
    const tuple = { local, localPort: listener.port, ...NO_REMOTE };
    this.#context.probe?.stateChanged?.(tuple, from, to, cause);
  }
}

/** Linux's TFO_SERVER_WO_SOCKOPT1. */
function admitsAll({ fastOpen }: TcpConfig): boolean {
  return (fastOpen & FAST_OPEN.server) !== 0 && (fastOpen & FAST_OPEN.everyListener) !== 0;
}
