/** What is built on sockets: HTTP with kept connections, upgrades and aborts, HTTP/2, TLS. */
import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";
import net from "node:net";
import tls from "node:tls";
import { actor, describe } from "../event-log.mjs";

const log = actor("web");
const body = async stream => {
  let text = "";
  for await (const chunk of stream.setEncoding("utf8")) text += chunk;
  return text;
};
const listening = async server => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server.address().port;
};

// HTTP
const server = http.createServer(async (request, response) => {
  const text = await body(request);
  if (request.url === "/hang") return;
  response.setHeader("x-connection", request.socket.remoteAddress);
  response.write("first ");
  setImmediate(() => response.end(`${request.method} ${request.url} ${text.length}`));
});
server.on("upgrade", (_request, socket) => {
  socket.end("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nraw bytes");
});
const port = await listening(server);
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const ask = async (path, text) => {
  const request = http.request({
    port,
    host: "127.0.0.1",
    path,
    agent,
    method: text === undefined ? "GET" : "POST",
  });
  request.end(text);
  const [response] = await once(request, "response");
  return [
    response.statusCode,
    response.headers["x-connection"],
    request.reusedSocket,
    await body(response),
  ].join(" ");
};
for (const path of ["/one", "/two"]) log(await ask(path));
log(await ask("/upload", "x".repeat(500_000)));
const upgrading = http.get({ port, host: "127.0.0.1", headers: { connection: "Upgrade", upgrade: "x" } });
const [upgraded, socket, head] = await once(upgrading, "upgrade");
log("upgrade", upgraded.statusCode, head.toString() + (await body(socket)));
const hanging = http.get({ port, host: "127.0.0.1", path: "/hang" });
hanging.setTimeout(30, () => hanging.destroy());
log("hang", describe((await once(hanging, "error"))[0]));
agent.destroy();
server.closeAllConnections();
server.close();

// HTTP/2
const server2 = http2.createServer();
server2.on("stream", async (stream, headers) => {
  const text = await body(stream);
  stream.respond({ ":status": 200 });
  stream.end(`${headers[":path"]} ${text.length} `.repeat(1_000));
});
const session = http2.connect(`http://127.0.0.1:${await listening(server2)}`);
const streams = [1, 2, 3].map(async n => {
  const stream = session.request({ ":path": `/${n}`, ":method": "POST" });
  stream.end("y".repeat(n * 30_000));
  const [headers] = await once(stream, "response");
  return `${headers[":status"]} ${(await body(stream)).length}`;
});
log("http2", (await Promise.all(streams)).join(", "));
session.close();
await once(session, "close");
server2.close();

// TLS, with a key that both know
const psk = Buffer.alloc(32, 7);
const shared = { ciphers: "PSK-AES128-CBC-SHA256", minVersion: "TLSv1.2", maxVersion: "TLSv1.2" };
const secure = tls.createServer({ ...shared, pskCallback: () => psk, pskIdentityHint: "hint" }, stream => {
  stream.on("error", error => log("server", error.code));
  stream.pipe(stream);
});
const client = tls.connect({
  ...shared,
  port: await listening(secure),
  host: "127.0.0.1",
  checkServerIdentity: () => undefined,
  pskCallback: () => ({ psk, identity: "user" }),
});
await once(client, "secureConnect");
log("tls", client.getProtocol(), client.encrypted, client.remoteAddress);
client.end(Buffer.alloc(300_000, "z"));
log("echo", (await body(client)).length, client.bytesRead, client.bytesWritten);
secure.close();

// TLS, and the connection below is reset
const below = net.createServer(stream => stream.once("data", () => stream.resetAndDestroy()));
const cut = tls.connect({
  ...shared,
  port: await listening(below),
  host: "127.0.0.1",
  pskCallback: () => ({ psk, identity: "user" }),
});
log("cut", describe((await once(cut, "error"))[0]));
below.close();
