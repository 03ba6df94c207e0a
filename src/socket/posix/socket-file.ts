/**
 * What all sockets have in common: domain, type and protocol, options, the pending error (SO_ERROR), the
 * error queue, what was shut down, and the calls, which each kind implements.
 */
import { type Duration, milliseconds, seconds } from "../../base/time.ts";
import type { IpAddress } from "../../wire/address.ts";
import { type Domain, type GivenAddress, sockaddr } from "./addresses.ts";
import {
  AF_INET6,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  MSG_TRUNC,
  O_RDWR,
  SOL_IP,
  SOL_IPV6,
  SOL_SOCKET,
} from "./constants.ts";
import type { ControlMessage, ControlWriter } from "./control-messages.ts";
import type { Errno } from "./errno.ts";
import { ErrorQueue, type ExtendedError, extendedErrorBytes, isIcmp } from "./error-queue.ts";
import { File } from "./file.ts";
import { IP_RECVERR, IPV6_RECVERR, SO_TIMESTAMPING } from "./option-names.ts";
import { OptionValues } from "./option-values.ts";
import type { PosixContext } from "./posix-context.ts";
import { attemptOrSleep } from "./sleep.ts";
import { fail, type SysOutcome, type SysResult, succeed } from "./sys-result.ts";
import { putTimestamps, type TimestampWishes } from "./timestamp-messages.ts";
import { UserMemory } from "./user-memory.ts";

/** What a send call was given. */
export interface OutgoingMessage {
  readonly memory: UserMemory;
  readonly address: GivenAddress | undefined;
  readonly control: readonly ControlMessage[];
}

/** What a receive call fills. */
export interface IncomingMessage {
  readonly memory: UserMemory;
  /** The sender's address, when there is one to tell. */
  address: Uint8Array | undefined;
  readonly control: ControlWriter | undefined;
  /** MSG_ flags that recvmsg reports. */
  flags: number;
}

export interface Linger {
  readonly on: boolean;
  readonly seconds: number;
}

/** Makes an accepted socket a descriptor's; `peer` is the address that accept tells. */
export type TakeSocket = (socket: SocketFile, peer: Uint8Array) => SysResult;

/** SO_MAX_PACING_RATE as it is at first: no limit. */
export const NO_PACING = 0xffff_ffff_ffff_ffffn;

export abstract class SocketFile extends File {
  readonly domain: number;
  readonly type: number;
  readonly protocol: number;
  readonly context: PosixContext;
  readonly cookie: bigint;
  options = new OptionValues();
  linger: Linger = { on: false, seconds: 0 };
  /** SO_RCVTIMEO and SO_SNDTIMEO; undefined: for ever. */
  receiveTimeout: Duration | undefined = undefined;
  sendTimeout: Duration | undefined = undefined;
  /** SO_PEEK_OFF; negative: peeking begins with the first unread byte. */
  peekOffset = -1;
  timestamp: TimestampWishes["timestamp"] = "none";
  maxPacingRate = NO_PACING;
  /** SO_ERROR: reported once, by whichever call comes first. */
  pendingError: Errno | undefined = undefined;
  readonly errors = new ErrorQueue();
  /** RCV_SHUTDOWN and SEND_SHUTDOWN, as the user asked for them. */
  shutdownMask = 0;

  constructor(context: PosixContext, domain: number, type: number, protocol: number) {
    super(O_RDWR);
    this.context = context;
    this.domain = domain;
    this.type = type;
    this.protocol = protocol;
    this.cookie = context.nextCookie();
  }

  abstract bind(address: GivenAddress): SysResult;
  abstract connect(address: GivenAddress): SysOutcome;
  abstract listen(backlog: number): SysResult;
  /** The next connection's socket is not yet a descriptor's: `take` makes it one, and the call's result. */
  abstract accept(take: TakeSocket): SysOutcome;
  abstract send(message: OutgoingMessage, flags: number): SysOutcome;
  abstract receive(message: IncomingMessage, flags: number): SysOutcome;
  abstract shutdown(how: number): SysResult;
  /** The socket's own address. */
  abstract localAddress(): Uint8Array;
  abstract peerAddress(): Uint8Array | Errno;
  /** Something has been set: it takes effect. */
  abstract optionSet(level: number, name: number): void;
  /** SO_SNDBUF and SO_RCVBUF as they are when nobody set them. */
  abstract get defaultSendBuffer(): number;
  abstract get defaultReceiveBuffer(): number;
  /** Bytes that wait: SO_MEMINFO. */
  abstract get queuedToSend(): number;
  abstract get queuedToReceive(): number;

