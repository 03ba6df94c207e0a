/**
 * Several hosts in one process, with Node's own modules as they are: code that runs "in" a host opens its
 * sockets there, whichever library opens them. Where code runs is its async context; a socket that was made
 * for a host stays that host's wherever it is used.
 *
 * Node's sockets and servers get their handles when they connect, listen or bind. At these places ours
 * are put there for whoever is in a host; everybody else goes on to the kernel.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import dgram from "node:dgram";
import http from "node:http";
import net from "node:net";
import tls from "node:tls";
import { KernelTcp } from "../handles/bindings.ts";
import type { HandleContext } from "../handles/handle-context.ts";
import { type TcpClass, TcpHandle, tcpClass } from "../handles/tcp-handle.ts";
import { UdpHandle } from "../handles/udp-handle.ts";
import { exchangeHandle, isUnbound } from "./dgram.ts";
import { hiddenSymbol } from "./hidden-symbol.ts";

const SOCKET = 0;
const SERVER = 1;

const current = new AsyncLocalStorage<HandleContext>();
/** Sockets and servers that were made for a host. */
const owners = new WeakMap<object, HandleContext>();
const tcpClasses = new WeakMap<HandleContext, TcpClass>();
const adopted = new WeakSet<dgram.Socket>();
let isInstalled = false;

/** Runs it in the host: what it opens now or later, it opens there. */
export function inHost<T>(context: HandleContext, run: () => T): T {
  openToHosts();
  return current.run(context, run);
}

/** The host that the running code is in. */
export function currentHost(): HandleContext | undefined {
  return current.getStore();
}

/** From now on the socket or server is the host's, wherever it is used. */
export function own<T extends object>(context: HandleContext, socket: T): T {
  owners.set(socket, context);
  return socket;
}

function hostOf(socket: object): HandleContext | undefined {
  return owners.get(socket) ?? current.getStore();
}

function newTcp(context: HandleContext, type: number): TcpHandle {
  let Handle = tcpClasses.get(context);
  if (Handle === undefined) {
    Handle = tcpClass(context);
    tcpClasses.set(context, Handle);
  }
  return new Handle(type);
}

/** Opens Node's modules to hosts. Who takes functions out of them should do so after this. */
export function openToHosts(): void {
  if (isInstalled) return;
  isInstalled = true;
  acceptOurHandles();
  inhabitConnect();
  inhabitListen();
  inhabitDatagrams();
  inhabitAgents();
}

/** Node asks whether a handle is one of TCP's (`resetAndDestroy`, `listen(handle)`). */
function acceptOurHandles(): void {
  const isInstance = Function.prototype[Symbol.hasInstance];
  Object.defineProperty(KernelTcp, Symbol.hasInstance, {
    value: (handle: unknown) => handle instanceof TcpHandle || isInstance.call(KernelTcp, handle),
  });
}

/** What Node's own `net.Socket` has, of which we put an end of our own in the place of. */
interface SocketInside {
  _handle: object | null;
  connect(...args: unknown[]): unknown;
  [reinitialize: symbol]: (handle: object) => void;
}

function inhabitConnect(): void {
  const inside = net.Socket.prototype as unknown as SocketInside;
  const reinitialize = hiddenSymbol(inside, "kReinitializeHandle");
  const { connect } = inside;
  inside.connect = function (this: net.Socket & SocketInside, ...args) {
    const context = hostOf(this);
    const isPipe = typeof (optionsOf(args) as { path?: unknown } | undefined)?.path === "string";
    if (context === undefined || isPipe) return connect.apply(this, args);
    if (this.destroyed) this._handle = null;
    if (!this._handle) this[reinitialize]?.(newTcp(context, SOCKET));
    else if (isAroundKernels(this._handle))
      this[reinitialize]?.(ownedAs(this._handle, newTcp(context, SOCKET)));
    return current.run(context, () => connect.apply(this, args));
  };
  // Who tries several addresses takes a new handle for each. TLS's sockets put one of their own around it.
  for (const place of [net.Socket.prototype, tls.TLSSocket.prototype] as unknown as SocketInside[]) {
    const { [reinitialize]: give } = place;
    place[reinitialize] = function (this: net.Socket & SocketInside, handle) {
      const context = isKernels(handle) ? hostOf(this) : undefined;
      give?.call(this, context === undefined ? handle : newTcp(context, SOCKET));
    };
  }
}

