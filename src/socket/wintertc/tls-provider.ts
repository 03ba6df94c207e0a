/**
 * Where TLS comes from: whoever has an implementation for a platform gives it to `socketsOn`. It is TLS over
 * any stream of bytes, and knows nothing of hosts.
 */

/** Both directions of a connection. `TcpStream` is one. */
export interface ByteStream {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  /** Settles when both directions have ended; rejects when they did not end in order. */
  readonly closed: Promise<void>;
  /** Ends both directions in order: what was written still goes out. */
  close(): Promise<void>;
  abort(reason?: unknown): void;
}

export interface TlsClientOptions {
  /** Whom the certificate has to be for. */
  readonly hostname: string;
  /** The name to ask for (RFC 6066 §3), where it is not the host's. */
  readonly sni: string | undefined;
  /** Protocols to offer (RFC 7301), the best first. */
  readonly alpn: readonly string[];
}

/** A connection within another. */
export interface TlsSession extends ByteStream {
  /** Resolves when the handshake is done and the peer is who it should be. */
  readonly opened: Promise<{ readonly alpn: string | undefined }>;
}

export interface TlsProvider {
  /**
   * Begins a session as its client. The carrier is the provider's from now on: it is closed with the
   * session.
   */
  connect(carrier: ByteStream, options: TlsClientOptions): TlsSession;
}
