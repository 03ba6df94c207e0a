/** Listens at a port, by TCP or UDP, and prints how that went; greets who connects, or resets it. */
import { createSocket } from "node:dgram";
import { createServer } from "node:net";

const [port, how = "greet"] = process.argv.slice(2);
if (how === "udp") {
  const socket = createSocket("udp4");
  socket.once("error", ({ message }) => console.log(message));
  socket.bind(Number(port), () => console.log("listening"));
} else {
  const server = createServer(socket => {
    if (how === "reset") socket.resetAndDestroy();
    else socket.end("hello");
  });
  server.once("error", ({ message }) => console.log(message));
  server.listen(Number(port), "127.0.0.1", () => {
    console.log(port === "0" ? server.address().port : "listening");
  });
}
