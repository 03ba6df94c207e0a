/** Node's own HTTP server, as a user's program has it: each request gets as many bytes as its path says. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";

/** In a namespace of its own nobody else has it. */
export const PORT = 8_080;

export async function serveHttp(): Promise<Server> {
  const bodies = new Map<string, Buffer>();
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    const body = bodies.get(path) ?? Buffer.alloc(Number(path.slice(1)), "x");
    bodies.set(path, body);
    response.setHeader("content-type", "text/plain");
    response.setHeader("content-length", body.length);
    response.end(body);
  });
  server.listen(PORT, "127.0.0.1", 4_096);
  await once(server, "listening");
  return server;
}
