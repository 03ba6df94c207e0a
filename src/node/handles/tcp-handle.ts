/**
 * The handle beneath `net.Socket` and `net.Server`: what Node's TCP class is, on a connection or a
 * listener of the stack instead of one of the kernel's. It answers as TCPWrap and libuv do, in return values,
 * in the order of events and in the turns of the event loop; of that Node's own `net` makes its events and
 * errors. Reading and writing are its stream half's (stream-handle).
 */
import { seconds } from "../../base/time.ts";
import type { IpFamily } from "../../wire/address.ts";
import { type ToldAddress, tellAddress } from "./addresses.ts";
import type { Request } from "./bindings.ts";
import { uvCode } from "./error-codes.ts";
import type { HandleContext } from "./handle-context.ts";
import { Hold } from "./lifetime.ts";
import { type PendingRequest, scriptRequest } from "./requests.ts";
import { StreamHandle } from "./stream-handle.ts";
import { openConnection } from "./tcp-connecting.ts";
import { LocalEnd } from "./tcp-local-end.ts";

import { UnsupportedError } from "./unsupported.ts";

/** libuv's TCP_KEEPINTVL and TCP_KEEPCNT. */
const KEEPALIVE_INTERVAL = seconds(1);
const KEEPALIVE_PROBES = 10;

const SOCKET = 0;

export abstract class TcpHandle extends StreamHandle {
  // As Node's own has it.
  onconnection: unknown = null;

  readonly #local: LocalEnd;
  readonly #activity: Hold;
  #connecting: PendingRequest | undefined = undefined;
  #isReferenced = true;
  #acceptIsDue = false;

  constructor(context: HandleContext) {
    super(context);
    this.#local = new LocalEnd(context);
    this.#activity = new Hold(context.lifetime);
  }

  // --- addresses

  bind(address: unknown, port: unknown): number {
    return this.isClosing() ? uvCode("EBADF") : this.#local.bind(4, String(address), Number(port), 0);
  }

  bind6(address: unknown, port: unknown, flags: unknown): number {
    return this.isClosing()
      ? uvCode("EBADF")
      : this.#local.bind(6, String(address), Number(port), Number(flags));
  }

  getsockname(out: ToldAddress): number {
    const { family, address, heldPort } = this.#local;
    if (this.isClosing() || family === undefined) return uvCode("EBADF");
    const connection = this.flow?.connection;
    tellAddress(out, family, connection?.local ?? address, connection?.localPort ?? heldPort);
    return 0;
  }

  getpeername(out: ToldAddress): number {
    const { family } = this.#local;
    if (this.isClosing() || family === undefined) return uvCode("EBADF");
    const connection = this.flow?.connection;
    if (connection === undefined || connection.isOver || connection.state === "SYN-SENT")
      return uvCode("ENOTCONN");
    tellAddress(out, family, connection.remote, connection.remotePort);
    return 0;
  }

  // --- listening

  listen(backlog: unknown): number {
    if (this.isClosing()) return uvCode("EBADF");
    if (this.flow !== undefined) return uvCode("EINVAL");
    const status = this.#local.listen(Number(backlog) | 0);
    const { listener } = this.#local;
    if (listener !== undefined) listener.observer = { acceptable: () => this.#acceptLater() };
    this.weighActivity();
    return status;
  }

  #acceptLater(): void {
    if (this.#acceptIsDue) return;
    this.#acceptIsDue = true;
    this.context.turns.arrived(this.#accept);
  }

  /** One connection a turn, as long as the program has not closed the handle. */
  readonly #accept = (): void => {
    this.#acceptIsDue = false;
    const { listener, family } = this.#local;
    const connection = this.isClosing() ? undefined : listener?.accept();
    if (connection === undefined) return;
    if (listener !== undefined && listener.waiting > 0) this.#acceptLater();
    const client = this.#sibling();
    client.#local.family = family;
    client.use(connection);
    this.inOwnContext(() => {
      if (typeof this.onconnection === "function") this.onconnection(0, client);
    });
  };

  /** Another handle of the same host. */
  #sibling(): TcpHandle {
    return Reflect.construct(this.constructor, [SOCKET]) as TcpHandle;
  }

