/** Socket.IO: from polling up to a WebSocket, acknowledgments, rooms, namespaces, binary events, a reconnect. */
import { once } from "node:events";
import { createServer } from "node:http";
import { Server } from "socket.io";
import { io } from "socket.io-client";
import { bytes, digest, listening, play, range, saw } from "../play.mjs";

const BODY = bytes(500_000);

async function server() {
  const http = createServer();
  const sockets = new Server(http, { maxHttpBufferSize: 4e6 });
  sockets.on("connection", socket => {
    socket.on("echo", (value, answer) => answer(value));
    socket.on("join", (room, answer) => {
      void socket.join(room);
      answer();
    });
    socket.on("tell", (room, word) => sockets.to(room).emit("told", word));
    socket.on("drop me", () => socket.conn.close());
  });
  sockets.of("/letters").use((socket, next) => {
    next(socket.handshake.auth.key === "open" ? undefined : new Error("locked"));
  });
  const port = await listening(http);
  return { port, close: () => sockets.close() };
}

async function connected(url, options) {
  const socket = io(url, { forceNew: true, reconnectionDelay: 10, ...options });
  await new Promise(resolve => socket.once("connect", resolve));
  return socket;
}

async function upgraded(socket) {
  const { engine } = socket.io;
  if (engine.transport.name === "websocket") return;
  await new Promise(resolve => engine.once("upgrade", resolve));
}

async function client({ host, port }) {
  const url = `http://${host}:${port}`;
  const polling = await connected(url, { transports: ["polling"] });
  saw("polling", digest(await polling.emitWithAck("echo", BODY)));
  const first = await connected(url);
  await upgraded(first);
  saw("transport", first.io.engine.transport.name);
  const value = { name: "Ada", parts: [BODY, BODY.subarray(0, 7)], deep: { list: range(10) } };
  const echoed = await first.emitWithAck("echo", value);
  saw("binary", echoed.name, echoed.parts.map(digest), echoed.deep);
  const answers = await Promise.all(range(300).map(index => first.emitWithAck("echo", index)));
  saw("acknowledged", digest(answers.join(" ")));

  const second = await connected(url, { transports: ["websocket"] });
  await Promise.all([first, second, polling].map(socket => socket.emitWithAck("join", "room")));
  const heard = [first, second, polling].map(socket => new Promise(resolve => socket.once("told", resolve)));
  second.emit("tell", "room", "hello");
  saw("room", await Promise.all(heard));

  const reconnected = new Promise(resolve => second.once("disconnect", resolve));
  const again = once(second.io, "reconnect");
  second.emit("drop me");
  saw("dropped", await reconnected);
  await again;
  saw("again", await second.emitWithAck("echo", "still here"));

  const letters = await connected(`${url}/letters`, { auth: { key: "open" } });
  saw("namespace", letters.connected);
  const locked = io(`${url}/letters`, { auth: { key: "none" }, forceNew: true });
  saw("locked", (await new Promise(resolve => locked.once("connect_error", resolve))).message);
  for (const socket of [polling, first, second, letters, locked]) socket.disconnect();
}

await play({ server, client });
