/** ws: many small messages in order, a megabyte in fragments, compression, pings, a stream, closing codes. */
import { once } from "node:events";
import { createServer } from "node:http";
import { createWebSocketStream, WebSocket, WebSocketServer } from "ws";
import { bytes, digest, digestOf, listening, play, range, saw } from "../play.mjs";

const BODY = bytes(1_000_000);

async function server() {
  const http = createServer();
  const sockets = new WebSocketServer({ server: http, perMessageDeflate: { threshold: 100 } });
  sockets.on("connection", (socket, { url }) => {
    if (url === "/dies") return socket.terminate();
    socket.on("message", (data, isBinary) => {
      if (!isBinary && data.toString() === "close") return socket.close(4_001, "as asked");
      socket.send(data, { binary: isBinary });
    });
  });
  const port = await listening(http);
  const close = () => {
    sockets.close();
    http.close();
  };
  return { port, close };
}

async function opened(url, options) {
  const socket = new WebSocket(url, options);
  await once(socket, "open");
  return socket;
}

async function manyMessages(socket) {
  const answers = [];
  const all = new Promise(resolve => {
    socket.on("message", data => {
      answers.push(Number(data));
      if (answers.length === 1_000) resolve();
    });
  });
  for (const index of range(1_000)) socket.send(`${index}`);
  await all;
  socket.removeAllListeners("message");
  saw(
    "in order",
    answers.every((answer, index) => answer === index),
  );
}

async function largeMessages(socket) {
  for (let at = 0; at < BODY.length; at += 100_000) {
    socket.send(BODY.subarray(at, at + 100_000), { binary: true, fin: at + 100_000 >= BODY.length });
  }
  const [echoed, isBinary] = await once(socket, "message");
  saw("fragments", isBinary, digest(echoed));
  socket.send("text ".repeat(200_000));
  saw("compressed", digest((await once(socket, "message"))[0]), socket.extensions);
}

async function client({ host, port }) {
  const url = `ws://${host}:${port}`;
  const socket = await opened(url);
  await manyMessages(socket);
  await largeMessages(socket);
  socket.ping("are you there?");
  saw("pong", String((await once(socket, "pong"))[0]));
  socket.send("close");
  const [code, reason] = await once(socket, "close");
  saw("closed", code, String(reason));

  const duplex = createWebSocketStream(await opened(url, { perMessageDeflate: false }));
  duplex.write(BODY);
  let left = BODY.length;
  const echo = (async function* () {
    for await (const chunk of duplex) {
      yield chunk;
      left -= chunk.length;
      if (left === 0) return;
    }
  })();
  saw("stream", await digestOf(echo));

  const dying = new WebSocket(`${url}/dies`);
  saw("died", (await once(dying, "close"))[0]);
  const crowd = await Promise.all(range(50).map(() => opened(url)));
  const greetings = crowd.map(async (one, index) => {
    one.send(`I am ${index}`);
    const [answer] = await once(one, "message");
    one.close();
    await once(one, "close");
    return String(answer);
  });
  saw("crowd", await Promise.all(greetings));
}

await play({ server, client });
