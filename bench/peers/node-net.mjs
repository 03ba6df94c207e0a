/**
 * The peer that Node's users have: its own `net` module over the kernel's sockets. Plain JavaScript, so that
 * it runs without a build, as a user's program would.
 *
 *   node node-net.mjs --device kernel --address 10.9.0.2/24
 */
import { createServer } from "node:net";
import { parseArgs } from "node:util";

const MESSAGE = 64;
const BACKLOG = 4096;
const chunk = Buffer.alloc(256 * 1024);

/** Sends until the peer closes: each chunk when the kernel has taken the one before. */
function source(socket) {
  const more = () => {
    while (socket.write(chunk));
  };
  socket.on("drain", more);
  socket.resume();
  more();
}

/** Answers each 64 bytes with as many, also when they come in pieces or several at once. */
function echo(socket) {
  let pending = 0;
  socket.on("data", data => {
    pending += data.length;
    const answered = pending - (pending % MESSAGE);
    pending -= answered;
    if (answered > 0) socket.write(data.length === answered ? data : chunk.subarray(0, answered));
  });
}

function requestClose(socket) {
  let pending = MESSAGE;
  socket.on("data", data => {
    pending -= data.length;
    if (pending <= 0) socket.end(chunk.subarray(0, MESSAGE));
  });
}

const services = new Map([
  [5001, socket => socket.on("data", () => {})],
  [5002, source],
  [5003, echo],
  [5004, requestClose],
  [5005, echo],
]);

const { values } = parseArgs({
  options: { device: { type: "string" }, address: { type: "string" } },
  strict: false,
});
if (values.device !== "kernel") {
  console.error(`Node's net uses the kernel's sockets: --device kernel, not ${values.device}.`);
  process.exit(1);
}

const host = String(values.address).split("/")[0];
let missing = services.size;
for (const [port, serve] of services) {
  const server = createServer({ noDelay: true }, socket => {
    // A peer that resets its connection at the end of a measurement is no failure.
    socket.on("error", () => {});
    serve(socket);
  });
  server.on("error", error => {
    console.error(`Port ${port}: ${error.message}.`);
    process.exit(1);
  });
  server.listen({ port, host, backlog: BACKLOG }, () => {
    if (--missing === 0) console.log("ready");
  });
}

process.stdin.on("end", () => process.exit(0)).resume();
process.on("SIGTERM", () => process.exit(0));
