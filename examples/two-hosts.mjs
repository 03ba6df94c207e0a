// Several hosts in one process, in real time: an HTTP server on one, clients on another, a wire between them
// that loses 2 %. Everything above the sockets is Node's own; nothing of it touches the kernel's network.
import { milliseconds } from "@postel/stack/base";
import { Host } from "@postel/stack/host";
import { createPair, impair } from "@postel/stack/link";
import { CryptoRandom, Driver, programsOn } from "@postel/stack/node";
import { ip } from "@postel/stack/wire";

const driver = new Driver();
const random = new CryptoRandom();
const names = new Map([["server.test", ip("10.0.0.1")]]);
const resolver = { resolve: name => (names.has(name) ? [names.get(name)] : []) };

const [a, b] = createPair(driver);
const [server, client] = [a, b].map((device, index) => {
  const host = new Host({ clock: driver, scheduler: driver, random });
  driver.add(host);
  const wire = impair(device, {
    scheduler: driver,
    random,
    transmit: { loss: 0.02, delay: milliseconds(1) },
  });
  const addresses = [{ address: ip(`10.0.0.${index + 1}`), prefixLength: 24 }];
  host.attach(wire, { addresses, duplicateDetection: false });
  return programsOn(host, driver, { resolver });
});

const web = server.http.createServer((request, response) => {
  response.end(`${request.socket.remoteAddress} asks for ${request.url}`);
});
await new Promise(resolve => web.listen(80, resolve));

// The modules of the host…
client.http.get("http://server.test/one", async response => {
  for await (const text of response) console.log(`http: ${text}`);
  // … or whatever runs in it, such as the platform's fetch.
  const answer = await client.run(() => fetch("http://server.test/two"));
  console.log(`fetch: ${await answer.text()}`);

  const echo = server.dgram.createSocket("udp4").bind(7);
  echo.on("message", (bytes, { port, address }) => echo.send(bytes, port, address));
  const socket = client.dgram.createSocket("udp4");
  const again = setInterval(() => socket.send("a datagram", 7, "server.test"), 100);
  socket.on("message", bytes => {
    console.log(`dgram: ${bytes}`);
    clearInterval(again);
    for (const each of [socket, echo, web]) each.close();
    web.closeAllConnections();
    client.http.globalAgent.destroy();
  });
});
