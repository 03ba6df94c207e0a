/** Connections that end without agreement. */
import { once } from "node:events";
import net from "node:net";
import { actor, describe } from "../event-log.mjs";

const server = net.createServer({ allowHalfOpen: true, pauseOnConnect: true }).listen(0, "127.0.0.1");
await once(server, "listening");

const closing = socket => new Promise(closed => socket.once("close", closed));

async function pair(name) {
  const log = actor(name);
  const client = net.connect({ port: server.address().port, host: "127.0.0.1", allowHalfOpen: true });
  const [[accepted]] = await Promise.all([once(server, "connection"), once(client, "connect")]);
  for (const [end, socket] of Object.entries({ client, accepted })) {
    socket.on("error", error => log(end, "error", describe(error)));
    socket.on("end", () => log(end, "end"));
  }
  return { log, client, accepted, closed: Promise.all([closing(client), closing(accepted)]) };
}

{
  const { log, client, accepted, closed } = await pair("reset by the peer");
  client.resume();
  accepted.resetAndDestroy();
  log("flags", (await closed).join());
}
{
  const { log, client, accepted, closed } = await pair("reset after text");
  client.on("data", data => log("client has", data.toString()));
  client.on("end", () => client.end());
  accepted.write("before", () => accepted.resetAndDestroy());
  log("flags", (await closed).join());
}
{
  const { log, client, accepted, closed } = await pair("destroyed with unread text");
  client.resume();
  client.on("end", () => client.end());
  client.write("never read", () => setTimeout(() => accepted.destroy(), 20));
  log("flags", (await closed).join());
}
{
  const { log, client, accepted, closed } = await pair("write after the end of the peer");
  accepted.destroy();
  client.on("end", () => {
    client.write("first");
    setTimeout(() => client.write("second", error => log("its callback", error?.code)), 20);
  });
  client.resume();
  log("flags", (await closed).join());
}
server.close();