  // --- connecting

  connect(request: Request, address: unknown, port: unknown): number {
    return this.#connect(4, request, address, port);
  }

  connect6(request: Request, address: unknown, port: unknown): number {
    return this.#connect(6, request, address, port);
  }

  #connect(family: IpFamily, request: Request, address: unknown, port: unknown): number {
    if (this.isClosing()) return uvCode("EBADF");
    if (this.#connecting !== undefined) return uvCode("EALREADY");
    if (this.flow !== undefined) return uvCode("EISCONN");
    const { lifetime, turns } = this.context;
    const { delayedError } = this.#local;
    if (delayedError !== undefined) {
      turns.later(() => this.opened(uvCode(delayedError)));
    } else {
      const opened = openConnection(this.context, this.#local, family, String(address), Number(port));
      if (typeof opened === "number") return opened;
      this.use(opened);
    }
    this.#connecting = scriptRequest(lifetime, "TCPCONNECTWRAP", request, this, request);
    return 0;
  }

  protected override opened(status: number): void {
    const connecting = this.#connecting;
    this.#connecting = undefined;
    const isOpen = status === 0;
    connecting?.complete(status, isOpen, isOpen);
  }

  // --- ending

  close(closed?: unknown): void {
    if (this.isClosing()) return;
    this.flow?.close();
    this.#leave(closed);
  }

  reset(closed?: unknown): number {
    if (this.isClosing()) return 0;
    if (this.flow?.isShutting === true) return uvCode("EINVAL");
    this.flow?.reset();
    this.#leave(closed);
    return 0;
  }

  #leave(closed: unknown): void {
    this.beginClosing();
    this.#local.close();
    this.weighActivity();
    this.context.closing(() => {
      this.opened(uvCode("ECANCELED"));
      this.flow?.cancel();
      if (typeof closed === "function") closed.call(this);
    });
  }

  // --- options

  setNoDelay(on: unknown): number {
    this.flow?.connection.setNoDelay(on === true);
    return this.flow === undefined ? uvCode("EBADF") : 0;
  }

  /** @param idle in seconds */
  setKeepAlive(on: unknown, idle: unknown): number {
    const connection = this.flow?.connection;
    if (connection === undefined) return uvCode("EBADF");
    const isOn = Boolean(on);
    const time = Number(idle);
    connection.keepalive.interval = KEEPALIVE_INTERVAL;
    connection.keepalive.limit = KEEPALIVE_PROBES;
    connection.setKeepalive(isOn);
    if (isOn && time > 0) connection.setKeepalive(isOn, seconds(time));
    return 0;
  }

  setBlocking(): number {
    return 0;
  }

  open(fd: unknown): never {
    throw new UnsupportedError(`To take over descriptor ${fd}`, "its socket is the kernel's");
  }

  // --- the process's life

  ref(): void {
    this.#isReferenced = true;
    this.weighActivity();
  }

  unref(): void {
    this.#isReferenced = false;
    this.weighActivity();
  }

  hasRef(): boolean {
    return this.#isReferenced && !this.isClosing();
  }

  protected override weighActivity(): void {
    const isActive = this.#local.isListening || this.flow?.reading.isActive === true;
    this.#activity.set(isActive && this.#isReferenced && !this.isClosing());
  }
}

/** What Node makes handles of: `new TCP(type)`. */
export type TcpClass = new (type: number) => TcpHandle;

/** The class of a host's handles. */
export function tcpClass(context: HandleContext): TcpClass {
  return class TCP extends TcpHandle {
    constructor(_type: number) {
      super(context);
    }
  };
}
