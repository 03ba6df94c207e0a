/** The way to the server is cut while text is on it: RFC 6298 §5, RFC 8985 §7. */
import { milliseconds, seconds } from "../../base/time.ts";
import type { TcpConnection } from "../../tcp/tcp-connection.ts";
import { scene } from "../scene.ts";
import { SERVER } from "../stage.ts";
import { retransmissionTimeout } from "../texts/retransmission-timeout.ts";
import { readAll, serve, textOf } from "../users.ts";

export const retransmissionTimeoutScene = scene(retransmissionTimeout, stage => {
  const { client, server, link } = stage.clientAndServer({ delay: milliseconds(50) });
  const listener = server.tcp.listen({ port: 80 });
  let connection: TcpConnection | undefined;
  let accepted: TcpConnection | undefined;
  let wasCut = false;
  let heard = "";
  serve(listener, c => {
    accepted = c;
    heard += String.fromCharCode(...readAll(c));
  });
  stage.at(milliseconds(100), () => {
    connection = client.tcp.connect({ remote: SERVER, remotePort: 80 });
  });
  stage.when(
    () => accepted?.state === "ESTABLISHED",
    () => connection?.send(textOf("First line.\n")),
  );
  stage.at(seconds(1), () => {
    link.cut();
    wasCut = true;
    connection?.send(textOf("Second line.\n"));
  });
  stage.at(seconds(6), () => {
    link.heal();
  });
  const again = () => connection?.tally.retransmissions ?? { tlp: 0, timeout: 0 };
  return {
    moments: {
      cut: () => wasCut,
      tailLossProbe: () => again().tlp > 0,
      timeout: () => again().timeout === 1,
      backedOff: () => again().timeout === 3,
      healed: () => again().timeout > 3 && wasCut && !link.aToB.gate.isCut,
      arrived: () => heard.includes("Second"),
      acknowledged: () => heard.includes("Second") && connection?.sendQueue === 0,
    },
    isOver: () => (heard.includes("Second") && connection?.sendQueue === 0) || connection?.isOver === true,
  };
});
