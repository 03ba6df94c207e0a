/** Express: a router, bodies of a megabyte both ways, a stream, an error; the client is Node's own fetch. */
import { createServer } from "node:http";
import { Readable } from "node:stream";
import express from "express";
import { bytes, digest, digestOf, listening, play, range, saw } from "../play.mjs";

const BODY = bytes(1_000_000);

function application() {
  const app = express();
  app.use(express.json({ limit: "4mb" }));
  app.get("/users/:id", (request, response) => response.json({ id: request.params.id, ...request.query }));
  app.post("/echo", (request, response) => response.status(201).json(request.body));
  app.put("/upload", async (request, response) => response.send(await digestOf(request)));
  app.get("/stream", (_request, response) => {
    response.type("application/octet-stream");
    Readable.from(range(100).map(index => BODY.subarray(index * 10_000, (index + 1) * 10_000))).pipe(
      response,
    );
  });
  app.get("/file", (_request, response) => response.sendFile(import.meta.filename));
  app.get("/fails", () => {
    throw new Error("as it shall");
  });
  app.use((error, _request, response, _next) => response.status(500).send(error.message));
  return app;
}

async function client({ host, port }) {
  const url = `http://${host}:${port}`;
  const user = await fetch(`${url}/users/7?name=Ada`);
  saw("user", user.status, user.headers.get("content-type"), await user.json());
  const list = { list: range(100_000) };
  const echoed = await fetch(`${url}/echo`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(list),
  });
  saw("echo", echoed.status, digest(await echoed.text()));
  const upload = { method: "PUT", body: Readable.toWeb(Readable.from([BODY])), duplex: "half" };
  saw("upload", await (await fetch(`${url}/upload`, upload)).text());
  const download = await fetch(`${url}/stream`);
  saw("stream", download.headers.get("transfer-encoding"), await digestOf(download.body));
  const part = await fetch(`${url}/file`, { headers: { range: "bytes=0-9" } });
  saw("file", part.status, part.headers.get("content-range")?.split("/")[0], await part.text());
  const { headers } = await fetch(`${url}/users/1`);
  const same = await fetch(`${url}/users/1`, { headers: { "if-none-match": headers.get("etag") } });
  saw("unchanged", same.status);
  for (const path of ["/fails", "/nowhere"]) {
    const response = await fetch(url + path);
    saw(path, response.status, digest(await response.text()));
  }
  const many = await Promise.all(
    range(100).map(async id => (await (await fetch(`${url}/users/${id}`)).json()).id),
  );
  saw("many", many);
}

async function server() {
  const http = createServer(application());
  const port = await listening(http);
  return { port, close: () => http.close() };
}

await play({ server, client });
