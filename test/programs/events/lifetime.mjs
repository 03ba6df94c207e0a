/** What keeps the process alive, and what does not. The exit is the test. */
import { once } from "node:events";
import net from "node:net";
import { actor } from "../event-log.mjs";

const log = actor("lifetime");
const server = net.createServer(socket => {
  socket.unref();
  socket.on("close", () => log("never told"));
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const client = net.connect(server.address().port, "127.0.0.1");
await once(client, "connect");
server.unref();
setTimeout(() => log("a timer that nobody waits for"), 600_000).unref();
client.pause();
client.setKeepAlive(true, 1_000).setNoDelay(true).setTimeout(50);
client.on("timeout", () => {
  log("timeout", client.timeout);
  client.unref();
});
client.resume();
process.on("beforeExit", () => log("nothing left"));
