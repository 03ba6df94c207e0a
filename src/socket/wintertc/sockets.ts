/**
 * The Sockets API of WinterTC (https://sockets-api.proposal.wintertc.org) on a host: `connect()` and the
 * `Socket` that it answers, for code that is written for any JavaScript runtime.
 */
import type { Host } from "../../host/host.ts";
import { type IpAddress, LOOPBACK_V4, LOOPBACK_V6, parseIpAddress } from "../../wire/address.ts";
import { Deferred } from "../deferred.ts";
import { connectTcp, type TcpStream } from "../tcp-stream.ts";
import {
  type AnySocketAddress,
  readSocketAddress,
  type SocketAddress,
  socketAddressText,
} from "./socket-address.ts";
import { SocketError, socketError } from "./socket-error.ts";
import { SocketStreams } from "./socket-streams.ts";
import type { ByteStream, TlsProvider } from "./tls-provider.ts";

export type SecureTransport = "off" | "on" | "starttls";

export interface SocketOptions {
  /** `on`: TLS from the beginning. `starttls`: from `startTls()` on. */
  readonly secureTransport?: SecureTransport | undefined;
  /** The peer's FIN ends what is read, and no more than that. */
  readonly allowHalfOpen?: boolean | undefined;
  /** The name that TLS asks for, where it is not the host's. */
  readonly sni?: string | undefined;
  /** Protocols that TLS offers, the best first. */
  readonly alpn?: readonly string[] | undefined;
}

export interface SocketInfo {
  readonly remoteAddress: string;
  readonly localAddress: string;
  /** What TLS has agreed on. */
  readonly alpn: string | null;
}

export interface Socket {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  /** Resolves when the connection is established, and secure if it is to be. */
  readonly opened: Promise<SocketInfo>;
  /** Resolves when the socket was closed, here or by the peer; rejects when the connection has failed. */
  readonly closed: Promise<undefined>;
  /** `startTls()` has taken the connection along. */
  readonly upgraded: boolean;
  readonly secureTransport: SecureTransport;
  /** What was written still goes out. Whoever still writes is told the reason. */
  close(reason?: unknown): Promise<undefined>;
  /** A new socket, on the same connection, that speaks TLS; this one has ended. */
  startTls(): Socket;
}

/** What `connect` needs besides a host. */
export interface SocketsParts {
  /** The addresses of a name, the best first; without it there are only addresses, and `localhost`. */
  readonly resolve?: ((hostname: string) => Promise<readonly IpAddress[]>) | undefined;
  readonly tls?: TlsProvider | undefined;
}

/** What the specification calls a binding object. */
export interface Sockets {
  /** @throws a `SocketError` when the address or the options make no sense. */
  connect(address: AnySocketAddress, options?: SocketOptions): Socket;
}

export function socketsOn(host: Host, parts: SocketsParts = {}): Sockets {
  return {
    connect: (address, options = {}) => {
      const target = { ...readSocketAddress(address), options: checked(options, parts.tls) };
      const attempt = new Attempt(host, parts, target);
      return new HostSocket(attempt.run(), attempt, target, parts.tls);
    },
  };
}

interface Target extends SocketAddress {
  readonly options: SocketOptions;
}

interface Opened {
  readonly carrier: ByteStream;
  readonly info: SocketInfo;
}

/** The way to an open connection, which may be given up. */
class Attempt {
  readonly #host: Host;
  readonly #parts: SocketsParts;
  readonly #target: Target;
  #current: ByteStream | undefined = undefined;
  #abandoned: SocketError | undefined = undefined;

  constructor(host: Host, parts: SocketsParts, target: Target) {
    this.#host = host;
    this.#parts = parts;
    this.#target = target;
  }

  async run(): Promise<Opened> {
    const { hostname, port, options } = this.#target;
    const stream = await this.#reach(await this.#resolve(hostname), port);
    const { localAddress, localPort, remoteAddress, remotePort } = stream;
    const plain: SocketInfo = {
      remoteAddress: socketAddressText(remoteAddress, remotePort),
      localAddress: socketAddressText(localAddress, localPort),
      alpn: null,
    };
    const { tls } = this.#parts;
    if (options.secureTransport !== "on" || tls === undefined) return { carrier: stream, info: plain };
    return secured(tls, stream, plain, this.#target);
  }

  abandon(reason: SocketError): void {
    this.#abandoned = reason;
    this.#current?.abort(reason);
  }

  /** RFC 1123 §2.3: the addresses one by one, until one answers. */
  async #reach(addresses: readonly IpAddress[], remotePort: number): Promise<TcpStream> {
    let failure: unknown = new SocketError(`${this.#target.hostname} has no address`);
    for (const remote of addresses) {
      if (this.#abandoned !== undefined) throw this.#abandoned;
      try {
        const stream = connectTcp(this.#host, { remote, remotePort });
        this.#current = stream;
        await stream.opened;
        return stream;
      } catch (error) {
        failure = error;
      }
    }
    throw this.#abandoned ?? failure;
  }

  async #resolve(hostname: string): Promise<readonly IpAddress[]> {
    const literal = parseIpAddress(hostname);
    if (literal !== undefined) return [literal];
    const { resolve } = this.#parts;
    if (resolve !== undefined) return resolve(hostname);
    return hostname === "localhost" ? [LOOPBACK_V6, LOOPBACK_V4] : [];
  }
}

async function secured(
  tls: TlsProvider,
  carrier: ByteStream,
  info: SocketInfo,
  { hostname, options }: Target,
): Promise<Opened> {
  const session = tls.connect(carrier, { hostname, sni: options.sni, alpn: options.alpn ?? [] });
  session.closed.catch(() => {});
  const { alpn = null } = await session.opened;
  return { carrier: session, info: { ...info, alpn } };
}

class HostSocket implements Socket {
  readonly opened: Promise<SocketInfo>;
  readonly closed: Promise<undefined>;
  readonly secureTransport: SecureTransport;
  readonly #opened = new Deferred<SocketInfo>().ignoreRejection();
  readonly #closed = new Deferred<undefined>().ignoreRejection();
  readonly #streams: SocketStreams;
  readonly #attempt: Attempt | undefined;
  readonly #target: Target;
  readonly #tls: TlsProvider | undefined;
  #carrier: ByteStream | undefined = undefined;
  #isOver = false;
  #isUpgraded = false;

