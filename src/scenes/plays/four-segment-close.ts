/** Both directions are closed, one after the other, and the last ACK is lost. RFC 9293 §3.6, §3.6.1. */
import { milliseconds } from "../../base/time.ts";
import type { AimedFault } from "../../sim/fault-gate.ts";
import type { TcpConnection } from "../../tcp/tcp-connection.ts";
import { isBareAck } from "../frames.ts";
import { scene } from "../scene.ts";
import { SERVER } from "../stage.ts";
import { fourSegmentClose } from "../texts/four-segment-close.ts";
import { readAll, serve, textOf } from "../users.ts";

/** What the server has still to do when the client has closed. */
const WORK = milliseconds(400);

export const fourSegmentCloseScene = scene(fourSegmentClose, stage => {
  const { client, server, link } = stage.clientAndServer({ delay: milliseconds(100) });
  const listener = server.tcp.listen({ port: 80 });
  let connection: TcpConnection | undefined;
  let accepted: TcpConnection | undefined;
  let loss: AimedFault | undefined;
  let wasTimeWait = false;
  serve(listener, c => {
    accepted = c;
    readAll(c);
  });
  stage.at(milliseconds(100), () => {
    const c = client.tcp.connect({ remote: SERVER, remotePort: 80 });
    connection = c;
    c.observe({ connectionEvent: () => readAll(c) });
    stage.when(
      () => accepted !== undefined,
      () => {
        c.send(textOf("That is all.\n"));
        stage.after(milliseconds(300), () => c.close());
      },
    );
  });
  stage.when(
    () => accepted?.state === "CLOSE-WAIT",
    () => {
      stage.after(milliseconds(200), () => {
        if (accepted?.isOver === false) accepted.send(textOf("One more word.\n"));
      });
      stage.after(WORK, () => {
        loss = link.aToB.gate.drop(1, isBareAck);
        accepted?.close();
      });
    },
  );
  const isWaiting = (): boolean => client.tcp.timeWaits().next().done === false;
  stage.when(isWaiting, () => {
    wasTimeWait = true;
  });
  return {
    moments: {
      finSent: () => connection?.state === "FIN-WAIT-1",
      closeWait: () => accepted?.state === "CLOSE-WAIT",
      halfClosed: () => connection?.state === "FIN-WAIT-2",
      timeWait: isWaiting,
      lastAckLost: () => loss?.fired === true,
      finAgain: () => isRepeated(accepted),
      serverClosed: () => accepted?.state === "CLOSED",
      timeWaitOver: () => wasTimeWait && !isWaiting(),
    },
    isOver: () => (wasTimeWait && !isWaiting()) || connection?.state === "CLOSED",
  };
});

function isRepeated(connection: TcpConnection | undefined): boolean {
  if (connection === undefined) return false;
  const { tlp, timeout } = connection.tally.retransmissions;
  return tlp + timeout > 0;
}