  /** SOF_TIMESTAMPING_OPT_ID is switched on: stamps are counted from here. */
  beginStampIds(_flags: number): Errno | undefined {
    return undefined;
  }

  /** The path's MTU when the socket is connected: IP_MTU. */
  get pathMtu(): number | undefined {
    return undefined;
  }

  /** It has a port, or had one: IPV6_V6ONLY is fixed. */
  get isBound(): boolean {
    return false;
  }

  /** Joins or leaves a group: for datagram sockets. */
  changeMembership(_group: IpAddress, _interfaceIndex: number, _join: boolean): Errno | undefined {
    return "EPROTO";
  }

  get isListening(): boolean {
    return false;
  }

  /** Linux's sock_error: the pending error is no longer pending. */
  takeError(): Errno | undefined {
    const error = this.pendingError;
    this.pendingError = undefined;
    return error;
  }

  /** What has not ended anything yet: only SO_ERROR tells it. */
  takeSoftError(): Errno | undefined {
    return undefined;
  }

  /** All settings are those of the socket that this one was accepted from. */
  protected inherit(parent: SocketFile): void {
    this.options = parent.options.copy();
    this.linger = parent.linger;
    this.receiveTimeout = parent.receiveTimeout;
    this.sendTimeout = parent.sendTimeout;
    this.timestamp = parent.timestamp;
    this.maxPacingRate = parent.maxPacingRate;
  }

  /** The address family whose control messages the socket has. */
  get inetDomain(): Domain {
    return this.domain === AF_INET6 ? AF_INET6 : 2;
  }

  /** MSG_ERRQUEUE: the oldest entry. */
  receiveError(message: IncomingMessage): SysResult {
    const entry = this.errors.take();
    if (entry === undefined) return fail("EAGAIN");
    if (isIcmp(entry)) this.pendingError = this.errors.nextIcmpError;
    const count = message.memory.put(0, entry.payload);
    message.flags |= MSG_ERRQUEUE | (count < entry.payload.length ? MSG_TRUNC : 0);
    if (entry.destination !== undefined) message.address = sockaddr(this.inetDomain, entry.destination);
    if (message.control !== undefined) this.#describe(entry, message.control);
    return succeed(count);
  }

  override read(memory: UserMemory): SysOutcome {
    if (memory.length === 0) return succeed(0);
    return this.receive({ memory, address: undefined, control: undefined, flags: 0 }, 0);
  }

  override write(memory: UserMemory): SysOutcome {
    return this.send({ memory, address: undefined, control: [] }, 0);
  }

  get timestampWishes(): TimestampWishes {
    return {
      timestamp: this.timestamp,
      timestamping: this.options.get(SOL_SOCKET, SO_TIMESTAMPING) ?? 0,
    };
  }

  mayWait(flags: number): boolean {
    return !this.isNonBlocking && (flags & MSG_DONTWAIT) === 0;
  }

  /** Tries until there is a result, at most for `timeout`. */
  sleep(
    attempt: () => SysResult | undefined,
    timeout: Duration | undefined,
    expired: () => SysResult,
  ): SysOutcome {
    const { scheduler } = this.context;
    return attemptOrSleep({ scheduler, files: [this], attempt, timeout, expired });
  }

  #describe(entry: ExtendedError, control: ControlWriter): void {
    if (entry.timestamp !== undefined) putTimestamps(control, this.timestampWishes, entry.timestamp);
    const [level, type] = this.domain === AF_INET6 ? [SOL_IPV6, IPV6_RECVERR] : [SOL_IP, IP_RECVERR];
    control.put(level, type, extendedErrorBytes(this.inetDomain, entry));
  }
}

/** A message for `read` and `splice`: memory alone. */
export function plainMessage(bytes: Uint8Array): IncomingMessage {
  return { memory: UserMemory.of(bytes, undefined), address: undefined, control: undefined, flags: 0 };
}

/** The longest time that fits: what Linux calls MAX_SCHEDULE_TIMEOUT is for ever. */
export function durationOf(wholeSeconds: number, micros: number): Duration {
  return (seconds(wholeSeconds) + milliseconds(micros / 1_000)) as Duration;
}
