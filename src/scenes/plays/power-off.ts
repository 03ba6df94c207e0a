/** A server loses its power while nothing is under way; keepalive finds out. RFC 9293 §3.8.4. */
import { milliseconds, seconds } from "../../base/time.ts";
import { scene } from "../scene.ts";
import { SERVER } from "../stage.ts";
import { powerOff } from "../texts/power-off.ts";
import { readAll, serve, textOf, Visitor } from "../users.ts";

export const powerOffScene = scene(powerOff, stage => {
  const { client, server } = stage.clientAndServer({
    delay: milliseconds(50),
    client: {
      keepalive: true,
      keepaliveTime: seconds(10),
      keepaliveInterval: seconds(3),
      keepaliveProbes: 4,
    },
  });
  const listener = server.tcp.listen({ port: 80 });
  const visitor = new Visitor();
  let isOff = false;
  serve(listener, c => {
    if (readAll(c).length > 0) c.send(textOf("Noted.\n"));
  });
  stage.at(milliseconds(100), () => {
    const c = visitor.opens(() => client.tcp.connect({ remote: SERVER, remotePort: 80 }));
    stage.when(
      () => c.state === "ESTABLISHED",
      () => c.send(textOf("Tell me when something happens.\n")),
    );
  });
  stage.at(seconds(14), () => {
    isOff = true;
    stage.world.remove(server);
    server.close();
  });
  const probes = (): number => client.tcpCounters.keepaliveProbes;
  return {
    moments: {
      silence: () => visitor.isAnswered,
      probed: () => probes() === 1 && !isOff,
      off: () => isOff,
      unanswered: () => isOff && probes() >= 2,
      givenUp: () => visitor.connection?.error === "ETIMEDOUT",
    },
    isOver: () => visitor.connection?.isOver === true,
  };
});
