/** A listener under a flood of SYNs, first without SYN cookies, then with them. RFC 4987. */
import { milliseconds, seconds } from "../../base/time.ts";
import { ip } from "../../wire/address.ts";
import { SynFlood } from "../flood.ts";
import { scene } from "../scene.ts";
import { attach, SERVER } from "../stage.ts";
import { synFlood } from "../texts/syn-flood.ts";
import { readAll, serve, textOf, Visitor } from "../users.ts";

const BACKLOG = 16;
const EACH = milliseconds(50);

export const synFloodScene = scene(synFlood, stage => {
  const { client, server } = stage.clientAndServer({
    delay: milliseconds(20),
    server: { synCookies: 0 },
  });
  const foreign = { delay: milliseconds(40) };
  const crowd = stage.link("attacker", "server", { aToB: foreign, bToA: foreign });
  attach(server, crowd.b, [ip("10.0.9.2")], ip("10.0.9.1"));
  const listener = server.tcp.listen({ port: 80, backlog: BACKLOG });
  const flood = new SynFlood(stage.world, crowd.a, { address: SERVER, port: 80 });
  const visitor = new Visitor();
  serve(listener, c => {
    if (readAll(c).length > 0) c.send(textOf("Welcome.\n"));
  });
  const { config } = server.tcp.context;
  stage.at(milliseconds(500), () => flood.begin(EACH));
  stage.at(seconds(2), () => {
    const c = visitor.opens(() => client.tcp.connect({ remote: SERVER, remotePort: 80 }));
    stage.when(
      () => c.state === "ESTABLISHED",
      () => c.send(textOf("Is anybody there?\n")),
    );
  });
  // As an administrator does: sysctl net.ipv4.tcp_syncookies=1.
  stage.at(milliseconds(6_500), () => {
    config.synCookies = 1;
  });
  return {
    moments: {
      filling: () => listener.halfOpen > BACKLOG / 2,
      full: () => listener.synQueueIsFull,
      shutOut: () =>
        visitor.connection?.state === "SYN-SENT" && visitor.connection.tally.retransmissions.syn > 0,
      cookies: () => listener.counters.cookiesSent > 0,
      letIn: () => visitor.connection?.state === "ESTABLISHED" && listener.counters.cookiesReceived > 0,
      answered: () => visitor.isAnswered,
    },
    isOver: () => visitor.isAnswered || visitor.connection?.isOver === true,
  };
});
