// Real clients, unmodified, through a network that is gone for 30 seconds: undici, ws and ioredis, their
// timeouts and their retries, in a moment of real time. The same seed gives the same run.
import { milliseconds } from "@postel/stack/base";
import { createSim } from "@postel/stack/node";

const sim = createSim({ seed: Number(process.argv[2] ?? 7) });
const { Agent, request } = await import("undici");
const { WebSocket, WebSocketServer } = await import("ws");
const { default: Redis } = await import("ioredis");

const server = sim.host("server", { link: { delay: milliseconds(5), loss: 0.01 } });
const client = sim.host("client");
const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));
const say = what => console.log(`${(sim.elapsed / 1000).toFixed(3).padStart(7)} s  ${what}`);

/** Three services on one host. */
async function serve() {
  const web = server.http.createServer((_request, response) => response.end(new Date().toISOString()));
  new WebSocketServer({ server: web }).on("connection", socket => {
    socket.on("message", text => socket.send(`echo ${text}`));
  });
  await new Promise(resolve => web.listen(80, resolve));
  // As much of Redis as INCR needs.
  let count = 0;
  const answer = command => (/incr/i.test(command) ? `:${++count}\r\n` : "+OK\r\n");
  const redis = server.net.createServer(socket => {
    socket.on("error", () => {});
    socket.on("data", bytes => socket.write(String(bytes).split(/^\*\d/m).slice(1).map(answer).join("")));
  });
  await new Promise(resolve => redis.listen(6379, resolve));
}

/** Asks every five seconds; an answer that takes longer than three is none. */
async function watchWeb(until) {
  const dispatcher = new Agent({ connectTimeout: 3_000, headersTimeout: 3_000 });
  for (let was = "", now = ""; sim.elapsed < until; was = now, await sleep(5_000)) {
    now = await request("http://server/", { dispatcher }).then(
      ({ body }) => body.text().then(() => "answers"),
      ({ code }) => `does not answer: ${code}`,
    );
    if (now !== was) say(`undici: the web server ${now}`);
  }
  await dispatcher.close();
}

/** A ping every four seconds; who is not heard of by the next one is given up, and connected to anew. */
async function keepSocket(until) {
  while (sim.elapsed < until) {
    const socket = new WebSocket("ws://server/", { handshakeTimeout: 4_000 });
    const closed = new Promise(resolve => socket.once("close", resolve));
    let isAlive = true;
    socket.on("error", ({ message }) => say(`ws: ${message}`));
    socket.on("pong", () => (isAlive = true));
    socket.on("open", () => socket.send("hello"));
    socket.on("message", text => say(`ws: ${text}`));
    const heart = setInterval(() => {
      if (socket.readyState !== WebSocket.OPEN) return;
      if (!isAlive) say("ws: no pong, given up");
      if (!isAlive || sim.elapsed > until) socket.terminate();
      isAlive = false;
      socket.ping();
    }, 4_000);
    await closed;
    clearInterval(heart);
    await sleep(1_000);
  }
}

/** A command that is not answered within two seconds has failed; the client connects anew by itself. */
async function count(until) {
  const redis = new Redis({
    host: "server",
    commandTimeout: 2_000,
    connectTimeout: 3_000,
    socketTimeout: 5_000,
    enableReadyCheck: false,
    maxRetriesPerRequest: null,
    retryStrategy: attempt => Math.min(attempt * 500, 4_000),
  });
  redis.on("error", ({ message }) => say(`ioredis: ${message}`));
  redis.on("reconnecting", ms => say(`ioredis: tries again in ${ms} ms`));
  let last = 0;
  let isAnswered = false;
  while (sim.elapsed < until) {
    await redis.incr("visits").then(
      number => {
        if (!isAnswered) say(`ioredis: visit ${number} is counted`);
        isAnswered = true;
        last = number;
      },
      ({ message }) => {
        if (isAnswered) say(`ioredis: ${message}`);
        isAnswered = false;
      },
    );
    await sleep(5_000);
  }
  redis.disconnect();
  return last;
}

async function weather() {
  await sleep(10_000);
  server.link.cut();
  say("the network is gone");
  await sleep(30_000);
  server.link.heal();
  say("the network is back");
}

const began = process.cpuUsage();
const total = await sim.run(async () => {
  await server.run(serve);
  const end = 75_000;
  const [, , visits] = await client.run(() =>
    Promise.all([watchWeb(end), keepSocket(end), count(end), weather()]),
  );
  return visits;
});
say(`${total} visits were counted`);
console.log(`trace ${sim.trace.hash}`);
const { user, system } = process.cpuUsage(began);
console.error(`${((user + system) / 1e6).toFixed(2)} s of processor time`);
