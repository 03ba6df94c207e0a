/** One socket for both families, or for one. */
import { once } from "node:events";
import net from "node:net";
import { actor } from "../event-log.mjs";

const log = actor("families");
for (const options of [
  {},
  { host: "::" },
  { host: "::", ipv6Only: true },
  { host: "0.0.0.0" },
  { host: "::1" },
  { host: "::ffff:127.0.0.1" },
]) {
  const server = net.createServer().listen({ port: 0, ...options });
  await once(server, "listening");
  const { address, family, port } = server.address();
  log(JSON.stringify(options), "listens on", address, family);
  for (const host of ["127.0.0.1", "::1", "::ffff:127.0.0.1", "0.0.0.0", "::"]) {
    const client = net.connect({ port, host });
    const accepted = once(server, "connection").then(([socket]) => socket);
    const outcome = await Promise.race([once(client, "connect"), once(client, "error")]).catch(error => [
      error,
    ]);
    if (outcome.length > 0) {
      log(host, outcome[0].code);
      continue;
    }
    const socket = await accepted;
    log(
      host,
      "from",
      client.localAddress,
      client.localFamily,
      "to",
      client.remoteAddress,
      client.remoteFamily,
    );
    log(host, "is", socket.remoteAddress, socket.remoteFamily, "at", socket.localAddress, socket.localFamily);
    socket.destroy();
    client.destroy();
  }
  server.close();
  await once(server, "close");
}
