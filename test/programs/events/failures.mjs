/** What cannot be done, by the errors that a program sees. */
import { once } from "node:events";
import net from "node:net";
import { actor, describe } from "../event-log.mjs";

const log = actor("failures");

async function fails(what, emitter) {
  const [error] = await once(emitter, "error");
  log(what, describe(error), "listening" in emitter ? emitter.listening : emitter.destroyed);
}

const taken = net.createServer().listen(0, "127.0.0.1");
await once(taken, "listening");
const { port } = taken.address();
await fails("listen, taken", net.createServer().listen(port, "127.0.0.1"));
await fails("listen, taken for all", net.createServer().listen(port));
await fails("listen, not ours", net.createServer().listen(0, "192.0.2.1"));
await fails(
  "connect from taken",
  net.connect({ port, host: "127.0.0.1", localPort: port, localAddress: "127.0.0.1" }),
);
await fails("connect from not ours", net.connect({ port, host: "127.0.0.1", localAddress: "192.0.2.1" }));
taken.close();
await once(taken, "close");
await fails("connect, refused", net.connect(port, "127.0.0.1"));
await fails(
  "connect, refused from",
  net.connect({ port, host: "127.0.0.1", localAddress: "127.0.0.1", localPort: port + 1 }),
);
await fails("connect, refused over IPv6", net.connect(port, "::1"));
await fails("connect to broadcast", net.connect(port, "255.255.255.255"));
await fails("connect, wrong family", net.connect({ port, host: "::1", localAddress: "127.0.0.1" }));
const server = net.createServer().listen(0);
try {
  server.listen(0);
} catch (error) {
  log("listen twice", error.code);
}
server.close();
const unconnected = new net.Socket();
unconnected.on("error", error => log("write before connect", describe(error)));
unconnected.write("text", error => log("its callback", error?.code));
unconnected.destroy();
