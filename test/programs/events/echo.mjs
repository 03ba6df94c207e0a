/** Text goes there and back; each end closes its half. */
import net from "node:net";
import { actor } from "../event-log.mjs";

function watch(log, socket) {
  let bytes = 0;
  socket.on("data", data => {
    bytes += data.length;
  });
  for (const event of ["connect", "ready", "drain", "end", "finish"]) socket.on(event, () => log(event));
  socket.on("close", hadError => {
    log("close", hadError, bytes, socket.bytesRead, socket.bytesWritten, socket.destroyed);
    log("then", socket.readyState, socket.remoteAddress, socket.localAddress);
  });
}

const serverLog = actor("server");
const server = net.createServer({ allowHalfOpen: true }, socket => {
  const { remoteAddress, remoteFamily, localAddress, localFamily } = socket;
  serverLog("connection", remoteAddress, remoteFamily, localAddress, localFamily);
  watch(actor("accepted"), socket);
  socket.on("end", () => socket.end("goodbye"));
});
server.on("close", () => serverLog("closed"));
server.listen(0, "127.0.0.1", () => {
  const { address, family } = server.address();
  serverLog("listening", address, family);
  const log = actor("client");
  const client = net.connect({ port: server.address().port, host: "127.0.0.1", allowHalfOpen: true });
  log("at first", client.connecting, client.pending, client.readyState);
  watch(log, client);
  client.on("connect", () => {
    log("connected", client.remoteAddress, client.remoteFamily, client.localAddress, client.readyState);
    client.write("hello", () => log("written"));
    client.write(Buffer.alloc(100_000), () => log("written all"));
    client.end(() => log("ended"));
  });
  client.on("close", () => server.close());
});
