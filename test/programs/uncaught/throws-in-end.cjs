const net = require("node:net");

const server = net.createServer(socket => {
  socket.resume().on("end", () => {
    throw new Error("in end");
  });
});
server.listen(0, () => net.connect(server.address().port).end("x"));
