/**
 * Several hosts in one process, with Node's own modules as they are: code that runs "in" a host opens its
 * sockets there, whichever library opens them. Where code runs is its async context; a socket that was made
 * for a host stays that host's wherever it is used.
 *
 * Node's sockets and servers get their handles when they connect, listen or bind. At these places ours
 * are put there for whoever is in a host; everybody else goes on to the kernel.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type dgramModule from "node:dgram";
import type dnsModule from "node:dns";
import type httpModule from "node:http";
import { createRequire, syncBuiltinESMExports } from "node:module";
import type netModule from "node:net";
import type tlsModule from "node:tls";
import { KernelTcp } from "../handles/bindings.ts";
import type { HandleContext } from "../handles/handle-context.ts";
import { type TcpClass, TcpHandle, tcpClass } from "../handles/tcp-handle.ts";
import { UdpHandle } from "../handles/udp-handle.ts";
import { kernelHandleIsWanted } from "../kernel-handles.ts";
import { exchangeHandle, isUnused, type NamingHandle } from "./datagram-handle.ts";
import { hiddenSymbol } from "./hidden-symbol.ts";
import { inhabitLookup } from "./names.ts";

const SOCKET = 0;
const SERVER = 1;

const current = new AsyncLocalStorage<HandleContext>();
/** Sockets and servers that were made for a host. */
const owners = new WeakMap<object, HandleContext>();
const tcpClasses = new WeakMap<HandleContext, TcpClass>();
let isInstalled = false;
/** The host of whoever is in none. */
let fallback: HandleContext | undefined;

/** Runs it in the host: what it opens now or later, it opens there. */
export function inHost<T>(context: HandleContext, run: () => T): T {
  openToHosts();
  return current.run(context, run);
}

/** Whoever is in no host is in this one. */
export function inhabitAlways(context: HandleContext): void {
  openToHosts();
  fallback = context;
}

/** From now on the socket or server is the host's, wherever it is used. */
export function own<T extends object>(context: HandleContext, socket: T): T {
  owners.set(socket, context);
  return socket;
}

function hostOf(socket: object): HandleContext | undefined {
  return owners.get(socket) ?? currentHost();
}

/** None where the way out of a program's own host is made. */
function currentHost(): HandleContext | undefined {
  return kernelHandleIsWanted() ? undefined : (current.getStore() ?? fallback);
}

function tcpOf(context: HandleContext): TcpClass {
  const known = tcpClasses.get(context) ?? inhabitedClass(context);
  tcpClasses.set(context, known);
  return known;
}

/** What C++ tells of a handle it tells in the async context in which that was made: in the host. */
function inhabitedClass(context: HandleContext): TcpClass {
  const inside = new Proxy(tcpClass(context), {
    construct: (target, args, made) => current.run(context, () => Reflect.construct(target, args, made)),
  });
  // By this a listening handle makes those that it accepts.
  inside.prototype.constructor = inside;
  return inside;
}

function newTcp(context: HandleContext, type: number): TcpHandle {
  return new (tcpOf(context))(type);
}

/**
 * Opens Node's modules to hosts. Who takes functions out of them should do so after this. They are loaded
 * only now: the handles of whole programs have to be exchanged before that.
 */
export function openToHosts(): void {
  if (isInstalled) return;
  isInstalled = true;
  const require = createRequire(import.meta.url);
  const net = require("node:net") as typeof netModule;
  const tls = require("node:tls") as typeof tlsModule;
  acceptOurHandles();
  const ofTls = tls.TLSSocket.prototype as unknown as SocketInside;
  inhabitConnect(net.Socket.prototype as unknown as SocketInside, ofTls);
  inhabitListen(net.Server.prototype as unknown as ServerInside);
  inhabitDatagrams((require("node:dgram") as typeof dgramModule).Socket.prototype);
  inhabitAgents((require("node:http") as typeof httpModule).Agent.prototype as unknown as AgentInside);
  inhabitLookup(require("node:dns") as typeof dnsModule, currentHost);
  syncBuiltinESMExports();
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
  readonly destroyed: boolean;
  _handle: object | null;
  connect(...args: unknown[]): unknown;
  [reinitialize: symbol]: (handle: object) => void;
}

/** @param places of `net`, and of `tls`, whose sockets are those of `net` with more to them */
function inhabitConnect(inside: SocketInside, ofTls: SocketInside): void {
  const reinitialize = hiddenSymbol(inside, "kReinitializeHandle");
  const { connect } = inside;
  inside.connect = function (this: SocketInside, ...args) {
    const context = hostOf(this);
    const isPipe = typeof (optionsOf(args) as { path?: unknown } | undefined)?.path === "string";
    if (context === undefined || isPipe) return connect.apply(this, args);
    if (this.destroyed) this._handle = null;
    if (!this._handle) this[reinitialize]?.(newTcp(context, SOCKET));
    else if (isAroundOthers(context, this._handle))
      this[reinitialize]?.(ownedAs(this._handle, newTcp(context, SOCKET)));
    return current.run(context, () => connect.apply(this, args));
  };
  // Who tries several addresses takes a new handle for each. TLS's sockets put one of their own around it.
  for (const place of [inside, ofTls]) {
    const { [reinitialize]: give } = place;
    place[reinitialize] = function (this: SocketInside, handle) {
      const context = hostOf(this);
      const isOurs = context === undefined || !isOthers(context, handle);
      give?.call(this, isOurs ? handle : newTcp(context, SOCKET));
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

/** TLS's sockets have a handle from the beginning, of the kernel's mostly, and their own around it. */
function isAroundOthers(context: HandleContext, handle: object): boolean {
  return isOthers(context, Reflect.get(handle, "_parent"));
}

/** A handle of the kernel's, or of another host. */
function isOthers(context: HandleContext, handle: unknown): boolean {
  return handle instanceof KernelTcp && !(handle instanceof tcpOf(context));
}

interface ServerInside {
  _handle: object | null;
  listen(...args: unknown[]): unknown;
  _listen2: Listen;
}

function inhabitListen(inside: ServerInside): void {
  const { listen: listenByName, _listen2: listen } = inside;
  inside.listen = function (this: ServerInside, ...args) {
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

/** What makes a datagram socket one of the system's; the rest follows upon these. */
const OPENING = [
  "bind",
  "addMembership",
  "dropMembership",
  "addSourceSpecificMembership",
  "dropSourceSpecificMembership",
] as const;

function inhabitDatagrams(socket: dgramModule.Socket): void {
  const inside = socket as unknown as Record<string, (...args: unknown[]) => unknown>;
  for (const name of OPENING) {
    const open = inside[name];
    inside[name] = function (this: dgramModule.Socket, ...args) {
      const context = hostOf(this);
      if (context !== undefined && isUnused(this)) adopt(this, context);
      return open?.apply(this, args);
    };
  }
}

const adopted = new WeakSet<object>();

function adopt(socket: dgramModule.Socket, context: HandleContext): void {
  if (adopted.has(socket)) return;
  adopted.add(socket);
  const handle: NamingHandle = new UdpHandle(context);
  exchangeHandle(socket, handle);
  const lookup = handle.lookup as (...given: unknown[]) => unknown;
  handle.lookup = (...given: unknown[]) => current.run(context, () => lookup(...given));
}

interface AgentInside {
  getName(...args: unknown[]): string;
}

/** Agents keep connections by whom they lead to; from another host it is not the same connection. */
function inhabitAgents(inside: AgentInside): void {
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
