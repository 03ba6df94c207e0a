// Sends one datagram to a port of the machine's, and ends at once.
import dgram from "node:dgram";

const socket = dgram.createSocket("udp4");
socket.send("last words", Number(process.argv[2]), "127.0.0.1", () => socket.close());
