/** undici: pipelining, streams, forms, an upgrade, retries, an abort and a timeout, against Node's own server. */
import { createServer } from "node:http";
import { Readable, Writable } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { Agent, Client, FormData, fetch, Pool, pipeline, RetryAgent, request, stream, upgrade } from "undici";
import { bytes, digest, digestOf, listening, play, range, saw } from "../play.mjs";

const BODY = bytes(1_000_000);

const failures = new Map();

const paths = {
  "/echo": (request, response) => request.pipe(response),
  "/upload": async (request, response) => response.end(await digestOf(request)),
  "/stream": (_request, response) => Readable.from([BODY, BODY]).pipe(response),
  "/form": async (request, response) => {
    const form = new Response(await buffer(request), { headers: request.headers }).formData();
    const parts = [...(await form)].map(
      ([name, value]) => `${name} ${value.name ?? value} ${value.size ?? ""}`,
    );
    response.end(parts.join(","));
  },
  "/slow": async (_request, response) => {
    response.write("a beginning");
    await sleep(60_000, undefined, { ref: false });
    response.end();
  },
  /** The first two of each kind of request fail: one by its status, one by its connection. */
  "/unsteady": (request, response) => {
    const kind = request.headers["x-kind"];
    const count = (failures.get(kind) ?? 0) + 1;
    failures.set(kind, count);
    if (count === 1) return response.writeHead(503).end();
    if (count === 2) return response.destroy();
    response.end(`at try ${count}`);
  },
};

async function server() {
  const http = createServer((request, response) => {
    const path = paths[request.url.split("?")[0]];
    if (path === undefined) return response.end(request.url);
    void path(request, response);
  });
  http.on("upgrade", (_request, socket) => {
    socket.write("HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n");
    socket.pipe(socket);
  });
  const port = await listening(http);
  const close = () => {
    http.closeAllConnections();
    http.close();
  };
  return { port, close };
}

async function pipelined(origin) {
  const one = new Client(origin, { pipelining: 10 });
  const answers = range(200).map(async index =>
    (await one.request({ path: `/${index}`, method: "GET" })).body.text(),
  );
  saw("pipelined", digest((await Promise.all(answers)).join(" ")));
  await one.close();
  const pool = new Pool(origin, { connections: 5 });
  const uploads = range(10).map(async index => {
    const body = Readable.from([BODY.subarray(0, 100_000 * (index + 1))]);
    return (await pool.request({ path: "/upload", method: "PUT", body })).body.text();
  });
  saw("pool", await Promise.all(uploads));
  await pool.close();
}

async function streams(origin, dispatcher) {
  const there = pipeline(`${origin}/echo`, { method: "POST", dispatcher }, ({ body }) => body);
  there.end(BODY);
  saw("pipeline", await digestOf(there));
  const chunks = [];
  await stream(`${origin}/stream`, { method: "GET", dispatcher }, ({ statusCode }) => {
    saw("stream", statusCode);
    return new Writable({
      write(chunk, _encoding, done) {
        chunks.push(chunk);
        // A slow reader: what it leaves has to wait at the sender.
        setTimeout(done, chunks.length % 10 === 0 ? 5 : 0);
      },
    });
  });
  saw("streamed", digest(Buffer.concat(chunks)));
  const form = new FormData();
  form.set("name", "Ada");
  form.set("file", new File([BODY], "body.bin"));
  saw("form", await (await fetch(`${origin}/form`, { method: "POST", body: form, dispatcher })).text());
  const { socket } = await upgrade(`${origin}/`, { protocol: "echo", dispatcher });
  socket.end("through the upgraded socket");
  saw("upgrade", await text(socket));
}

async function failing(origin, dispatcher) {
  const retrying = new RetryAgent(dispatcher, { minTimeout: 10 });
  const { body } = await request(`${origin}/unsteady`, { headers: { "x-kind": "a" }, dispatcher: retrying });
  saw("retried", await body.text());
  const aborting = new AbortController();
  const slow = await request(`${origin}/slow`, { signal: aborting.signal, dispatcher });
  setTimeout(() => aborting.abort(), 50);
  saw("aborted", await slow.body.text().catch(({ name }) => name));
  const hurried = await request(`${origin}/slow`, { bodyTimeout: 1_200, dispatcher });
  saw("too slow", await hurried.body.text().catch(({ code }) => code));
}

async function client({ host, port }) {
  const origin = `http://${host}:${port}`;
  const dispatcher = new Agent();
  await pipelined(origin);
  await streams(origin, dispatcher);
  await failing(origin, dispatcher);
  await dispatcher.close();
  const gone = new Client(`http://${host}:1`);
  saw("nobody", await gone.request({ path: "/", method: "GET" }).catch(({ code }) => code));
  await gone.destroy();
}

await play({ server, client });