  constructor(
    opening: Promise<Opened>,
    attempt: Attempt | undefined,
    target: Target,
    tls: TlsProvider | undefined,
  ) {
    this.#attempt = attempt;
    this.#target = target;
    this.#tls = tls;
    this.opened = this.#opened.promise;
    this.closed = this.#closed.promise;
    this.secureTransport = target.options.secureTransport ?? "off";
    const carrier = opening.then(opened => opened.carrier);
    carrier.catch(() => {});
    this.#streams = new SocketStreams(carrier, {
      ended: () => this.#peerEnded(),
      failed: reason => this.#failed(reason),
    });
    opening.then(
      opened => this.#isOpen(opened),
      reason => this.#failed(reason),
    );
  }

  get readable(): ReadableStream<Uint8Array> {
    return this.#streams.readable;
  }

  get writable(): WritableStream<Uint8Array> {
    return this.#streams.writable;
  }

  get upgraded(): boolean {
    return this.#isUpgraded;
  }

  close(reason?: unknown): Promise<undefined> {
    if (this.#isOver) return this.closed;
    const why = reason ?? new SocketError("the socket was closed");
    this.#isOver = true;
    this.#opened.reject(why);
    this.#streams.end(why);
    this.#leave(socketError(why));
    return this.closed;
  }

  startTls(): Socket {
    const tls = this.#tls;
    if (this.secureTransport !== "starttls" || tls === undefined) {
      throw new SocketError(`startTls() needs secureTransport "starttls", not "${this.secureTransport}"`);
    }
    if (this.#isOver) throw new SocketError("the socket was closed");
    this.#isOver = true;
    this.#isUpgraded = true;
    const carrier = this.#streams.detach(new SocketError("the connection speaks TLS now"));
    this.#closed.resolve(undefined);
    const opening = this.opened.then(info => secured(tls, carrier, info, this.#target));
    const options = { ...this.#target.options, secureTransport: "on" as const };
    return new HostSocket(opening, this.#attempt, { ...this.#target, options }, tls);
  }

  #isOpen({ carrier, info }: Opened): void {
    this.#carrier = carrier;
    if (this.#isOver && !this.#isUpgraded) {
      this.#leave(undefined);
      return;
    }
    this.#opened.resolve(info);
    carrier.closed.then(
      () => this.#ended(undefined),
      reason => this.#ended(socketError(reason)),
    );
  }

  /** The peer's FIN was read. */
  #peerEnded(): void {
    if (this.#target.options.allowHalfOpen === true || this.#isOver) return;
    this.#isOver = true;
    this.#streams.end(new SocketError("the peer has closed the connection"));
    this.#leave(undefined);
  }

  /**
   * Both directions have ended. What has come may wait for its reader still: the streams tell him the rest.
   */
  #ended(error: SocketError | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (error === undefined) this.#closed.resolve(undefined);
    else this.#closed.reject(error);
  }

  #failed(reason: unknown): void {
    const error = socketError(reason);
    if (this.#isUpgraded) this.#opened.reject(error);
    if (this.#isOver) return;
    this.#isOver = true;
    this.#opened.reject(error);
    this.#closed.reject(error);
    this.#streams.fail(error);
    this.#carrier?.abort(error);
  }

  /** The connection is closed in order; one that is not open yet is given up. */
  #leave(reason: SocketError | undefined): void {
    const carrier = this.#carrier;
    if (carrier === undefined) {
      if (reason !== undefined) this.#attempt?.abandon(reason);
    } else {
      carrier.close().catch(() => {});
    }
    this.#closed.resolve(undefined);
  }
}

function checked(options: SocketOptions, tls: TlsProvider | undefined): SocketOptions {
  const { secureTransport = "off", sni, alpn } = options;
  if (!["off", "on", "starttls"].includes(secureTransport)) {
    throw new SocketError(`"${secureTransport}" is no kind of secure transport`);
  }
  if (secureTransport === "off") {
    if (sni !== undefined || alpn !== undefined) throw new SocketError("sni and alpn are TLS's");
  } else if (tls === undefined) {
    throw new SocketError(`secureTransport "${secureTransport}" needs a TlsProvider`);
  }
  return options;
}