/** The options among the arguments of `connect`: given as such, or as `net` has ordered them already. */
function optionsOf([first]: readonly unknown[]): unknown {
  if (typeof first === "string") return Number.isNaN(Number(first)) ? { path: first } : undefined;
  return Array.isArray(first) ? first[0] : first;
}

type Listen = (
  address: string | null,
  port: number,
  family: number,
  backlog: number,
  fd: number | undefined,
  flags: number | undefined,
) => void;

/** The handle within another belongs to the same socket. */
function ownedAs(around: object, handle: TcpHandle): TcpHandle {
  const parent = Reflect.get(around, "_parent") as object;
  const owner = hiddenSymbol(parent, "owner_symbol");
  return Object.assign(handle, { [owner]: Reflect.get(parent, owner) });
}

/** TLS's sockets have a handle of the kernel's from the beginning, and their own around it. */
function isAroundKernels(handle: object | null): boolean {
  const parent: unknown = handle !== null && Reflect.get(handle, "_parent");
  return isKernels(parent);
}

function isKernels(handle: unknown): boolean {
  return handle instanceof KernelTcp && !(handle instanceof TcpHandle);
}

interface ServerInside {
  _handle: object | null;
  listen(...args: unknown[]): unknown;
  _listen2: Listen;
}

function inhabitListen(): void {
  const inside = net.Server.prototype as unknown as ServerInside;
  const { listen: listenByName, _listen2: listen } = inside;
  inside.listen = function (this: net.Server & ServerInside, ...args) {
    const context = hostOf(this);
    const go = (): unknown => listenByName.apply(this, args);
    return context === undefined ? go() : current.run(context, go);
  };
  inside._listen2 = function (this: ServerInside, address, port, family, backlog, fd, flags) {
    const context = hostOf(this);
    const isNetwork = family === 4 || family === 6 || address === null;
    if (context !== undefined && !this._handle && isNetwork && typeof fd !== "number") {
      const handle = newTcp(context, SERVER);
      const isV4 = address !== null && family === 4;
      const error = isV4 ? handle.bind(address, port) : handle.bind6(address ?? "::", port, flags);
      this._handle = error === 0 ? handle : new FailedHandle(error);
    }
    listen.call(this, address, port, family, backlog, fd, flags);
  };
}

/** Node makes an error of what `listen` answers, as it does of what its own `bind` has answered. */
class FailedHandle {
  readonly #error: number;

  constructor(error: number) {
    this.#error = error;
  }

  listen(): number {
    return this.#error;
  }

  close(): void {}
}

/** Every socket is bound before it sends, receives or connects. */
function inhabitDatagrams(): void {
  const inside = dgram.Socket.prototype as { bind: (...args: unknown[]) => dgram.Socket };
  const { bind } = inside;
  inside.bind = function (this: dgram.Socket, ...args) {
    const context = hostOf(this);
    if (context !== undefined && !adopted.has(this) && isUnbound(this)) {
      adopted.add(this);
      const handle: UdpHandle & { lookup?: unknown } = new UdpHandle(context);
      exchangeHandle(this, handle);
      const lookup = handle.lookup as (...given: unknown[]) => unknown;
      handle.lookup = (...given: unknown[]) => current.run(context, () => lookup(...given));
    }
    return bind.apply(this, args);
  };
}

/** Agents keep connections by whom they lead to; from another host it is not the same connection. */
function inhabitAgents(): void {
  const inside = http.Agent.prototype as unknown as { getName(...args: unknown[]): string };
  const { getName } = inside;
  const numbers = new WeakMap<HandleContext, number>();
  let last = 0;
  inside.getName = function (...args) {
    const name = getName.apply(this, args);
    const context = current.getStore();
    if (context === undefined) return name;
    const number = numbers.get(context) ?? ++last;
    numbers.set(context, number);
    return `${name}#${number}`;
  };
}
