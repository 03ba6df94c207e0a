/** A child of fork, where Node has loaded `net` before any preload: it serves itself, and tells. */
import { fork } from "node:child_process";
import dgram from "node:dgram";
import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { fileURLToPath } from "node:url";
import { actor } from "../event-log.mjs";

async function child() {
  const server = http.createServer((request, response) => response.end(`${request.url} answered`));
  server.listen(0);
  await once(server, "listening");
  const { port } = server.address();
  const response = await fetch(`http://127.0.0.1:${port}/asked`);
  process.send(`${response.status} ${await response.text()}`);
  server.closeAllConnections();
  server.close();
  const refused = net.connect({ port, host: "127.0.0.1" });
  const [error] = await once(refused, "error");
  process.send(`${error.code} ${error.syscall}`);
  const socket = dgram.createSocket("udp4");
  socket.bind(0, "127.0.0.1", () => socket.send("to myself", socket.address().port, "127.0.0.1"));
  const [message, { address }] = await once(socket, "message");
  process.send(`${message} from ${address}`);
  socket.close();
  process.disconnect();
}

if (process.argv[2] === "child") {
  await child();
} else {
  const log = actor("child");
  const process = fork(fileURLToPath(import.meta.url), ["child"]);
  process.on("message", log);
  process.on("exit", code => log("exit", code));
}
