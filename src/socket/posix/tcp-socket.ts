/**
 * A TCP socket: Linux's net/ipv4/af_inet.c and tcp.c as far as a user sees them. The connection or the
 * listener does the work; this is the socket around it, which may be unconnected, be connected again, and
 * outlive a connection.
 */
import { enterClosed } from "../../tcp/closing/end.ts";
import type { Listener } from "../../tcp/handshake/listener.ts";
import type { Signatures } from "../../tcp/md5-signatures.ts";
import type { TcpState } from "../../tcp/states.ts";
import type { TcpConfig } from "../../tcp/tcp-config.ts";
import type { TcpConnection } from "../../tcp/tcp-connection.ts";
import { type GivenAddress, sockaddr } from "./addresses.ts";
import {
  IPPROTO_TCP,
  RCV_SHUTDOWN,
  SHUTDOWN_MASK,
  SOCK_STREAM,
  WAKE_ALL,
  WAKE_READABLE,
} from "./constants.ts";
import type { Errno } from "./errno.ts";
import type { IntReference } from "./file.ts";
import type { PosixContext } from "./posix-context.ts";
import { type IncomingMessage, type OutgoingMessage, SocketFile, type TakeSocket } from "./socket-file.ts";
import { fail, outcomeOf, type SysOutcome, type SysResult } from "./sys-result.ts";
import { TcpBinding } from "./tcp-binding.ts";
import { releaseTcp, shutdownTcp } from "./tcp-closing.ts";
import { connectTcp } from "./tcp-connecting.ts";
import { takeIcmpError } from "./tcp-icmp-errors.ts";
import { tcpIoctl } from "./tcp-ioctl.ts";
import { apply, applyAll } from "./tcp-knobs.ts";
import { configureListener, listenTcp } from "./tcp-listening.ts";
import { connectionHappened, urgentArrived } from "./tcp-news.ts";
import { pollTcp } from "./tcp-readiness.ts";
import { receiveFromTcp } from "./tcp-receive.ts";
import { sendToTcp } from "./tcp-send.ts";
import { TransmissionNotes } from "./tcp-transmission-notes.ts";
import { UrgentByte } from "./tcp-urgent.ts";

/** Linux's socket states, SS_. */
type Phase = "unconnected" | "connecting" | "connected" | "disconnecting";

export class TcpSocket extends SocketFile {
  readonly binding = new TcpBinding(this);
  readonly notes = new TransmissionNotes(this);
  phase: Phase = "unconnected";
  connection: TcpConnection | undefined = undefined;
  listening: Listener | undefined = undefined;
  urgent: UrgentByte | undefined = undefined;
  /** TCP_CONGESTION and TCP_FASTOPEN_KEY, as they were set. */
  congestion: string | undefined = undefined;
  signatures: Signatures | undefined = undefined;
  fastOpenKey: Uint8Array = new Uint8Array(0);
  /** A call with MSG_FASTOPEN waits. */
  isFastOpening = false;
  /** The connection's end has been taken notice of. */
  #isSettled = false;
  /** The acknowledgment of our FIN has been told. */
  finIsTold = false;

