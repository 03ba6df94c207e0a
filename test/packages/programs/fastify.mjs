/** Fastify on HTTP/1.1 and, with TLS, on HTTP/2: schemas, hooks, streams; the clients are Node's own, with kept connections. */
import { once } from "node:events";
import { Agent, request } from "node:http";
import { connect } from "node:http2";
import { Readable } from "node:stream";
import { json, text } from "node:stream/consumers";
import fastify from "fastify";
import { bytes, CERTIFICATE, digestOf, play, range, saw } from "../play.mjs";

const BODY = bytes(1_000_000);
const SUM = {
  body: {
    type: "object",
    required: ["values"],
    properties: { values: { type: "array", items: { type: "integer" } } },
  },
};

function application(options) {
  const app = fastify({ bodyLimit: 4_000_000, forceCloseConnections: true, ...options });
  app.addContentTypeParser("application/octet-stream", (_request, payload, done) => done(null, payload));
  app.addHook("onSend", async (request, reply) => void reply.header("x-hook", request.method));
  app.post("/sum", { schema: SUM }, async ({ body }) => ({
    sum: body.values.reduce((sum, one) => sum + one, 0),
  }));
  app.put("/upload", async ({ body }) => digestOf(body));
  app.get("/stream", (_request, reply) => {
    void reply.type("application/octet-stream").send(Readable.from([BODY, BODY]));
  });
  app.get("/wait/:ms", async ({ params: { ms } }) => {
    await new Promise(resolve => setTimeout(resolve, ms));
    return { waited: ms };
  });
  return app;
}

async function overHttp1(host, port) {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const ask = async (method, path, body, headers = {}) => {
    const call = request({ host, port, path, method, agent, headers });
    call.end(body);
    const [response] = await once(call, "response");
    return response;
  };
  const asJson = { "content-type": "application/json" };
  const sum = await ask("POST", "/sum", JSON.stringify({ values: range(1_000) }), asJson);
  saw("sum", sum.statusCode, sum.headers["x-hook"], await json(sum));
  const bad = await ask("POST", "/sum", JSON.stringify({ values: "none" }), asJson);
  saw("refused", bad.statusCode, await json(bad));
  const upload = await ask("PUT", "/upload", BODY, { "content-type": "application/octet-stream" });
  saw("upload", await text(upload));
  saw("stream", await digestOf(await ask("GET", "/stream")));
  const waited = await Promise.all(
    range(40).map(async index => (await json(await ask("GET", `/wait/${index % 5}`))).waited),
  );
  saw("many", waited);
  agent.destroy();
}

async function overHttp2(host, port) {
  const session = connect(`https://${host}:${port}`, { ca: CERTIFICATE, servername: "server.test" });
  const ask = async (headers, body) => {
    const stream = session.request(headers);
    stream.end(body);
    const [answer] = await once(stream, "response");
    return { status: answer[":status"], body: await digestOf(stream) };
  };
  const uploads = range(5).map(index =>
    ask(
      { ":method": "PUT", ":path": "/upload", "content-type": "application/octet-stream" },
      BODY.subarray(0, (index + 1) * 150_000),
    ),
  );
  const streams = range(3).map(() => ask({ ":path": "/stream" }));
  saw("http/2 at once", await Promise.all([...uploads, ...streams]));
  saw("http/2 missing", (await ask({ ":path": "/nowhere" })).status);
  session.close();
  await once(session, "close");
}

/** The second server is told in the first's answer. */
async function client({ host, port }) {
  const second = await json((await fetch(`http://${host}:${port}/second`)).body);
  await overHttp1(host, port);
  await overHttp2(host, second.port);
}

async function server() {
  const first = application({});
  const second = application({ http2: true, https: { key: CERTIFICATE, cert: CERTIFICATE } });
  await second.listen({ port: 0, host: "0.0.0.0" });
  first.get("/second", async () => ({ port: second.server.address().port }));
  await first.listen({ port: 0, host: "0.0.0.0" });
  return { port: first.server.address().port, close: () => Promise.all([first.close(), second.close()]) };
}

await play({ server, client });
