/**
 * Listening sockets: each has a listener of TCP, and those that share an address and a port by SO_REUSEPORT
 * have one together, whose connections are spread over them by a hash of the peer's address and port.
 */
import { NetError } from "../../base/errors.ts";
import type { Host } from "../../host/host.ts";
import type { Listener } from "../../tcp/handshake/listener.ts";
import type { TcpConnection } from "../../tcp/tcp-connection.ts";
import type { Errno } from "./errno.ts";
import type { PortHolder } from "./tcp-ports.ts";

/** What `listen` was called on. */
export interface ListeningSocket {
  readonly binding: PortHolder;
  /** A connection waits to be accepted. */
  acceptable(): void;
}

export class TcpListeners {
  readonly #host: Host;
  readonly #groups = new Set<ListenerGroup>();

  constructor(host: Host) {
    this.#host = host;
  }

  listen(socket: ListeningSocket, backlog: number): Listening | Errno {
    const group = this.#groupFor(socket) ?? this.#open(socket, backlog);
    return typeof group === "string" ? group : group.join(socket);
  }

  #groupFor(socket: ListeningSocket): ListenerGroup | undefined {
    if (!socket.binding.reusesPort) return undefined;
    return [...this.#groups].find(group => group.admits(socket));
  }

  #open(socket: ListeningSocket, backlog: number): ListenerGroup | Errno {
    const { heldAddress: address, heldFamilies: families, heldPort: port } = socket.binding;
    try {
      const listener = this.#host.tcp.listen({ address, families, port, backlog });
      const group = new ListenerGroup(listener, () => {
        this.#groups.delete(group);
        this.#host.tcp.closeListener(listener);
      });
      this.#groups.add(group);
      return group;
    } catch (error) {
      if (error instanceof NetError) return error.code;
      throw error;
    }
  }
}

/** One listener of TCP, and the sockets that accept from it. */
class ListenerGroup {
  readonly listener: Listener;
  readonly members: Listening[] = [];
  readonly #close: () => void;

  constructor(listener: Listener, close: () => void) {
    this.listener = listener;
    this.#close = close;
    listener.observer = { acceptable: () => this.#acceptable() };
  }

  admits({ binding }: ListeningSocket): boolean {
    const { heldAddress, heldFamilies, heldPort } = binding;
    const { address, families, port } = this.listener;
    if (port !== heldPort || !this.members.every(({ socket }) => socket.binding.reusesPort)) return false;
    if (address === undefined || heldAddress === undefined)
      return address === heldAddress && families === heldFamilies;
    return address.equals(heldAddress);
  }

  join(socket: ListeningSocket): Listening {
    if (this.members.length === 1) this.#spread();
    const member = new Listening(this, socket);
    this.members.push(member);
    return member;
  }

  leave(member: Listening): void {
    this.members.splice(this.members.indexOf(member), 1);
    if (this.members.length === 0) this.#close();
  }

  #acceptable(): void {
    if (this.members.length > 1) this.#spread();
    else this.members[0]?.socket.acceptable();
  }

  #spread(): void {
    const { listener, members } = this;
    for (let next = listener.accept(); next !== undefined; next = listener.accept()) {
      const hash = (next.remote.hash() ^ Math.imul(next.remotePort, 0x9e37_79b1)) >>> 0;
      const member = members[hash % members.length];
      member?.own.push(next);
      member?.socket.acceptable();
    }
  }
}

/** A socket's part in its listener. */
export class Listening {
  readonly socket: ListeningSocket;
  /** Connections that the spreading gave to this socket. */
  readonly own: TcpConnection[] = [];
  readonly #group: ListenerGroup;

  constructor(group: ListenerGroup, socket: ListeningSocket) {
    this.#group = group;
    this.socket = socket;
  }

  get listener(): Listener {
    return this.#group.listener;
  }

  get waiting(): number {
    return this.own.length + (this.#group.members.length === 1 ? this.listener.waiting : 0);
  }

  get backlog(): number {
    return this.listener.backlog;
  }

  set backlog(backlog: number) {
    this.listener.backlog = backlog;
  }

  accept(): TcpConnection | undefined {
    return this.own.shift() ?? (this.#group.members.length === 1 ? this.listener.accept() : undefined);
  }

  /** Connections that nobody accepted are reset. */
  close(): void {
    for (const connection of this.own.splice(0)) connection.abort();
    this.#group.leave(this);
  }
}
