/** Says how many bytes came, to whoever asks; ends in order. Prints its port. May be told where to listen. */
import { createServer } from "node:http";

const server = createServer(async (request, response) => {
  let bytes = 0;
  for await (const chunk of request) bytes += chunk.length;
  response.end(`hello ${bytes}`);
});
server.listen(0, process.argv[2] ?? "127.0.0.1", () => console.log(server.address().port));
process.on("SIGTERM", () => {
  console.log("closing");
  server.close();
  server.closeAllConnections();
});
