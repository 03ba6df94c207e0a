// Code for any JavaScript runtime, on a Postel host: the `connect()` of the WinterTC Sockets API. A mail is
// handed in by SMTP, which begins in plain text and goes on in TLS (RFC 3207), over a wire that loses 5 %.
import { readFileSync } from "node:fs";
import { createServer } from "node:tls";
import { milliseconds, seconds } from "@postel/stack/base";
import { nodeTls, toDuplex } from "@postel/stack/node";
import { twoHosts, World } from "@postel/stack/sim";
import { listenTcp, socketsOn } from "@postel/stack/socket";

/** Knows nothing of Postel, nor of Node: `connect` is all that it is given. */
async function greet(connect) {
  const plain = connect("10.0.0.2:25", { secureTransport: "starttls" });
  const said = [];
  said.push(await ask(plain, undefined), await ask(plain, "EHLO client.test"), await ask(plain, "STARTTLS"));
  const secure = plain.startTls();
  await secure.opened;
  said.push(await ask(secure, "EHLO client.test"), await ask(secure, "QUIT"));
  await secure.close();
  return said;
}

async function ask(socket, line) {
  const writer = socket.writable.getWriter();
  if (line !== undefined) await writer.write(new TextEncoder().encode(`${line}\r\n`));
  writer.releaseLock();
  const reader = socket.readable.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  return new TextDecoder().decode(value).trim();
}

const world = new World({
  seed: Number(process.argv[2] ?? 7),
  drain: async () => {
    for (let turn = 0; turn < 6; turn++) await new Promise(resolve => setImmediate(resolve));
  },
});
const bad = { delay: milliseconds(20), loss: 0.05 };
const { a, b } = twoHosts(world, { aToB: bad, bToA: bad });

// A mail server on one host, with Node's own TLS over one of Postel's connections.
const certificate = readFileSync(new URL("server.test.pem", import.meta.url), "utf8");
const tls = createServer({ key: certificate, cert: certificate }, socket => serve(socket, true));
const answers = { EHLO: "250 server.test", STARTTLS: "220 go ahead", QUIT: "221 bye" };

function serve(socket, isSecure) {
  socket.on("error", () => {});
  if (!isSecure) socket.write("220 server.test\r\n");
  socket.on("data", function answer(line) {
    const [command] = String(line).trim().split(" ");
    socket.write(`${answers[command]}${isSecure && command === "EHLO" ? " (in private)" : ""}\r\n`);
    if (command !== "STARTTLS") return;
    socket.off("data", answer);
    tls.emit("connection", socket);
  });
}

const listener = listenTcp(b, { port: 25 });
listener.accept().then(stream => serve(toDuplex(stream), false));

// The client on the other.
const { connect } = socketsOn(a, { tls: nodeTls({ ca: certificate }) });
const said = await world.runUntilSettled(greet(connect), seconds(600));
console.log(said.join("\n"));
console.log(`in ${(world.now() / 1e6).toFixed(3)} simulated seconds`);
