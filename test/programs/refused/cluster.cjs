/** Workers of a cluster share a port. */
const cluster = require("node:cluster");
const net = require("node:net");
if (cluster.isPrimary) {
  const worker = cluster.fork();
  worker.on("listening", ({ port }) => net.connect(port, "127.0.0.1"));
  process.on("uncaughtException", error => {
    console.log(error.code, error.message);
    process.exit();
  });
} else {
  net.createServer().listen(0);
}
