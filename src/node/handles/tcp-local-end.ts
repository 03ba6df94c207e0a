/**
 * A TCP handle's own address and port before it has a connection: libuv's uv_tcp_bind and uv_tcp_listen, over
 * what Linux's bind and listen do. libuv always asks for SO_REUSEADDR, and tells of a port that is taken only
 * when somebody listens or connects.
 */
import type { ErrorCode } from "../../base/errors.ts";
import type { PortHolder } from "../../socket/posix/tcp-ports.ts";
import type { Listener } from "../../tcp/tcp.ts";
import { ANY_V4, ANY_V6, type IpAddress, type IpFamily } from "../../wire/address.ts";
import { parseAddress } from "./addresses.ts";
import { codeOf, uvCode } from "./error-codes.ts";
import type { HandleContext } from "./handle-context.ts";

const UV_TCP_IPV6ONLY = 1;
/** Ports that are drawn before the program hears that there is none. */
const DRAWS = 16;

export class LocalEnd implements PortHolder {
  readonly #context: HandleContext;
  /** Of the socket, once it has one. */
  family: IpFamily | undefined = undefined;
  listener: Listener | undefined = undefined;
  /** What `bind` did not tell. */
  delayedError: ErrorCode | undefined = undefined;
  heldAddress: IpAddress | undefined = undefined;
  heldFamilies: "both" | 4 | 6 = "both";
  heldPort = 0;
  isReleased = false;
  /** The program has left it to us which one. */
  #portIsDrawn = false;

  // What the port table asks besides: as libuv's sockets are.
  readonly reusesAddress = true;
  readonly reusesPort = false;
  readonly isDrawn = false;
  readonly connection = undefined;

  constructor(context: HandleContext) {
    this.#context = context;
  }

  get isListening(): boolean {
    return this.listener !== undefined;
  }

  get isV6Only(): boolean {
    return this.heldPort !== 0 && this.heldAddress === undefined && this.heldFamilies === 6;
  }

  /** The address that getsockname tells. */
  get address(): IpAddress {
    return this.heldAddress ?? (this.family === 4 ? ANY_V4 : ANY_V6);
  }

  /** Answers 0 or libuv's number. */
  bind(family: IpFamily, text: string, port: number, flags: number): number {
    const address = parseAddress(family, text)?.address;
    if (address === undefined || this.family !== undefined) return uvCode("EINVAL");
    const isAny = address.isUnspecified;
    if (!isAny && !this.#context.host.tcp.context.isLocal(address)) return uvCode("EADDRNOTAVAIL");
    this.family = family;
    this.heldAddress = isAny ? undefined : address;
    this.heldFamilies = isAny && family === 6 && (flags & UV_TCP_IPV6ONLY) === 0 ? "both" : family;
    this.#portIsDrawn = (port & 0xffff) === 0;
    if (!this.#take(port & 0xffff)) this.delayedError = "EADDRINUSE";
    return 0;
  }

  /** Answers 0 or libuv's number. */
  listen(backlog: number): number {
    if (this.delayedError !== undefined) return uvCode(this.delayedError);
    if (this.listener !== undefined) {
      this.listener.backlog = backlog;
      return 0;
    }
    if (this.family === undefined) this.bind(4, "0.0.0.0", 0, 0);
    let status = this.#open(backlog);
    for (let draws = this.#portIsDrawn ? DRAWS : 0; status === uvCode("EADDRINUSE") && draws > 0; draws--) {
      this.#context.tcpPorts.remove(this);
      status = this.#take(0) ? this.#open(backlog) : uvCode("EADDRINUSE");
    }
    return status;
  }

  /** Nobody listens where what lies around the host has no such port to give. */
  #open(backlog: number): number {
    const { host, tcpPorts, surroundings } = this.#context;
    if (this.heldPort === 0 || tcpPorts.conflicts(this, this, true)) return uvCode("EADDRINUSE");
    const { heldAddress: address, heldFamilies: families, heldPort: port } = this;
    const isOpenedUp = address !== undefined && surroundings?.opensUp(address) === true;
    try {
      const refused = surroundings?.opened("tcp", port);
      if (refused !== undefined) return uvCode(refused);
      this.listener = host.tcp.listen({ address: isOpenedUp ? undefined : address, families, port, backlog });
      return 0;
    } catch (error) {
      surroundings?.closed("tcp", port);
      return codeOf(error);
    }
  }

  close(): void {
    this.isReleased = true;
    if (this.listener !== undefined) {
      this.#context.host.tcp.closeListener(this.listener);
      this.#context.surroundings?.closed("tcp", this.heldPort);
    }
    this.#context.tcpPorts.remove(this);
  }

  #take(wanted: number): boolean {
    const { tcpPorts } = this.#context;
    const port = wanted === 0 ? tcpPorts.choose(this, this) : wanted;
    if (port === undefined) return false;
    const { heldAddress, heldFamilies, reusesAddress, reusesPort } = this;
    const claim = { heldAddress, heldFamilies, reusesAddress, reusesPort, heldPort: port };
    if (tcpPorts.conflicts(this, claim)) return false;
    this.heldPort = port;
    tcpPorts.add(this);
    return true;
  }
}
