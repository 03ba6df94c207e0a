// Two hosts of one process under the inspector, on a wire that a page may make worse. What happens is told to
// pages; this one is written here, and hears it without a browser. `node examples/inspect.mjs --stay` goes on
// until Ctrl-C, for a browser to look at.
import { seconds } from "@postel/stack/base";
import { Host } from "@postel/stack/host";
import { Inspector, wireOfDevice } from "@postel/stack/inspect";
import { createPair, impair } from "@postel/stack/link";
import { CryptoRandom, Driver, inspect } from "@postel/stack/node";
import { connectTcp, listenTcp } from "@postel/stack/socket";
import { ip } from "@postel/stack/wire";

const stays = process.argv.includes("--stay");
const driver = new Driver();
const [ends, device] = wired();
const client = newHost("client", device, "10.0.0.1");
const server = newHost("server", ends[1], "10.0.0.2");
const wire = wireOfDevice({ name: "wire", near: "client", far: "server", device });

// For browsers: http://127.0.0.1:8081/, or the next port that is free. It does not keep the process alive.
const inspection = await inspect([client, server], { wires: [wire], ...(stays ? {} : { port: 0 }) });
console.log(stays ? `Open ${inspection.url}` : "The inspector is open.");

// For programs: an inspector, and a channel that hears its messages.
const inspector = new Inspector({ title: "example", kind: "live", clock: driver });
inspector.watchHost(client);
const page = { onMessage: undefined, onClosed: undefined, send: told, close() {} };
inspector.join(page);
page.onMessage({ type: "watch", connections: [1] });

const listener = listenTcp(server, { port: 7 });
void echo();
do await visit();
while (stays);
inspector.tick();
inspector.close();
await inspection.close();
for (const host of [client, server]) host.close();
driver.close();

function wired() {
  const pair = createPair(driver, { names: ["client", "server"] });
  const delay = 5_000; // µs
  return [pair, impair(pair[0], { scheduler: driver, random: new CryptoRandom(), transmit: { delay } })];
}

function newHost(name, wireEnd, address) {
  const host = new Host({ clock: driver, scheduler: driver, random: new CryptoRandom(), name });
  driver.add(host);
  host.attach(wireEnd, {
    addresses: [{ address: ip(address), prefixLength: 24 }],
    duplicateDetection: false,
  });
  return host;
}

async function echo() {
  for await (const stream of listener) void stream.readable.pipeTo(stream.writable);
}

async function visit() {
  const stream = connectTcp(client, { remote: ip("10.0.0.2"), remotePort: 7 });
  const writer = stream.writable.getWriter();
  await writer.write(new TextEncoder().encode("hello"));
  await writer.close();
  for await (const chunk of stream.readable) console.log(`${chunk.length} bytes came back`);
  await new Promise(resolve => setTimeout(resolve, stays ? seconds(1) / 1_000 : 0));
}

/** What a page is told, one message after another. */
function told(message) {
  if (message.type === "hello") console.log(`watching ${message.hosts.map(({ name }) => name).join(", ")}`);
  if (message.type !== "events") return;
  for (const { name, data } of message.events)
    if (name === "tcp:state") console.log(`${data.from} → ${data.to}: ${data.cause}`);
}
