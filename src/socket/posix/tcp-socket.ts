/**
 * A TCP socket: Linux's net/ipv4/af_inet.c and tcp.c as far as a user sees them. The connection or the listener does the
 * work; this is the socket around it, which may be unconnected, be connected again, and outlive a connection.
 */
import { NetError } from "../../base/errors.ts";
import type { TcpState } from "../../tcp/states.ts";
import type { TcpConfig } from "../../tcp/tcp-config.ts";
import { CONNECTION_EVENT, type TcpConnection } from "../../tcp/tcp-connection.ts";
import { type IpAddress, LOOPBACK_V4, LOOPBACK_V6 } from "../../wire/address.ts";
import { type Endpoint, endpointIn, type GivenAddress, readEndpoint, sockaddr } from "./addresses.ts";
import {
  AF_INET,
  AF_UNSPEC,
  IPPROTO_TCP,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLPRI,
  POLLRDHUP,
  POLLRDNORM,
  POLLWRNORM,
  RCV_SHUTDOWN,
  SEND_SHUTDOWN,
  SHUTDOWN_MASK,
  SOCK_STREAM,
  SOL_IP,
  SOL_IPV6,
  SOL_SOCKET,
  SOL_TCP,
  WAKE_ALL,
  WAKE_ERROR,
  WAKE_READABLE,
  WAKE_WRITABLE,
} from "./constants.ts";
import type { Errno } from "./errno.ts";
import type { IntReference } from "./file.ts";
import { bindsFreely } from "./ip-options.ts";
import * as name from "./option-names.ts";
import type { PosixContext } from "./posix-context.ts";
import { SendSpace } from "./send-space.ts";
import { type IncomingMessage, type OutgoingMessage, SocketFile } from "./socket-file.ts";
import { fail, OK, type SysOutcome, type SysResult } from "./sys-result.ts";
import { releaseTcp, shutdownTcp } from "./tcp-closing.ts";
import { tcpIoctl } from "./tcp-ioctl.ts";
import { apply, applyAll, configFor, knobsOf } from "./tcp-knobs.ts";
import type { Listening, ListeningSocket } from "./tcp-listening.ts";
import { receiveFromTcp } from "./tcp-receive.ts";
import { sendToTcp } from "./tcp-send.ts";
import { TransmissionNotes } from "./tcp-transmission-notes.ts";
import { UrgentByte } from "./tcp-urgent.ts";

/** Linux's socket states, SS_. */
type Phase = "unconnected" | "connecting" | "connected" | "disconnecting";

/** When a drawn port turns out to be bound explicitly, another is drawn. */
const DRAWS = 64;

export class TcpSocket extends SocketFile implements ListeningSocket {
  phase: Phase = "unconnected";
  connection: TcpConnection | undefined = undefined;
  listening: Listening | undefined = undefined;
  urgent: UrgentByte | undefined = undefined;
  space: SendSpace | undefined = undefined;
  readonly notes = new TransmissionNotes(this);
  fastOpenKey = new Uint8Array(0);
  /** The connection's end has been taken notice of. */
  #isOver = false;
  #bound: Endpoint | undefined = undefined;
  #boundFamilies: "both" | 4 | 6 = "both";
  /** The user named the port, or the address: a disconnect leaves it. */
  #portIsFixed = false;
  #congestion: string | undefined = undefined;

  constructor(context: PosixContext, domain: number) {
    super(context, domain, SOCK_STREAM, IPPROTO_TCP);
  }

  // --- what the port table looks at

  get heldAddress(): IpAddress | undefined {
    const { connection } = this;
    if (connection !== undefined) return connection.local;
    return this.#bound === undefined || this.#bound.address.isUnspecified ? undefined : this.#bound.address;
  }

  get heldFamilies(): "both" | 4 | 6 {
    return this.#boundFamilies;
  }

  get heldPort(): number {
    return this.#bound?.port ?? 0;
  }

  get reusesAddress(): boolean {
    return this.options.isSet(SOL_SOCKET, name.SO_REUSEADDR);
  }

  get reusesPort(): boolean {
    return this.options.isSet(SOL_SOCKET, name.SO_REUSEPORT);
  }

  override get isListening(): boolean {
    return this.listening !== undefined;
  }

  override get isBound(): boolean {
    return this.heldPort !== 0;
  }

  // --- state

