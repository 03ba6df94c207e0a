/**
 * A UDP handle beneath Node's own `dgram`: what libuv's uv_udp_t and Node's UDPWrap are to it, over an
 * endpoint of the stack. The methods have the names, arguments and answers of UDPWrap (0, or libuv's negative
 * number); arguments are taken as C++ coerces them.
 *
 * As in libuv, there is no socket before the first call that needs one, and options have nothing to be set on
 * until then (EBADF).
 */
import { AsyncResource } from "node:async_hooks";
import type { ErrorCode } from "../../base/errors.ts";
import type { UdpEndpoint } from "../../udp/udp-endpoint.ts";
import { ANY_V4, ANY_V6, type IpFamily } from "../../wire/address.ts";
import { interfaceIndexOf, parseAddress, type ToldAddress, tellAddress } from "./addresses.ts";
import type { Request } from "./bindings.ts";
import { uvCode } from "./error-codes.ts";
import type { HandleContext } from "./handle-context.ts";
import { Hold } from "./lifetime.ts";
import { bufferSize, type UvErrorDetails } from "./udp-buffer-size.ts";
import { UdpExposure } from "./udp-exposure.ts";
import { UdpGroups } from "./udp-groups.ts";
import { type Message, UdpReceiving } from "./udp-receiving.ts";
import { UdpSending } from "./udp-sending.ts";
import { UnsupportedError } from "./unsupported.ts";

/** uv.h: enum uv_udp_flags. */
const FLAG = { ipv6Only: 1, reuseAddress: 4, reusePort: 8, linuxRecvErr: 32 } as const;
const FLAGS = FLAG.ipv6Only | FLAG.reuseAddress | FLAG.reusePort | FLAG.linuxRecvErr;

/** Beyond every descriptor that the kernel gives out: who uses the number with the kernel is refused. */
const NO_DESCRIPTOR = 0x4000_0000;

const OK = 0;

export class UdpHandle {
  /** Set by `dgram`. */
  onmessage: Message | undefined = undefined;
  onerror: unknown = undefined;

  readonly #context: HandleContext;
  readonly #resource = new AsyncResource("UDPWRAP", { requireManualDestroy: true });
  readonly #receivingHold: Hold;
  readonly #exposure: UdpExposure;
  #endpoint: UdpEndpoint | undefined = undefined;
  #receiving: UdpReceiving | undefined = undefined;
  #sending: UdpSending | undefined = undefined;
  #groups: UdpGroups | undefined = undefined;
  #isReferenced = true;
  #isClosing = false;

  constructor(context: HandleContext) {
    this.#context = context;
    this.#receivingHold = new Hold(context.lifetime);
    this.#exposure = new UdpExposure(context);
  }

  getAsyncId(): number {
    return this.#resource.asyncId();
  }

  getProviderType(): string {
    return "UDPWRAP";
  }

  get fd(): number {
    return this.#endpoint === undefined ? uvCode("EBADF") : NO_DESCRIPTOR + this.#resource.asyncId();
  }

  open(fd: number): never {
    throw new UnsupportedError(`A UDP socket on descriptor ${fd}`, "it is the kernel's; bind an address.");
  }

  bind(address: unknown, port: unknown, flags: unknown): number {
    return this.#bind(4, String(address), Number(port) & 0xffff, Number(flags) >>> 0);
  }

  bind6(address: unknown, port: unknown, flags: unknown): number {
    return this.#bind(6, String(address), Number(port) & 0xffff, Number(flags) >>> 0);
  }

  connect(address: unknown, port: unknown): number {
    return this.#connect(4, String(address), Number(port) & 0xffff);
  }

  connect6(address: unknown, port: unknown): number {
    return this.#connect(6, String(address), Number(port) & 0xffff);
  }

