/** In which order the parts of an HTTP message come, and what is run between them. */
import { once } from "node:events";
import http from "node:http";
import { actor } from "../event-log.mjs";

const log = actor("http");
const between = part => {
  log(part);
  process.nextTick(() => log(part, "tick"));
  queueMicrotask(() => log(part, "promise"));
};
const server = http.createServer((request, response) => {
  between("request");
  request.on("data", () => between("data"));
  request.on("end", () => {
    between("end");
    response.end("done");
  });
  response.on("finish", () => between("finish"));
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
for (const body of [["one piece"], ["first", "second"], [Buffer.alloc(100_000)]]) {
  const request = http.request({ port: server.address().port, host: "127.0.0.1", method: "POST" });
  for (const piece of body) request.write(piece);
  request.end();
  const [response] = await once(request, "response");
  between("response");
  response.resume();
  await once(response, "end");
}
server.close();