  /** As Linux names it: TIME-WAIT belongs to no socket. */
  get state(): TcpState {
    if (this.listening !== undefined) return "LISTEN";
    const { connection } = this;
    return connection === undefined || connection.isOver ? "CLOSED" : connection.state;
  }

  /** What was shut down, by the user, by the peer's FIN or by the connection's end. */
  get shut(): number {
    const { connection } = this;
    if (connection?.isOver === true) return SHUTDOWN_MASK;
    return this.shutdownMask | (connection?.receiveClosed === true ? RCV_SHUTDOWN : 0);
  }

  /** The peer's FIN has come: SOCK_DONE. */
  get isDone(): boolean {
    return this.connection?.receiveClosed === true;
  }

  /** Takes notice of the connection's end: its error is pending, its port free. */
  settle(): void {
    const { connection } = this;
    if (connection === undefined || this.#isOver || !connection.isOver) return;
    this.#isOver = true;
    this.pendingError = (connection.error as Errno | undefined) ?? this.pendingError;
  }

  override poll(): number {
    this.settle();
    if (this.listening !== undefined) return this.listening.waiting > 0 ? POLLIN | POLLRDNORM : 0;
    const { state, shut } = this;
    let mask = 0;
    if (shut === SHUTDOWN_MASK || state === "CLOSED") mask |= POLLHUP;
    if ((shut & RCV_SHUTDOWN) !== 0) mask |= POLLIN | POLLRDNORM | POLLRDHUP;
    if (state !== "SYN-SENT" && state !== "SYN-RECEIVED") {
      if (this.hasEnoughToRead) mask |= POLLIN | POLLRDNORM;
      if ((shut & SEND_SHUTDOWN) !== 0 || this.#mayWrite()) mask |= POLLOUT | POLLWRNORM;
      if (this.urgent?.isReadable === true) mask |= POLLPRI;
    }
    if (this.pendingError !== undefined || this.errors.length > 0) mask |= POLLERR;
    return mask;
  }

  /** Linux's tcp_stream_is_readable: SO_RCVLOWAT's worth, or a window that is as good as closed. */
  get hasEnoughToRead(): boolean {
    const { connection, urgent } = this;
    if (connection === undefined || connection.readable === 0) return false;
    const atUrgent = urgent?.distance === 0 && !this.options.isSet(SOL_SOCKET, name.SO_OOBINLINE);
    const target = this.lowWater + (atUrgent ? 1 : 0);
    if (connection.readable >= target) return true;
    return !atUrgent && connection.tcb.receiveWindow <= connection.receiveMss;
  }

  get lowWater(): number {
    return this.options.get(SOL_SOCKET, name.SO_RCVLOWAT) ?? 1;
  }

  // --- the calls

  override bind(given: GivenAddress): SysResult {
    const endpoint = this.#bindAddress(given);
    if (typeof endpoint === "string") return fail(endpoint);
    const { address } = endpoint;
    const { host, tcpPorts } = this.context;
    if (!address.isUnspecified && !host.tcp.context.isLocal(address) && !bindsFreely(this))
      return fail("EADDRNOTAVAIL");
    if (this.state !== "CLOSED" || this.isBound) return fail("EINVAL");
    this.#boundFamilies = this.#familiesOf(address);
    const claim = this.#claim(endpoint);
    const port = endpoint.port === 0 ? tcpPorts.choose(this, claim) : endpoint.port;
    if (port === undefined || tcpPorts.conflicts(this, { ...claim, heldPort: port })) return fail("EADDRINUSE");
    this.#portIsFixed = endpoint.port !== 0;
    this.#forgetConnection();
    this.#hold({ address, port });
    return OK;
  }

  override listen(backlog: number): SysResult {
    const { config } = this;
    const wanted = backlog < 0 || backlog > config.acceptBacklogLimit ? config.acceptBacklogLimit : backlog;
    if (this.phase !== "unconnected") return fail("EINVAL");
    if (this.listening !== undefined) {
      this.listening.backlog = wanted;
      return OK;
    }
    if (this.state !== "CLOSED") return fail("EINVAL");
    this.#forgetConnection();
    const { tcpPorts, tcpListeners } = this.context;
    if (!this.isBound && !this.#autobind()) return fail("EADDRINUSE");
    if (tcpPorts.conflicts(this, this, true)) return fail("EADDRINUSE");
    const listening = tcpListeners.listen(this, wanted);
    if (typeof listening === "string") return fail(listening);
    this.listening = listening;
    return OK;
  }

  override accept(take: (socket: SocketFile) => SysResult): SysOutcome {
    const attempt = (): SysResult | undefined => {
      if (this.listening === undefined) return fail("EINVAL");
      if (this.listening.waiting === 0) return this.isNonBlocking ? fail("EAGAIN") : undefined;
      const child = new TcpSocket(this.context, this.domain);
      const result = take(child);
      const connection = result.value < 0 ? undefined : this.listening.accept();
      if (connection !== undefined) child.#adopt(connection, this);
      return result;
    };
    return this.sleep(attempt, this.receiveTimeout, () => fail("EAGAIN"));
  }

  override connect(given: GivenAddress): SysOutcome {
    if (given.bytes.length < 2) return fail("EINVAL");
    if (given.family === AF_UNSPEC) {
      this.disconnect();
      return OK;
    }
    this.settle();
    if (this.phase === "connected") return fail("EISCONN");
    if (this.phase === "disconnecting") return fail("EINVAL");
    let waiting: Errno = "EALREADY";
    if (this.phase === "unconnected") {
      if (this.state !== "CLOSED") return fail("EISCONN");
      const error = this.#open(given);
      if (error !== undefined) return fail(error);
      waiting = "EINPROGRESS";
    }
    const attempt = (): SysResult | undefined => this.#connected() ?? (this.isNonBlocking ? fail(waiting) : undefined);
    return this.sleep(attempt, this.sendTimeout, () => fail(waiting));
  }

  /** How the attempt stands; undefined as long as it is on its way. */
  #connected(): SysResult | undefined {
    this.settle();
    const { state } = this;
    if (state === "SYN-SENT" || state === "SYN-RECEIVED") return undefined;
    if (state === "CLOSED") {
      const error = this.takeError() ?? "ECONNABORTED";
      this.disconnect();
      return fail(error);
    }
    this.phase = "connected";
    return OK;
  }

  /** Linux's tcp_disconnect: back to a socket as it was before, with the address that was bound. */
  disconnect(): void {
    this.settle();
    const { connection } = this;
    this.listening?.close();
    this.listening = undefined;
    if (connection !== undefined && !connection.isOver) {
      const { state } = connection;
      const isClosing = (state === "CLOSING" || state === "LAST-ACK") && connection.unsent <= 0;
      if (isClosing) connection.end(undefined);
      else connection.abort();
      this.pendingError = isClosing ? this.pendingError : "ECONNRESET";
    }
    this.#forgetConnection();
    this.phase = "unconnected";
    this.shutdownMask = 0;
    if (!this.#portIsFixed) this.#letGo();
    this.waiters.wake(WAKE_ALL);
  }

  override send(message: OutgoingMessage, flags: number): SysOutcome {
    return sendToTcp(this, message, flags);
  }

  override receive(message: IncomingMessage, flags: number): SysOutcome {
    return receiveFromTcp(this, message, flags);
  }

  override shutdown(how: number): SysResult {
    return shutdownTcp(this, how);
  }

  override ioctl(request: number, argument: IntReference | null): SysResult {
    return tcpIoctl(this, request, argument);
  }

  protected override release(): SysOutcome {
    return releaseTcp(this);
  }

  /** The socket is closed: its port stays taken as long as its connection lives. */
  abandon(): void {
    if (this.connection === undefined || this.connection.state === "CLOSED") this.#letGo();
  }

  override localAddress(): Uint8Array {
    const { connection } = this;
    if (connection === undefined) return sockaddr(this.inetDomain, this.#bound);
    return sockaddr(this.inetDomain, { address: connection.local, port: connection.localPort });
  }

  override peerAddress(): Uint8Array | Errno {
    const { connection, state } = this;
    if (connection === undefined || state === "CLOSED" || state === "SYN-SENT") return "ENOTCONN";
    return sockaddr(this.inetDomain, { address: connection.remote, port: connection.remotePort });
  }

  // --- options

  override optionSet(level: number, option: number): void {
    if (level === SOL_TCP && option === name.TCP_NOTSENT_LOWAT) this.#setLowWater();
    if (this.connection !== undefined && !this.connection.isOver) apply(this, this.connection, level, option);
  }

  /** The settings of its connection, or of the host. */
  get config(): TcpConfig {
    return this.connection?.config ?? this.context.host.tcp.context.config;
  }

  /** TCP_MAXSEG: what was asked for as long as there is no connection. */
  get maximumSegment(): number {
    if (this.connection !== undefined && this.state !== "CLOSED") return this.connection.tcb.snd.mss;
    const wanted = this.options.get(SOL_TCP, name.TCP_MAXSEG) ?? 0;
    return wanted === 0 ? 536 : wanted;
  }

  get congestionControl(): string {
    return this.#congestion ?? this.connection?.congestion.name ?? this.config.congestionControl;
  }

  /** ENOENT as Linux has it for names that it does not know. */
  setCongestionControl(wanted: string): Errno | undefined {
    const knows = this.connection === undefined ? undefined : knobsOf(this.connection).setCongestionControl;
    const isKnown =
      wanted === this.congestionControl || (this.connection && knows?.call(this.connection, wanted)) === true;
    if (!isKnown) return "ENOENT";
    this.#congestion = wanted;
    return undefined;
  }

  setMd5Signature(signature: Uint8Array): Errno | undefined {
    if (this.connection === undefined) return "ENOPROTOOPT";
    return knobsOf(this.connection).setMd5Signature?.(signature) === true ? undefined : "ENOPROTOOPT";
  }

  /** Fast Open by a client: not before TCP has it. */
  get opensFast(): boolean {
    return false;
  }

  get timestampClock(): number {
    return this.connection?.timestamps.value(this.context.now) ?? 0;
  }

  override beginStampIds(flags: number): Errno | undefined {
    return this.notes.beginIds(flags);
  }

  override get pathMtu(): number | undefined {
    return this.state === "CLOSED" || this.listening !== undefined ? undefined : this.connection?.path.mtu;
  }

  override get defaultSendBuffer(): number {
    return this.connection?.sendBuffer.limit ?? this.config.sendBuffer;
  }

  override get defaultReceiveBuffer(): number {
    return 2 * (this.connection?.receiveBuffer.limit ?? this.config.receiveBuffer);
  }

  override get queuedToSend(): number {
    return this.connection?.sendBuffer.length ?? 0;
  }

  override get queuedToReceive(): number {
    return this.connection?.readable ?? 0;
  }

  // --- what happens

  acceptable(): void {
    this.waiters.wake(WAKE_READABLE);
  }

  #happened(events: number): void {
    const { connected, readable, writable, peerClosed, closed, urgent } = CONNECTION_EVENT;
    this.settle();
    if ((events & urgent) !== 0) this.urgent?.arrived();
    let key = 0;
    if ((events & readable) !== 0 && (this.hasEnoughToRead || this.isDone)) key |= WAKE_READABLE;
    if ((events & writable) !== 0 && this.#mayWrite()) key |= WAKE_WRITABLE;
    if ((events & closed) !== 0 && this.pendingError !== undefined) key |= WAKE_ERROR;
    if ((events & (connected | peerClosed | closed)) !== 0) this.waiters.wake(WAKE_ALL);
    else if (key !== 0) this.waiters.wake(key);
    if (this.isReleased && (events & closed) !== 0) this.abandon();
  }

  #mayWrite(): boolean {
    if (this.connection === undefined || this.space === undefined) return true;
    if (this.space.isWritable) return true;
    this.connection.wantsWritable = true;
    return false;
  }

  #setLowWater(): void {
    const value = this.options.get(SOL_TCP, name.TCP_NOTSENT_LOWAT) ?? 0;
    if (this.space !== undefined) this.space.lowWater = value === 0 ? 0xffff_ffff : value >>> 0;
  }

  // --- opening

  #open(given: GivenAddress): Errno | undefined {
    const endpoint = endpointIn(this.inetDomain, given);
    if (typeof endpoint === "string") return endpoint;
    const { port: remotePort } = endpoint;
    const remote = reachable(endpoint.address);
    if (this.domain !== AF_INET && remote.family === 4 && this.#isV6Only) return "ENETUNREACH";
    const bound = this.#bound?.address;
    const local = bound === undefined || bound.isUnspecified ? undefined : bound;
    this.#forgetConnection();
    try {
      const connection = this.#draw({ remote, remotePort, local });
      if (connection === undefined) return "EADDRNOTAVAIL";
      this.#attach(connection);
    } catch (error) {
      if (!(error instanceof NetError)) throw error;
      return error.code === "EADDRINUSE" ? "EADDRNOTAVAIL" : error.code;
    }
    this.phase = "connecting";
    this.pendingError = undefined;
    return undefined;
  }

  /** Opens from the bound port, or from a drawn one that nobody has bound. */
  #draw(to: { remote: IpAddress; remotePort: number; local: IpAddress | undefined }): TcpConnection | undefined {
    const { host, tcpPorts } = this.context;
    const config = configFor(this);
    for (let draw = 0; draw < DRAWS; draw++) {
      const connection = host.tcp.connect({ ...to, localPort: this.heldPort, config });
      if (this.isBound) return connection;
      if (!tcpPorts.isHeld(connection.localPort)) {
        this.#hold({ address: connection.local, port: connection.localPort });
        return connection;
      }
      connection.close();
    }
    return undefined;
  }

  /** A connection from the accept queue becomes this socket's; the options are the listener's. */
  #adopt(connection: TcpConnection, parent: TcpSocket): void {
    this.options = parent.options.copy();
    this.linger = parent.linger;
    this.receiveTimeout = parent.receiveTimeout;
    this.sendTimeout = parent.sendTimeout;
    this.timestamp = parent.timestamp;
    this.maxPacingRate = parent.maxPacingRate;
    this.#congestion = parent.#congestion;
    this.phase = "connected";
    // What happened before is seen in the state; nobody is to be woken for it.
    connection.pendingEvents = 0;
    this.#attach(connection);
    this.#hold({ address: connection.local, port: connection.localPort });
    this.urgent?.arrived();
    this.settle();
  }