  constructor(context: PosixContext, domain: number) {
    super(context, domain, SOCK_STREAM, IPPROTO_TCP);
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

  override get isListening(): boolean {
    return this.listening !== undefined;
  }

  override get isBound(): boolean {
    return this.binding.heldPort !== 0;
  }

  /** Takes notice of the connection's end: its error is pending. */
  settle(): void {
    const { connection } = this;
    if (connection === undefined || this.#isSettled || !connection.isOver) return;
    this.#isSettled = true;
    takeIcmpError(this, connection);
    if (connection.error !== undefined) this.pendingError = connection.error;
    this.binding.over(connection);
  }

  override poll(): number {
    this.settle();
    return pollTcp(this);
  }

  // --- the calls

  override bind(given: GivenAddress): SysResult {
    return outcomeOf(this.binding.bind(given));
  }

  override listen(backlog: number): SysResult {
    return listenTcp(this, backlog);
  }

  override accept(take: TakeSocket): SysOutcome {
    const attempt = (): SysResult | undefined => {
      if (this.listening === undefined) return fail("EINVAL");
      const connection = this.listening.accept();
      if (connection === undefined) return this.isNonBlocking ? fail("EAGAIN") : undefined;
      const child = new TcpSocket(this.context, this.domain);
      child.#adopt(connection, this);
      const { remote: address, remotePort: port } = connection;
      return take(child, sockaddr(this.inetDomain, { address, port }));
    };
    return this.sleep(attempt, this.receiveTimeout, () => fail("EAGAIN"));
  }

  override connect(given: GivenAddress): SysOutcome {
    return connectTcp(this, given);
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

  override localAddress(): Uint8Array {
    const { connection, binding } = this;
    if (connection === undefined || connection.isOver) return sockaddr(this.inetDomain, binding.endpoint);
    return sockaddr(this.inetDomain, { address: connection.local, port: connection.localPort });
  }

  override peerAddress(): Uint8Array | Errno {
    const { connection, state } = this;
    if (connection === undefined || state === "CLOSED" || state === "SYN-SENT") return "ENOTCONN";
    return sockaddr(this.inetDomain, { address: connection.remote, port: connection.remotePort });
  }

  /** Linux's tcp_disconnect: back to a socket as it was before, with the address that was bound. */
  disconnect(): void {
    this.settle();
    const { connection } = this;
    const wasOpen = this.state !== "CLOSED";
    this.stopListening();
    if (connection !== undefined && !connection.isOver) {
      if (this.abortConnection(connection)) this.pendingError = "ECONNRESET";
    }
    this.detach();
    this.phase = "unconnected";
    this.shutdownMask = 0;
    if (wasOpen) this.binding.dissolved();
    this.waiters.wake(WAKE_ALL);
  }

  stopListening(): void {
    if (this.listening !== undefined) this.context.host.tcp.closeListener(this.listening);
    this.listening = undefined;
  }

  /**
   * RST, but not for a connection that has nothing left to do but to hear of its FIN. False: it just ended.
   */
  abortConnection(connection: TcpConnection): boolean {
    const { state } = connection;
    const isDone = (state === "CLOSING" || state === "LAST-ACK") && connection.unsent <= 0;
    if (isDone) enterClosed(connection, undefined, "ABORT");
    else connection.abort();
    return !isDone;
  }

  protected override release(): SysOutcome {
    return releaseTcp(this);
  }

  /** The socket is closed: its port stays taken as long as its connection lives. */
  abandon(): void {
    if (this.connection === undefined || this.connection.state === "CLOSED") this.binding.letGo();
  }

  // --- options

  override optionSet(level: number, option: number): void {
    if (this.listening !== undefined) configureListener(this, this.listening);
    if (this.connection !== undefined && !this.connection.isOver) apply(this, this.connection, level, option);
  }

  /** The settings of its connection, or of the host. */
  get config(): TcpConfig {
    return this.connection?.config ?? this.context.host.tcp.context.config;
  }

  override beginStampIds(flags: number): Errno | undefined {
    return this.notes.beginIds(flags);
  }

  override takeSoftError(): Errno | undefined {
    const { connection } = this;
    if (connection === undefined || connection.isOver) return undefined;
    const error = connection.softError;
    connection.softError = undefined;
    return error;
  }

  override get pathMtu(): number | undefined {
    return this.state === "CLOSED" || this.isListening ? undefined : this.connection?.path.mtu;
  }

  override get defaultSendBuffer(): number {
    return this.connection?.sendSpace.limit ?? this.config.sendBuffer;
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

  // --- connections come and go

  /** A connection from the accept queue becomes this socket's; the options are the listener's. */
  #adopt(connection: TcpConnection, parent: TcpSocket): void {
    this.inherit(parent);
    this.congestion = parent.congestion;
    this.signatures = parent.signatures;
    this.phase = "connected";
    // What happened before is seen in the state; nobody is to be woken for it.
    connection.pendingEvents = 0;
    this.attach(connection);
    this.binding.hold(connection.local, connection.localPort);
    urgentArrived(this);
    this.settle();
  }

  attach(connection: TcpConnection): void {
    this.connection = connection;
    this.#isSettled = false;
    this.urgent = new UrgentByte(connection);
    applyAll(this, connection);
    connection.observe({
      connectionEvent: (which, events) => {
        if (which === this.connection) connectionHappened(this, events);
      },
    });
  }

  detach(): void {
    this.connection = undefined;
    this.isFastOpening = false;
    this.urgent = undefined;
    this.#isSettled = false;
    this.finIsTold = false;
  }
}
