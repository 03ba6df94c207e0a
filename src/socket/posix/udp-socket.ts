/**
 * A UDP socket: Linux's net/ipv4/udp.c as far as a user sees it. Its endpoint is made when the socket needs
 * one, as what it shares with others (SO_REUSEADDR, SO_REUSEPORT, IPV6_V6ONLY) has to be known by then.
 */
import type { Datagram } from "../../udp/receive-queue.ts";
import type { UdpEndpoint } from "../../udp/udp-endpoint.ts";
import type { IpAddress } from "../../wire/address.ts";
import {
  bindableEndpoint,
  type Endpoint,
  endpointIn,
  type GivenAddress,
  reachable,
  readEndpoint,
  sockaddr,
} from "./addresses.ts";
import {
  AF_INET,
  AF_UNSPEC,
  FIONREAD,
  IPPROTO_UDP,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLPRI,
  POLLRDHUP,
  POLLRDNORM,
  POLLWRBAND,
  POLLWRNORM,
  RCV_SHUTDOWN,
  SHUTDOWN_MASK,
  SOCK_DGRAM,
  SOL_IP,
  SOL_IPV6,
  SOL_SOCKET,
  SOL_UDP,
  TIOCOUTQ,
  WAKE_ALL,
  WAKE_ERROR,
  WAKE_READABLE,
} from "./constants.ts";
import type { Errno } from "./errno.ts";
import { icmpOrigin } from "./error-queue.ts";
import type { IntReference } from "./file.ts";
import * as name from "./option-names.ts";
import type { PosixContext } from "./posix-context.ts";
import { type IncomingMessage, type OutgoingMessage, SocketFile, type TakeSocket } from "./socket-file.ts";
import { fail, OK, outcomeOf, type SysOutcome, type SysResult } from "./sys-result.ts";
import { applyTo } from "./udp-knobs.ts";
import { receiveFromUdp } from "./udp-receive.ts";
import { CorkedDatagram, flush, sendToUdp } from "./udp-send.ts";

/** Linux's net.core.wmem_default and rmem_default. */
const DEFAULT_BUFFER = 212_992;

export class UdpSocket extends SocketFile {
  readonly corked = new CorkedDatagram();
  #endpoint: UdpEndpoint | undefined = undefined;
  /** Datagrams that were looked at, but not taken, or that have outlived their endpoint. */
  readonly #held: Datagram[] = [];
  /**
   * What the user bound: an address that he did not name, and a port that was drawn, go with the association.
   */
  #address: IpAddress | undefined = undefined;
  #portIsFixed = false;

  constructor(context: PosixContext, domain: number) {
    super(context, domain, SOCK_DGRAM, IPPROTO_UDP);
  }

