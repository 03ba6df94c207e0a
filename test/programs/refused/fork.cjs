/** A child of fork listens. */
const { fork } = require("node:child_process");
const net = require("node:net");
if (process.argv[2] === "child") {
  try {
    net.createServer().listen(0);
  } catch (error) {
    process.send(`${error.code} ${error.message}`);
  }
} else {
  fork(__filename, ["child"]).on("message", text => console.log(text));
}