  disconnect(): number {
    const endpoint = this.#endpoint;
    if (this.#isClosing || endpoint === undefined) return uvCode("EBADF");
    return answer(endpoint.disconnect());
  }

  /** With a port and an address, or without when connected; then whether there is a callback. */
  send(
    request: Request,
    list: readonly ArrayBufferView[],
    count: number,
    ...rest: readonly unknown[]
  ): number {
    return this.#send(4, request, list.slice(0, count), rest);
  }

  send6(
    request: Request,
    list: readonly ArrayBufferView[],
    count: number,
    ...rest: readonly unknown[]
  ): number {
    return this.#send(6, request, list.slice(0, count), rest);
  }

  recvStart(): number {
    if (this.#isClosing) return uvCode("EBADF");
    const failed = this.#bindAnywhere(4);
    if (failed !== OK) return failed;
    this.#receiving?.start();
    this.#hold();
    return OK;
  }

  recvStop(): number {
    if (this.#isClosing) return uvCode("EBADF");
    this.#receiving?.stop();
    this.#hold();
    return OK;
  }

  getsockname(out: ToldAddress): number {
    const endpoint = this.#endpoint;
    if (endpoint === undefined) return uvCode("EBADF");
    const { family, localPort } = endpoint;
    const any = family === 4 ? ANY_V4 : ANY_V6;
    tellAddress(out, family, endpoint.localAddress ?? this.#exposure.boundAddress ?? any, localPort);
    return OK;
  }

  getpeername(out: ToldAddress): number {
    const endpoint = this.#endpoint;
    if (endpoint === undefined) return uvCode("EBADF");
    const { family, remoteAddress, remotePort } = endpoint;
    if (remoteAddress === undefined) return uvCode("ENOTCONN");
    tellAddress(out, family, remoteAddress, remotePort);
    return OK;
  }

  setTTL(hops: unknown): number {
    const value = Number(hops) | 0;
    if (value < 1 || value > 255) return uvCode("EINVAL");
    return this.#set(endpoint => {
      endpoint.hopLimit = value;
    });
  }

  setMulticastTTL(hops: unknown): number {
    const value = Number(hops) | 0;
    if (value < 0 || value > 255) return uvCode("EINVAL");
    return this.#set(endpoint => {
      endpoint.multicastHopLimit = value;
    });
  }