  override get isBound(): boolean {
    return (this.#endpoint?.localPort ?? 0) !== 0;
  }

  get isConnected(): boolean {
    return this.#endpoint?.remoteAddress !== undefined;
  }

  /** Where it is connected to. */
  get peer(): Endpoint | undefined {
    const { remoteAddress: address, remotePort: port } = this.#endpoint ?? {};
    return address === undefined || port === undefined ? undefined : { address, port };
  }

  /** Made when it is first asked for. */
  get endpoint(): UdpEndpoint {
    this.#endpoint ??= this.#open();
    return this.#endpoint;
  }

  get droppedDatagrams(): number {
    return this.#endpoint?.counters.bufferFull ?? 0;
  }

  override poll(): number {
    const { shutdownMask: shut } = this;
    let mask = POLLOUT | POLLWRNORM | POLLWRBAND;
    if (this.pendingError !== undefined || this.errors.length > 0) mask |= POLLERR | this.#errorPriority;
    if ((shut & RCV_SHUTDOWN) !== 0) mask |= POLLIN | POLLRDNORM | POLLRDHUP;
    if (shut === SHUTDOWN_MASK) mask |= POLLHUP;
    if (this.next !== undefined) mask |= POLLIN | POLLRDNORM;
    return mask;
  }

  /** The datagram that comes next, left where it is. */
  get next(): Datagram | undefined {
    if (this.#held.length === 0) this.#hold(this.#endpoint?.receive());
    return this.#held[0];
  }

  take(): Datagram | undefined {
    const datagram = this.next;
    this.#held.shift();
    return datagram;
  }

  /** Draws a port if there is none: every send and every connect does. */
  autobind(): Errno | undefined {
    return this.isBound ? undefined : this.endpoint.bind(this.#address, 0);
  }

  override bind(given: GivenAddress): SysResult {
    const address = bindableEndpoint(this.inetDomain, given, this.#isV6Only);
    if (typeof address === "string") return fail(address);
    if (this.isBound) return fail("EINVAL");
    const { address: wanted, port } = address;
    const isWildcard = wanted.isUnspecified && (wanted.family === 6 || this.domain === AF_INET);
    const local = isWildcard ? undefined : wanted;
    const error = this.endpoint.bind(local, port);
    if (error === undefined) {
      this.#address = local;
      this.#portIsFixed = port !== 0;
    } else {
      this.#discardEndpoint();
    }
    return outcomeOf(error);
  }

  override connect(given: GivenAddress): SysResult {
    if (given.bytes.length < 2) return fail("EINVAL");
    if (given.family === AF_UNSPEC) {
      this.#disconnect();
      return OK;
    }
    const unbound = this.autobind();
    if (unbound !== undefined) return fail("EAGAIN");
    const to = this.destination(given, false);
    if (typeof to === "string") return fail(to);
    const peer = { address: reachable(to.address), port: to.port };
    const error = this.endpoint.connect(peer.address, peer.port);
    if (error === undefined) this.corked.redirect(peer);
    return outcomeOf(error);
  }

  override listen(_backlog: number): SysResult {
    return fail("EOPNOTSUPP");
  }

  override accept(_take: TakeSocket): SysResult {
    return fail("EOPNOTSUPP");
  }

  override send(message: OutgoingMessage, flags: number): SysOutcome {
    return sendToUdp(this, message, flags);
  }

  override receive(message: IncomingMessage, flags: number): SysOutcome {
    return receiveFromUdp(this, message, flags);
  }

  override shutdown(how: number): SysResult {
    if (how < 0 || how > 2) return fail("EINVAL");
    this.shutdownMask |= how + 1;
    this.waiters.wake(WAKE_ALL);
    return this.isConnected ? OK : fail("ENOTCONN");
  }

  override ioctl(request: number, argument: IntReference | null): SysResult {
    if (request !== FIONREAD && request !== TIOCOUTQ) return fail("ENOTTY");
    if (argument === null) return fail("EFAULT");
    argument.value = request === FIONREAD ? (this.next?.bytes.length ?? 0) : 0;
    return OK;
  }

  override localAddress(): Uint8Array {
    const { localAddress: address, localPort: port } = this.#endpoint ?? { localPort: 0 };
    return sockaddr(this.inetDomain, address === undefined ? { port } : { address, port });
  }

  override peerAddress(): Uint8Array | Errno {
    return this.peer === undefined ? "ENOTCONN" : sockaddr(this.inetDomain, this.peer);
  }

  protected override release(): SysResult {
    this.#endpoint?.close();
    return OK;
  }

  /** Where a datagram is to go; sendto takes an address without a family for IPv4, connect does not. */
  destination(given: GivenAddress, isForSend: boolean): Endpoint | Errno {
    const { family } = given;
    if (this.domain === AF_INET) {
      if (family === AF_UNSPEC && isForSend && given.bytes.length >= 16) return readEndpoint(given);
      return endpointIn(AF_INET, given);
    }
    // An IPv6 socket speaks IPv4 by IPv4's own addresses too.
    const to = family === AF_INET ? endpointIn(AF_INET, given) : endpointIn(this.inetDomain, given);
    if (typeof to === "string") return isForSend && to === "EAFNOSUPPORT" ? "EINVAL" : to;
    if (to.address.family === 4 && this.#isV6Only) return family === AF_INET ? "EAFNOSUPPORT" : "ENETUNREACH";
    return to;
  }

  override optionSet(level: number, option: number): void {
    if (level === SOL_UDP && option === name.UDP_CORK) this.#corkSet();
    if (this.#endpoint !== undefined) applyTo(this.#endpoint, this);
  }

  override changeMembership(group: IpAddress, interfaceIndex: number, join: boolean): Errno | undefined {
    const { endpoint } = this;
    return join ? endpoint.joinGroup(group, interfaceIndex) : endpoint.leaveGroup(group, interfaceIndex);
  }

  override get pathMtu(): number | undefined {
    const remote = this.#endpoint?.remoteAddress;
    if (remote === undefined) return undefined;
    const path = this.context.host.tcp.context.pathTo(remote, this.#endpoint?.localAddress);
    return typeof path === "string" ? undefined : path.mtu;
  }

  override get defaultSendBuffer(): number {
    return DEFAULT_BUFFER;
  }

  override get defaultReceiveBuffer(): number {
    return DEFAULT_BUFFER;
  }

  override get queuedToSend(): number {
    return this.corked.length;
  }

  override get queuedToReceive(): number {
    return this.next?.bytes.length ?? 0;
  }

  /** IP_RECVERR or IPV6_RECVERR: every ICMP error is told, and queued with what is known of it. */
  get hearsErrors(): boolean {
    return (
      this.options.isSet(SOL_IP, name.IP_RECVERR) ||
      (this.domain !== AF_INET && this.options.isSet(SOL_IPV6, name.IPV6_RECVERR))
    );
  }

  get #errorPriority(): number {
    return this.options.isSet(SOL_SOCKET, name.SO_SELECT_ERR_QUEUE) ? POLLPRI : 0;
  }

  get #isV6Only(): boolean {
    return this.options.isSet(SOL_IPV6, name.IPV6_V6ONLY);
  }

  #open(): UdpEndpoint {
    const endpoint = this.context.host.udp.open({
      family: this.domain === AF_INET ? 4 : 6,
      v6only: this.#isV6Only,
      reuseAddress: this.options.isSet(SOL_SOCKET, name.SO_REUSEADDR),
      reusePort: this.options.isSet(SOL_SOCKET, name.SO_REUSEPORT),
    });
    endpoint.onReadable = () => this.waiters.wake(WAKE_READABLE);
    endpoint.onError = () => this.#errorArrived(endpoint);
    applyTo(endpoint, this);
    return endpoint;
  }

  /** A port that was drawn is given up with the association, connected or not: Linux's __udp_disconnect. */
  #disconnect(): void {
    if (this.isConnected) this.endpoint.disconnect();
    if (!this.#portIsFixed) this.#discardEndpoint();
  }

  /** What has been received stays. */
  #discardEndpoint(): void {
    const endpoint = this.#endpoint;
    while (endpoint !== undefined && endpoint.readable > 0) this.#hold(endpoint.receive());
    endpoint?.close();
    this.#endpoint = undefined;
  }

  #hold(datagram: Datagram | undefined): void {
    if (datagram !== undefined) this.#held.push(datagram);
  }

  #corkSet(): void {
    if (!this.options.isSet(SOL_UDP, name.UDP_CORK)) flush(this);
  }

  #errorArrived(endpoint: UdpEndpoint): void {
    const pending = endpoint.takeError();
    if (pending !== undefined) this.pendingError = pending;
    for (let error = endpoint.receiveError(); error !== undefined; error = endpoint.receiveError()) {
      if (!this.hearsErrors) continue;
      this.pendingError = error.code;
      this.errors.push({
        errno: error.code,
        origin: icmpOrigin(error.reporter.family),
        type: error.type,
        code: error.icmpCode,
        info: error.mtu,
        data: 0,
        payload: new Uint8Array(0),
        destination: { address: error.remote, port: error.remotePort },
        offender: { address: error.reporter, port: 0 },
        timestamp: undefined,
      });
    }
    if (this.pendingError !== undefined || this.errors.length > 0) this.waiters.wake(WAKE_ERROR);
  }
}
