/** The third segment of a handshake is lost, twice, with different ends. RFC 9293 §3.5, §3.10.7.1. */
import { milliseconds, seconds } from "../../base/time.ts";
import type { TcpConnection } from "../../tcp/tcp-connection.ts";
import { isBareAck } from "../frames.ts";
import { scene } from "../scene.ts";
import { SERVER } from "../stage.ts";
import { lostThirdAck } from "../texts/lost-third-ack.ts";
import { readAll, serve, textOf } from "../users.ts";

export const lostThirdAckScene = scene(lostThirdAck, stage => {
  const { client, server, link } = stage.clientAndServer({
    delay: milliseconds(100),
    server: { synAckRetries: 2 },
  });
  const listener = server.tcp.listen({ port: 80 });
  let first: TcpConnection | undefined;
  let second: TcpConnection | undefined;
  let accepted = 0;
  let wasHalfOpen = false;
  serve(listener, c => {
    accepted = Math.max(accepted, c.remotePort);
    readAll(c);
  });
  const open = (localPort: number): TcpConnection =>
    client.tcp.connect({ remote: SERVER, remotePort: 80, localPort });
  const lose = (loss: number): void => {
    link.aToB.wire.transmitImpairment = { ...link.aToB.wire.transmitImpairment, loss };
  };
  const loss = link.aToB.gate.drop(1, isBareAck);
  stage.at(milliseconds(100), () => {
    first = open(FIRST);
  });
  stage.at(milliseconds(600), () => first?.send(textOf("Here I am.\n")));
  stage.at(seconds(2), () => {
    second = open(SECOND);
  });
  stage.when(
    () => listener.halfOpen > 0 && second !== undefined,
    () => {
      wasHalfOpen = true;
      lose(1);
    },
  );
  const hasGivenUp = (): boolean => wasHalfOpen && listener.halfOpen === 0;
  stage.when(hasGivenUp, () => {
    lose(0);
    stage.after(seconds(1), () => {
      if (second?.isOver === false) second.send(textOf("Here I am.\n"));
    });
  });
  return {
    moments: {
      ackLost: () => loss.fired,
      textCarriesIt: () => accepted === FIRST,
      nothingToSay: () => second?.state === "ESTABLISHED" && listener.halfOpen > 0,
      repeated: () => wasHalfOpen && server.tcpCounters.segmentsRetransmitted > 0,
      givenUp: hasGivenUp,
      reset: () => second?.error === "ECONNRESET",
    },
    isOver: () => second?.isOver === true || accepted === SECOND,
  };
});

const FIRST = 40_001;
const SECOND = 40_002;
