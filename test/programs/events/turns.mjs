/** In which order things come: ticks, promises, immediates, thrown errors, and async contexts. */
import { AsyncLocalStorage } from "node:async_hooks";
import { once } from "node:events";
import net from "node:net";
import { actor } from "../event-log.mjs";

const log = actor("client");
const serverLog = actor("server");
const store = new AsyncLocalStorage();
const server = net.createServer();
store.run("listening", () => server.listen(0, "127.0.0.1"));
await once(server, "listening");
process.on("uncaughtException", error => serverLog("uncaught", error.message));

server.on("connection", socket => {
  serverLog("accepted in", store.getStore());
  let count = 0;
  socket.on("data", data => {
    serverLog("data", data.length > 0, store.getStore());
    process.nextTick(() => serverLog("tick"));
    queueMicrotask(() => serverLog("promise"));
    if (++count > 1) return;
    setTimeout(() => server.emit("go on"), 30);
    throw new Error("thrown at the first data");
  });
  socket.on("end", () => socket.end());
  socket.on("close", () => serverLog("accepted closed", store.getStore()));
});

store.run("connecting", () => {
  const client = net.connect(server.address().port, "127.0.0.1");
  client.on("connect", () => {
    log("connected in", store.getStore());
    client.write("one", () => {
      log("written in", store.getStore());
    });
    log("after write");
    setImmediate(() => log("immediate"));
  });
  server.on("go on", () => client.end("two"));
  client.on("close", () => {
    log("closed in", store.getStore());
    server.close(() => log("server closed"));
    setImmediate(() => log("immediate after close"));
  });
});
log("nothing has happened yet");
