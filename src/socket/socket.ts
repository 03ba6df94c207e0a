/** The room's door: Web-Streams sockets on a host. */
export { listenTcp, TcpListener } from "./tcp-listener.ts";
export { connectTcp, type SocketAddresses, TcpStream, type TcpStreamOptions } from "./tcp-stream.ts";
export { openUdp, UdpSocket, type UdpSocketOptions } from "./udp-socket.ts";
