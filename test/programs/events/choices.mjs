/** Abort signals, block lists, limits, and the choice between families. */
import { once } from "node:events";
import net from "node:net";
import { actor, describe } from "../event-log.mjs";

const log = actor("choices");
const server = net.createServer().listen(0, "127.0.0.1");
await once(server, "listening");
const { port } = server.address();

const both = (_name, _options, answer) =>
  answer(null, [
    { address: "::1", family: 6 },
    { address: "127.0.0.1", family: 4 },
  ]);
const chosen = net.connect({ port, host: "example.test", lookup: both, autoSelectFamily: true });
chosen.on("connectionAttempt", (address, _port, family) => log("attempt", address, family));
chosen.on("connectionAttemptFailed", (address, _port, family, error) =>
  log("failed", address, family, describe(error)),
);
await once(chosen, "connect");
log("chosen", chosen.remoteAddress, chosen.autoSelectFamilyAttemptedAddresses.length);
chosen.destroy();

const none = net.connect({ port: port + 1, host: "example.test", lookup: both, autoSelectFamily: true });
const [failure] = await once(none, "error");
log("none", failure.code, failure.errors.map(describe).join("; "));

const aborter = new AbortController();
const signalled = net.connect({ port, host: "127.0.0.1", signal: aborter.signal });
signalled.on("error", error => log("aborted", error.name, error.code));
aborter.abort();
await new Promise(closed => signalled.once("close", closed));

const stopper = new AbortController();
const stopped = net.createServer().listen({ port: 0, signal: stopper.signal });
await once(stopped, "listening");
stopper.abort();
await once(stopped, "close");
log("stopped", stopped.listening);

server.maxConnections = 1;
const first = net.connect(port, "127.0.0.1");
await once(first, "connect");
const second = net.connect(port, "127.0.0.1");
const [drop] = await once(server, "drop");
log("dropped", drop.localAddress, drop.localFamily, drop.remoteAddress, drop.remoteFamily);
await once(second.resume(), "close");
first.destroy();

const blocked = new net.BlockList();
blocked.addSubnet("127.0.0.0", 8);
log("blocked", blocked.check("127.0.0.1"), blocked.check(server.address().address));
server.close();
