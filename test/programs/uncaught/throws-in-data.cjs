const net = require("node:net");

const server = net.createServer(socket => {
  socket.on("data", () => {
    throw new Error("in data");
  });
});
server.listen(0, () => net.connect(server.address().port).write("x"));
