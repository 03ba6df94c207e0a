/**
 * `node:dgram` on a host: Node's own sockets over handles of ours, so that several hosts live in one process.
 * Node makes a socket with a handle of the kernel's, which has no descriptor before it is used; ours takes
 * its place before anybody uses it.
 */
import dgram from "node:dgram";
import type { HandleContext } from "../handles/handle-context.ts";
import { UdpHandle } from "../handles/udp-handle.ts";
import { hiddenSymbol } from "./hidden-symbol.ts";

/** As `dns.lookup`. */
export type DatagramLookup = NonNullable<dgram.SocketOptions["lookup"]>;

/** What `node:dgram` exports. */
export interface HostDgram {
  readonly createSocket: typeof dgram.createSocket;
  readonly Socket: new (
    how: dgram.SocketType | dgram.SocketOptions,
    listener?: MessageListener,
  ) => dgram.Socket;
}

type MessageListener = NonNullable<Parameters<typeof dgram.createSocket>[1]>;

/** Node keeps what belongs to a socket behind symbols. */
interface SocketState {
  handle: (UdpHandle & { lookup?: unknown }) | null;
  readonly bindState: number;
}

const UNBOUND = 0;

/**
 * @param lookup finds names, for sockets that bring no `lookup` of their own; Node's `dns.lookup` if not
 * given
 */
export function dgramOf(context: HandleContext, lookup?: DatagramLookup): HostDgram {
  const Base = dgram.Socket as unknown as HostDgram["Socket"];

  class Socket extends Base {
    constructor(how: dgram.SocketType | dgram.SocketOptions, listener?: MessageListener) {
      const options = typeof how === "string" ? { type: how } : how;
      super(lookup === undefined ? options : { lookup, ...options }, listener);
      exchangeHandle(this, new UdpHandle(context));
    }
  }

  const createSocket = (how: dgram.SocketType | dgram.SocketOptions, listener?: MessageListener) =>
    new Socket(how, listener);
  return { createSocket, Socket };
}

/** Ours is made as Node made its own: `newHandle` of internal/dgram. */
export function exchangeHandle(socket: dgram.Socket, ours: UdpHandle & { lookup?: unknown }): void {
  const state = stateOf(socket);
  const { handle } = state;
  // An abort signal has closed the socket already.
  if (handle === null) return;
  ours.lookup = handle.lookup;
  if ((socket as unknown as { type: dgram.SocketType }).type === "udp6") {
    ours.bind = ours.bind6;
    ours.connect = ours.connect6;
    ours.send = ours.send6;
  }
  if (!handle.hasRef()) ours.unref();
  Object.assign(ours, { [hiddenSymbol(handle, "owner_symbol")]: socket });
  Object.assign(socket, { [hiddenSymbol(socket, "async_id_symbol")]: ours.getAsyncId() });
  state.handle = ours;
  handle.close();
}

/** Nobody has used it yet. */
export function isUnbound(socket: dgram.Socket): boolean {
  const { handle, bindState } = stateOf(socket);
  return handle !== null && bindState === UNBOUND;
}

function stateOf(socket: dgram.Socket): SocketState {
  return Reflect.get(socket, hiddenSymbol(socket, "state symbol")) as SocketState;
}
