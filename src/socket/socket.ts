/** The room's door: Web-Streams sockets on a host. */
export { listenTcp, TcpListener } from "./tcp-listener.ts";
export { connectTcp, type SocketAddresses, TcpStream, type TcpStreamOptions } from "./tcp-stream.ts";
export { openUdp, UdpSocket, type UdpSocketOptions } from "./udp-socket.ts";
export type { AnySocketAddress, SocketAddress } from "./wintertc/socket-address.ts";
export { SocketError } from "./wintertc/socket-error.ts";
export {
  type SecureTransport,
  type Socket,
  type SocketInfo,
  type SocketOptions,
  type Sockets,
  type SocketsParts,
  socketsOn,
} from "./wintertc/sockets.ts";
export type { ByteStream, TlsClientOptions, TlsProvider, TlsSession } from "./wintertc/tls-provider.ts";
