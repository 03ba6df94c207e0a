/** A TCP socket's own address and port: bound by the user, drawn for him, or a connection's. */
import type { TcpConnection } from "../../tcp/tcp-connection.ts";
import { ANY_V4, ANY_V6, type IpAddress } from "../../wire/address.ts";
import { bindableEndpoint, type Endpoint, type GivenAddress } from "./addresses.ts";
import { AF_INET, SOL_IP, SOL_IPV6, SOL_SOCKET } from "./constants.ts";
import type { Errno } from "./errno.ts";
import { bindsFreely } from "./ip-options.ts";
import * as name from "./option-names.ts";
import type { PortHolder } from "./tcp-ports.ts";
import type { TcpSocket } from "./tcp-socket.ts";

export class TcpBinding implements PortHolder {
  readonly #socket: TcpSocket;
  #address: IpAddress | undefined = undefined;
  #port = 0;
  /** What getsockname tells: what was given up is still told. */
  #told: Partial<Endpoint> = {};
  #families: "both" | 4 | 6 = "both";
  /** A connection drew the port: other connections, to others, may draw it too. */
  isDrawn = false;
  /** The user named the port, or the address: a disconnect leaves it. */
  #portIsFixed = false;
  #addressIsFixed = false;

  constructor(socket: TcpSocket) {
    this.#socket = socket;
  }

  // --- what the port table looks at

  /** A connection has one address, whatever was bound. */
  get heldAddress(): IpAddress | undefined {
    const { connection } = this;
    const lives = connection !== undefined && (this.isReleased || !connection.isOver);
    return lives ? connection.local : this.#specific(this.#address);
  }

  get heldFamilies(): "both" | 4 | 6 {
    return this.#families;
  }

  get heldPort(): number {
    return this.#port;
  }

  get reusesAddress(): boolean {
    return this.#socket.options.isSet(SOL_SOCKET, name.SO_REUSEADDR);
  }

  get reusesPort(): boolean {
    return this.#socket.options.isSet(SOL_SOCKET, name.SO_REUSEPORT);
  }

  get isListening(): boolean {
    return this.#socket.isListening;
  }

  get connection(): TcpConnection | undefined {
    return this.#socket.connection;
  }

  get isReleased(): boolean {
    return this.#socket.isReleased;
  }

  // --- what the socket does

  get endpoint(): Partial<Endpoint> {
    return this.#told;
  }

  /** What a connection shall come from; undefined: the route says. */
  get source(): IpAddress | undefined {
    return this.#specific(this.#address);
  }

  get isV6Only(): boolean {
    return this.#socket.options.isSet(SOL_IPV6, name.IPV6_V6ONLY);
  }

  /** Linux's inet_bind, in its order. */
  bind(given: GivenAddress): Errno | undefined {
    const endpoint = bindableEndpoint(this.#socket.inetDomain, given, this.isV6Only);
    if (typeof endpoint === "string") return endpoint;
    const { address, port } = endpoint;
    const { host } = this.#socket.context;
    const isOurs = address.isUnspecified || host.tcp.context.isLocal(address);
    if (!isOurs && !bindsFreely(this.#socket)) return "EADDRNOTAVAIL";
    if (this.#socket.state !== "CLOSED" || this.#port !== 0) return "EINVAL";
    this.#families = this.#familiesOf(address);
    if (port === 0 && this.#socket.options.isSet(SOL_IP, name.IP_BIND_ADDRESS_NO_PORT))
      this.#address = address;
    else if (!this.#take(address, port)) return "EADDRINUSE";
    this.#portIsFixed = port !== 0;
    this.#addressIsFixed = !address.isUnspecified;
    return undefined;
  }

  /** Draws a port for a socket that listens without having been bound. */
  autobind(): boolean {
    if (this.#port !== 0) return true;
    const address = this.#address ?? (this.#socket.domain === AF_INET ? ANY_V4 : ANY_V6);
    this.#families = this.#familiesOf(address);
    return this.#take(address, 0);
  }

  /** The socket has this address and port from now on. */
  hold(address: IpAddress, port: number, isDrawn = false): void {
    const { tcpPorts } = this.#socket.context;
    tcpPorts.remove(this);
    this.#address = address;
    this.#port = port;
    this.isDrawn = isDrawn;
    this.#told = { address, port };
    tcpPorts.add(this);
  }

  /**
   * The connection is over. A port that was drawn for it is the socket's no more, but TIME-WAIT's as long as
   * that lasts.
   */
  over(connection: TcpConnection): void {
    this.#told = { address: connection.local, port: connection.localPort };
    if (this.#portIsFixed || this.#port === 0) return;
    const { heldFamilies, heldPort, reusesAddress, reusesPort, isDrawn } = this;
    const heldAddress = connection.local;
    const claim = { heldAddress, heldFamilies, heldPort, reusesAddress, reusesPort };
    const rest = { ...claim, isListening: false, isDrawn };
    this.letGo();
    if (connection.state === "TIME-WAIT")
      this.#socket.context.tcpPorts.add({ ...rest, connection, isReleased: true });
  }

  /** The connection is dissolved: what the user did not name is free again. */
  dissolved(): void {
    if (!this.#portIsFixed) this.letGo();
    if (this.#addressIsFixed) return;
    this.#address = undefined;
    this.#told = this.#told.port === undefined ? {} : { port: this.#told.port };
  }

  letGo(): void {
    this.#socket.context.tcpPorts.remove(this);
    this.#port = 0;
  }

  #take(address: IpAddress, port: number): boolean {
    const { tcpPorts } = this.#socket.context;
    const { reusesAddress, reusesPort, heldFamilies } = this;
    const claim = { heldAddress: this.#specific(address), heldFamilies, reusesAddress, reusesPort };
    const heldPort = port === 0 ? tcpPorts.choose(this, claim) : port;
    if (heldPort === undefined || tcpPorts.conflicts(this, { ...claim, heldPort })) return false;
    this.hold(address, heldPort);
    return true;
  }

  #familiesOf(address: IpAddress): "both" | 4 | 6 {
    if (address.family === 4) return 4;
    return this.isV6Only || !address.isUnspecified ? 6 : "both";
  }

  #specific(address: IpAddress | undefined): IpAddress | undefined {
    return address?.isUnspecified === true ? undefined : address;
  }
}
