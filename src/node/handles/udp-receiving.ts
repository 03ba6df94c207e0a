/**
 * What a UDP handle hears: libuv's uv_udp_recv_start. A turn brings one datagram, or the error that an ICMP
 * message has left on a connected socket (ECONNREFUSED), and asks for another turn while there is more.
 */
import type { Host } from "../../host/host.ts";
import type { Datagram } from "../../udp/receive-queue.ts";
import type { UdpEndpoint } from "../../udp/udp-endpoint.ts";
import { type ToldAddress, tellAddress } from "./addresses.ts";
import { uvCode } from "./error-codes.ts";
import type { Turns } from "./turns.ts";

/** The number of bytes or libuv's error, the handle, the bytes and the sender. */
export type Message = (
  count: number,
  handle: object,
  bytes: Buffer | undefined,
  sender: ToldAddress | undefined,
) => void;

export class UdpReceiving {
  #isActive = false;
  #turnIsDue = false;
  readonly #host: Host;
  readonly #endpoint: UdpEndpoint;
  readonly #turns: Turns;
  readonly #tell: (count: number, bytes?: Buffer, sender?: ToldAddress) => void;

  constructor(
    host: Host,
    endpoint: UdpEndpoint,
    turns: Turns,
    tell: (count: number, bytes?: Buffer, sender?: ToldAddress) => void,
  ) {
    this.#host = host;
    this.#endpoint = endpoint;
    this.#turns = turns;
    this.#tell = tell;
    endpoint.onReadable = () => this.#happened();
    endpoint.onError = () => this.#happened();
  }

  get isActive(): boolean {
    return this.#isActive;
  }

  start(): void {
    this.#isActive = true;
    if (this.#turnIsDue) return;
    this.#turnIsDue = true;
    this.#turns.later(this.#turn);
  }

  stop(): void {
    this.#isActive = false;
  }

  #happened(): void {
    if (!this.#isActive || this.#turnIsDue) return;
    this.#turnIsDue = true;
    this.#turns.happened(this.#turn);
  }

  readonly #turn = (): void => {
    this.#turnIsDue = false;
    if (!this.#isActive) return;
    const error = this.#endpoint.takeError();
    const datagram = error === undefined ? this.#endpoint.receive() : undefined;
    // Before the user is called, who may throw. He may also stop: then the turn does nothing.
    if (this.#endpoint.readable > 0) this.#happened();
    if (error !== undefined) this.#tell(uvCode(error));
    else if (datagram !== undefined) this.#deliver(datagram);
  };

  #deliver({ bytes, source, sourcePort, interfaceIndex }: Datagram): void {
    const sender: ToldAddress = {};
    tellAddress(sender, this.#endpoint.family, source, sourcePort);
    // RFC 4007 §11: a link-local address says nothing without its link.
    if (source.family === 6 && source.isLinkLocal) sender.address += `%${this.#nameOf(interfaceIndex)}`;
    this.#tell(
      bytes.length,
      Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.length),
      sender,
    );
  }

  #nameOf(index: number): string {
    return this.#host.net.interfaces().find(iface => iface.index === index)?.name ?? String(index);
  }
}