  setMulticastLoopback(on: unknown): number {
    return this.#set(endpoint => {
      endpoint.multicastLoop = Boolean(on);
    });
  }

  setBroadcast(on: unknown): number {
    return this.#set(endpoint => {
      endpoint.broadcast = Boolean(on);
    });
  }

  setMulticastInterface(text: unknown): number {
    if (!UdpGroups.isAddress(String(text))) return uvCode("EINVAL");
    return this.#groups?.setInterface(String(text)) ?? uvCode("EBADF");
  }

  addMembership(group: unknown, interfaceText: unknown): number {
    return this.#withGroups(group, groups => groups.change(true, String(group), interfaceText));
  }

  dropMembership(group: unknown, interfaceText: unknown): number {
    return this.#withGroups(group, groups => groups.change(false, String(group), interfaceText));
  }

  addSourceSpecificMembership(source: unknown, group: unknown, interfaceText: unknown): number {
    return this.#withGroups(group, groups =>
      groups.change(true, String(group), interfaceText, String(source)),
    );
  }

  dropSourceSpecificMembership(source: unknown, group: unknown, interfaceText: unknown): number {
    return this.#withGroups(group, groups =>
      groups.change(false, String(group), interfaceText, String(source)),
    );
  }

  bufferSize(size: number, isReceive: boolean, details: UvErrorDetails): number | undefined {
    return bufferSize(this.#endpoint, this.#sending, size, isReceive, details);
  }

  /** Bytes, and datagrams, that no device had room for yet. */
  getSendQueueSize(): number {
    return this.#sending?.queuedBytes ?? 0;
  }

  getSendQueueCount(): number {
    return this.#sending?.queuedDatagrams ?? 0;
  }

  ref(): void {
    this.#isReferenced = true;
    this.#hold();
  }

  unref(): void {
    this.#isReferenced = false;
    this.#hold();
  }

  hasRef(): boolean {
    return this.#isReferenced && !this.#isClosing;
  }

  close(closed?: unknown): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#receiving?.stop();
    this.#endpoint?.close();
    this.#endpoint = undefined;
    this.#exposure.close();
    this.#hold();
    this.#context.closing(() => {
      this.#sending?.cancel();
      if (typeof closed === "function") this.#resource.runInAsyncScope(closed as () => void, this);
      this.#resource.emitDestroy();
    });
  }

  #bind(family: IpFamily, text: string, port: number, flags: number): number {
    if (this.#isClosing) return uvCode("EBADF");
    const parsed = parseAddress(family, text);
    const isWrong = (flags & ~FLAGS) !== 0 || ((flags & FLAG.ipv6Only) !== 0 && family === 4);
    if (parsed === undefined || isWrong) return uvCode("EINVAL");
    if (this.#endpoint !== undefined && this.#endpoint.localPort !== 0) return uvCode("EINVAL");
    const endpoint = this.#open(family, flags);
    const error = this.#exposure.bind(endpoint, parsed.address, port);
    return answer(error === "EAFNOSUPPORT" ? "EINVAL" : error);
  }

  /** As libuv does for calls that need a socket: uv__udp_maybe_deferred_bind. */
  #bindAnywhere(family: IpFamily, flags = 0): number {
    if (this.#endpoint !== undefined) return OK;
    return this.#bind(family, family === 4 ? "0.0.0.0" : "::", 0, flags);
  }

  /** A socket. One that could not be bound gives way: it has no options that a user could have set. */
  #open(family: IpFamily, flags: number): UdpEndpoint {
    this.#endpoint?.close();
    const { host, turns, lifetime } = this.#context;
    const endpoint = host.udp.open({
      family,
      v6only: (flags & FLAG.ipv6Only) !== 0,
      reuseAddress: (flags & FLAG.reuseAddress) !== 0,
      reusePort: (flags & FLAG.reusePort) !== 0,
    });
    this.#endpoint = endpoint;
    this.#sending = new UdpSending(endpoint, turns, lifetime);
    this.#groups = new UdpGroups(host, endpoint);
    this.#receiving = new UdpReceiving(host, endpoint, turns, (...message) => {
      if (this.onmessage !== undefined)
        this.#resource.runInAsyncScope(this.onmessage, this, message[0], this, ...message.slice(1));
    });
    return endpoint;
  }

  #connect(family: IpFamily, text: string, port: number): number {
    if (this.#isClosing) return uvCode("EBADF");
    const parsed = parseAddress(family, text);
    if (parsed === undefined) return uvCode("EINVAL");
    if (this.#endpoint?.remoteAddress !== undefined) return uvCode("EISCONN");
    const failed = this.#bindAnywhere(family);
    if (failed !== OK) return failed;
    const index = this.#indexOf(parsed.zone);
    return answer(this.#endpoint?.connect(this.#exposure.destination(parsed.address, port), port, index));
  }

  #send(
    family: IpFamily,
    request: Request,
    list: readonly ArrayBufferView[],
    rest: readonly unknown[],
  ): number {
    if (this.#isClosing) return uvCode("EBADF");
    const isConnected = this.#endpoint?.remoteAddress !== undefined;
    if (rest.length < 3) {
      if (!isConnected) return uvCode("EDESTADDRREQ");
      return this.#sending?.send(request, list, undefined, rest[0] === true) ?? uvCode("EBADF");
    }
    const [port, text, hasCallback] = rest;
    const parsed = parseAddress(family, String(text));
    if (parsed === undefined) return uvCode("EINVAL");
    if (isConnected) return uvCode("EISCONN");
    const failed = this.#bindAnywhere(family);
    if (failed !== OK) return failed;
    const interfaceIndex = this.#indexOf(parsed.zone);
    const portNumber = Number(port) & 0xffff;
    const to = {
      address: this.#exposure.destination(parsed.address, portNumber),
      port: portNumber,
      interfaceIndex,
    };
    return this.#sending?.send(request, list, to, hasCallback === true) ?? uvCode("EBADF");
  }

  /** As libuv, which asks if_nametoindex: a zone that is no interface is none. */
  #indexOf(zone: string | undefined): number {
    return zone === undefined ? 0 : (interfaceIndexOf(this.#context.host, zone) ?? 0);
  }

  #set(change: (endpoint: UdpEndpoint) => void): number {
    if (this.#endpoint === undefined) return uvCode("EBADF");
    change(this.#endpoint);
    return OK;
  }

  #withGroups(group: unknown, change: (groups: UdpGroups) => number): number {
    if (this.#isClosing) return uvCode("EBADF");
    const family = UdpGroups.familyOf(String(group));
    if (family === undefined) return uvCode("EINVAL");
    const failed = this.#bindAnywhere(family, FLAG.reuseAddress);
    if (failed !== OK) return failed;
    return this.#groups === undefined ? uvCode("EBADF") : change(this.#groups);
  }

  /** The handle keeps the process alive as libuv's does: while it receives, unless it was let go. */
  #hold(): void {
    this.#receivingHold.set(this.#receiving?.isActive === true && this.hasRef());
  }
}

function answer(error: ErrorCode | undefined): number {
  return error === undefined ? OK : uvCode(error);
}

/** The class that stands where Node's own `UDP` does: its handles live on the context's host. */
export function udpClass(context: HandleContext): new () => UdpHandle {
  return class UDP extends UdpHandle {
    constructor() {
      super(context);
    }
  };
}
