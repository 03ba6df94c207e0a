/** Connections that are read in the same turn, and whose readers all throw. */
const net = require("node:net");

process.on("uncaughtException", () => console.log("caught"));

const sockets = [];
const server = net.createServer({ pauseOnConnect: true, allowHalfOpen: true }, socket => {
  const name = sockets.push(socket) - 1;
  socket.on("data", () => {
    throw new Error("in data");
  });
  socket.on("end", () => {
    console.log(name, "ended");
    socket.end();
  });
  if (sockets.length < 3) return;
  server.close();
  for (const each of sockets) each.resume();
});
server.listen(0, () => {
  for (let i = 0; i < 3; i++) net.connect(server.address().port).resume().end("x");
});
