/** Sends a connection to a child. */
const { fork } = require("node:child_process");
const net = require("node:net");
if (process.argv[2] === "child") {
  process.on("message", () => {});
} else {
  const child = fork(__filename, ["child"]);
  const server = net.createServer(socket => {
    try {
      child.send("take it", socket);
    } catch (error) {
      console.log(error.code, error.message);
    }
    child.kill();
    process.exit();
  });
  server.listen(0, () => net.connect(server.address().port, "127.0.0.1"));
}
