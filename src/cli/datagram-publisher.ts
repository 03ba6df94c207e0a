/**
 * Port publishing for UDP: what the kernel receives at a port of this machine goes to a Postel host, from an
 * endpoint of the gate for each of the kernel's peers, and what comes back goes to that peer.
 */
import { createSocket, type Socket } from "node:dgram";
import type { Host } from "../host/host.ts";
import { withKernelHandles } from "../node/kernel-handles.ts";
import { OperationError } from "../node/operation-error.ts";
import { openUdp, type UdpSocket } from "../socket/udp-socket.ts";
import type { IpAddress } from "../wire/address.ts";
import type { ListenAddress } from "./quantities.ts";

/** The peer that was opened first gives way. */
const PEERS = 1_024;

export class DatagramPublisher {
  /** Datagrams leave nothing that must be waited for. */
  readonly connections = 0;
  readonly #gate: Host;
  readonly #remote: IpAddress;
  readonly #remotePort: number;
  readonly #peers = new Map<string, UdpSocket>();
  #socket: Socket | undefined;

  constructor(gate: Host, remote: IpAddress, remotePort: number) {
    this.#gate = gate;
    this.#remote = remote;
    this.#remotePort = remotePort;
  }

  /** Answers where it listens: it does when the call returns. @throws OperationError */
  openNow({ host, port }: ListenAddress): ListenAddress {
    const family = host.includes(":") ? 6 : 4;
    const socket = withKernelHandles(() =>
      createSocket({ type: `udp${family}`, lookup: (_host, _options, found) => found(null, host, family) }),
    );
    let failure: NodeJS.ErrnoException | undefined;
    socket.on("error", error => {
      failure = error;
    });
    // As nothing has to be looked up, it is bound, or has told that it cannot be, when the call returns.
    socket.bind(port, host);
    if (failure !== undefined) {
      socket.close();
      throw explain(failure, host, port);
    }
    this.#socket = socket;
    socket.on("message", (bytes, peer) => this.#carry(bytes, peer.address, peer.port));
    return { host, port: socket.address().port };
  }

  /** It does not keep the process alive. */
  unref(): void {
    this.#socket?.unref();
  }

  close(): void {
    this.#socket?.close();
    this.#socket = undefined;
    this.resetConnections();
  }

  resetConnections(): void {
    for (const endpoint of this.#peers.values()) endpoint.close();
    this.#peers.clear();
  }

  #carry(bytes: Uint8Array, address: string, port: number): void {
    const key = `${address} ${port}`;
    const socket = this.#peers.get(key) ?? this.#openPeer(key, address, port);
    try {
      socket.send(bytes);
    } catch {
      // Nobody listens there any more: the kernel's peer hears nothing, as of a host that is gone.
    }
  }

  #openPeer(key: string, address: string, port: number): UdpSocket {
    const oldest = this.#peers.keys().next();
    if (this.#peers.size >= PEERS && !oldest.done) {
      this.#peers.get(oldest.value)?.close();
      this.#peers.delete(oldest.value);
    }
    const socket = openUdp(this.#gate);
    socket.connect(this.#remote, this.#remotePort);
    this.#peers.set(key, socket);
    void this.#answer(socket, address, port);
    return socket;
  }

  async #answer(socket: UdpSocket, address: string, port: number): Promise<void> {
    while (!socket.endpoint.isClosed) {
      try {
        for await (const { bytes } of socket) this.#socket?.send(bytes, port, address);
      } catch {
        // An ICMP error about one datagram: others may get through.
      }
    }
  }
}

function explain(error: NodeJS.ErrnoException, host: string, port: number): OperationError {
  const code = error.code ?? "EINVAL";
  if (code !== "EADDRINUSE")
    return new OperationError(code, `UDP port ${port} of ${host} cannot be used (${code}).`);
  return new OperationError(
    code,
    `UDP port ${port} of ${host} is in use by another program: stop that program or choose another port.`,
  );
}
