/**
 * What a UDP handle sends: libuv's uv_udp_try_send, and uv_udp_send for what no device had room for. Those
 * datagrams wait in order, and go on when a device has room.
 */
import { AsyncResource } from "node:async_hooks";
import { Fifo } from "../../base/fifo.ts";
import type { UdpDestination, UdpEndpoint } from "../../udp/udp-endpoint.ts";
import type { Request } from "./bindings.ts";
import { uvCode } from "./error-codes.ts";
import { Hold, type Lifetime } from "./lifetime.ts";
import type { Turns } from "./turns.ts";

/** Linux's net.core.wmem_default. */
export const SEND_BUFFER_SIZE = 212_992;

interface Waiting {
  readonly bytes: Uint8Array;
  readonly to: UdpDestination | undefined;
  readonly done: (status: number) => void;
}

export class UdpSending {
  /** What the user asked for. Datagrams do not wait in a buffer of the socket's: the device has the queue. */
  bufferSize = SEND_BUFFER_SIZE;
  queuedBytes = 0;
  readonly #endpoint: UdpEndpoint;
  readonly #turns: Turns;
  readonly #lifetime: Lifetime;
  readonly #queue = new Fifo<Waiting>();

  constructor(endpoint: UdpEndpoint, turns: Turns, lifetime: Lifetime) {
    this.#endpoint = endpoint;
    this.#turns = turns;
    this.#lifetime = lifetime;
    endpoint.onWritable = () => this.#goOn();
  }

  get queuedDatagrams(): number {
    return this.#queue.length;
  }

  /**
   * Answers one more than the bytes of a datagram that is sent, so that an empty one is not 0; 0 for one that
   * waits; or libuv's error.
   */
  send(
    request: Request,
    list: readonly ArrayBufferView[],
    to: UdpDestination | undefined,
    hasCallback: boolean,
  ): number {
    const bytes = joined(list);
    if (this.#queue.length === 0) {
      const error = this.#endpoint.send(bytes, to);
      if (error === undefined) return bytes.length + 1;
      if (error !== "ENOBUFS") return uvCode(error);
    }
    this.#wait(bytes, to, hasCallback ? request : undefined);
    return 0;
  }

  /** The handle is closed: what waits is not sent any more. */
  cancel(): void {
    this.queuedBytes = 0;
    for (let first = this.#queue.shift(); first !== undefined; first = this.#queue.shift())
      first.done(uvCode("ECANCELED"));
  }

  /** A request in progress keeps the process alive. */
  #wait(bytes: Uint8Array, to: UdpDestination | undefined, request: Request | undefined): void {
    const scope = new AsyncResource("UDPSENDWRAP");
    const hold = new Hold(this.#lifetime);
    hold.set(true);
    const done = (status: number): void => {
      hold.set(false);
      const call = request?.oncomplete;
      if (typeof call === "function")
        scope.runInAsyncScope(call as () => void, request, status, bytes.length);
    };
    this.queuedBytes += bytes.length;
    this.#queue.push({ bytes, to, done });
  }

  #goOn(): void {
    for (let first = this.#queue.peek(); first !== undefined; first = this.#queue.peek()) {
      const error = this.#endpoint.send(first.bytes, first.to);
      if (error === "ENOBUFS") return;
      this.#queue.shift();
      this.queuedBytes -= first.bytes.length;
      const { done } = first;
      this.#turns.happened(() => done(error === undefined ? 0 : uvCode(error)));
    }
  }
}

/** The pieces of one datagram; each may be a view of any kind. */
function joined(list: readonly ArrayBufferView[]): Uint8Array {
  const pieces = list.map(
    ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
  );
  const [first] = pieces;
  return pieces.length === 1 && first !== undefined ? first : Buffer.concat(pieces);
}
