/** A client opens a connection, asks and is answered. RFC 9293 §3.5. */
import { milliseconds } from "../../base/time.ts";
import type { TcpConnection } from "../../tcp/tcp-connection.ts";
import { scene } from "../scene.ts";
import { SERVER } from "../stage.ts";
import { threeWayHandshake } from "../texts/three-way-handshake.ts";
import { readAll, serve, textOf } from "../users.ts";

export const threeWayHandshakeScene = scene(threeWayHandshake, stage => {
  const { client, server } = stage.clientAndServer({ delay: milliseconds(150) });
  const listener = server.tcp.listen({ port: 80 });
  let connection: TcpConnection | undefined;
  let accepted: TcpConnection | undefined;
  let answer = "";
  serve(listener, c => {
    accepted = c;
    if (readAll(c).length > 0) c.send(textOf("Well, thank you.\n"));
  });
  stage.at(milliseconds(100), () => {
    const c = client.tcp.connect({ remote: SERVER, remotePort: 80 });
    connection = c;
    c.observe({
      connectionEvent: () => {
        answer += String.fromCharCode(...readAll(c));
      },
    });
    stage.when(
      () => accepted !== undefined,
      () => c.send(textOf("How are you?\n")),
    );
  });
  return {
    moments: {
      synSent: () => connection?.state === "SYN-SENT",
      synReceived: () => listener.halfOpen > 0,
      clientEstablished: () => connection?.state === "ESTABLISHED",
      serverEstablished: () => accepted?.state === "ESTABLISHED",
      answered: () => answer.length > 0,
    },
    isOver: () => answer.length > 0 || connection?.isOver === true,
  };
});
