/** Connections that are read in the same turn, and whose readers all throw. */
const net = require("node:net");

const names = [];
const clients = [];
process.on("uncaughtException", ({ message }) => {
  if (names.push(message) < 3) return;
  console.log(names.sort().join());
  for (const client of clients) client.destroy();
  server.close();
});

const server = net.createServer(socket => {
  socket.on("data", text => {
    throw new Error(String(text));
  });
});
server.listen(0, () => {
  for (let i = 0; i < 3; i++) {
    const client = net.connect(server.address().port, () => {
      if (clients.push(client) < 3) return;
      setTimeout(() => {
        for (const [i, each] of clients.entries()) each.write("abc"[i]);
      }, 100);
    });
  }
});
