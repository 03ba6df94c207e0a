/** A client opens a connection, asks and is answered. RFC 9293 §3.5. */
import { milliseconds } from "../../base/time.ts";
import type { TcpConnection } from "../../tcp/tcp-connection.ts";
import { scene } from "../scene.ts";
import { SERVER } from "../stage.ts";
import { threeWayHandshake } from "../texts/three-way-handshake.ts";
import { readAll, serve, textOf, Visitor } from "../users.ts";

export const threeWayHandshakeScene = scene(threeWayHandshake, stage => {
  const { client, server } = stage.clientAndServer({ delay: milliseconds(150) });
  const listener = server.tcp.listen({ port: 80 });
  const visitor = new Visitor();
  let accepted: TcpConnection | undefined;
  serve(listener, c => {
    accepted = c;
    if (readAll(c).length > 0) c.send(textOf("Well, thank you.\n"));
  });
  stage.at(milliseconds(100), () => {
    const c = visitor.opens(() => client.tcp.connect({ remote: SERVER, remotePort: 80 }));
    stage.when(
      () => accepted !== undefined,
      () => c.send(textOf("How are you?\n")),
    );
  });
  return {
    moments: {
      synSent: () => visitor.connection?.state === "SYN-SENT",
      synReceived: () => listener.halfOpen > 0,
      clientEstablished: () => visitor.connection?.state === "ESTABLISHED",
      serverEstablished: () => accepted?.state === "ESTABLISHED",
      answered: () => visitor.isAnswered,
    },
    isOver: () => visitor.isAnswered || visitor.connection?.isOver === true,
  };
});
