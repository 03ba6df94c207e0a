/**
 * A stock datagram socket with a handle of ours. Node makes it with a handle of the kernel's, which has no
 * descriptor before it is used; ours takes its place before anybody uses it.
 */
import type { Socket, SocketType } from "node:dgram";
import type { UdpHandle } from "../handles/udp-handle.ts";
import { hiddenSymbol } from "./hidden-symbol.ts";

export type NamingHandle = UdpHandle & { lookup?: unknown };

/** Node keeps what belongs to a socket behind symbols. */
interface SocketState {
  handle: NamingHandle | null;
  readonly bindState: number;
}

const UNBOUND = 0;

/** Ours is made as Node made its own: `newHandle` of internal/dgram. */
export function exchangeHandle(socket: Socket, ours: NamingHandle): void {
  const state = stateOf(socket);
  const { handle } = state;
  if (handle === null) return;
  ours.lookup = handle.lookup;
  if ((socket as unknown as { type: SocketType }).type === "udp6") {
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

/** Nobody has used it yet, nor closed it: an abort signal may, from within its constructor. */
export function isUnused(socket: Socket): boolean {
  const { handle, bindState } = stateOf(socket);
  return handle !== null && bindState === UNBOUND && handle.fd < 0;
}

function stateOf(socket: Socket): SocketState {
  return Reflect.get(socket, hiddenSymbol(socket, "state symbol")) as SocketState;
}