  #attach(connection: TcpConnection): void {
    this.connection = connection;
    this.#isOver = false;
    this.urgent = new UrgentByte(connection);
    this.space = new SendSpace(connection);
    this.#setLowWater();
    applyAll(this, connection);
    connection.observe({
      connectionEvent: (which, events) => {
        if (which === this.connection) this.#happened(events);
      },
    });
  }

  #forgetConnection(): void {
    this.connection = undefined;
    this.urgent = undefined;
    this.space = undefined;
    this.#isOver = false;
  }

  // --- addresses and ports

  #bindAddress(given: GivenAddress): Endpoint | Errno {
    const endpoint = endpointIn(this.inetDomain, given);
    if (endpoint === "EAFNOSUPPORT" && this.domain === AF_INET && given.family === AF_UNSPEC) {
      const any = readEndpoint(given);
      return any.address.isUnspecified ? any : "EAFNOSUPPORT";
    }
    if (typeof endpoint === "string") return endpoint;
    const isMapped = this.domain !== AF_INET && endpoint.address.family === 4;
    return isMapped && this.#isV6Only ? "EINVAL" : endpoint;
  }

  get #isV6Only(): boolean {
    return this.options.isSet(SOL_IPV6, name.IPV6_V6ONLY);
  }

  #familiesOf(address: IpAddress): "both" | 4 | 6 {
    if (address.family === 4) return 4;
    return this.#isV6Only || !address.isUnspecified ? 6 : "both";
  }

  #claim({ address }: Endpoint) {
    const { heldFamilies, reusesAddress, reusesPort } = this;
    const heldAddress = address.isUnspecified ? undefined : address;
    return { heldAddress, heldFamilies, reusesAddress, reusesPort };
  }

  #autobind(): boolean {
    const any = this.#bound?.address ?? readEndpoint({ family: this.domain, bytes: sockaddr(this.inetDomain) }).address;
    this.#boundFamilies = this.#familiesOf(any);
    const port = this.context.tcpPorts.choose(this, this.#claim({ address: any, port: 0 }));
    if (port === undefined) return false;
    this.#hold({ address: any, port });
    return true;
  }

  #hold(endpoint: Endpoint): void {
    this.#bound = endpoint;
    this.context.tcpPorts.add(this);
  }

  #letGo(): void {
    this.context.tcpPorts.remove(this);
    this.#bound = undefined;
  }
}

/** Linux sends what goes to the unspecified address to itself. */
function reachable(address: IpAddress): IpAddress {
  if (!address.isUnspecified) return address;
  return address.family === 4 ? LOOPBACK_V4 : LOOPBACK_V6;
}
