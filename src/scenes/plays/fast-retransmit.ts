/** One segment of many is lost, and SACK shows the hole. RFC 2018, RFC 6675, RFC 8985, RFC 6937. */
import { milliseconds } from "../../base/time.ts";
import type { AimedFault } from "../../sim/fault-gate.ts";
import type { TcpConnection } from "../../tcp/tcp-connection.ts";
import { isText } from "../frames.ts";
import { scene } from "../scene.ts";
import { SERVER } from "../stage.ts";
import { fastRetransmit } from "../texts/fast-retransmit.ts";
import { pages, readAll, serve } from "../users.ts";

const BYTES = 45_000;
/** Which segment of text is lost. */
const UNLUCKY = 14;

export const fastRetransmitScene = scene(fastRetransmit, stage => {
  const { client, server, link } = stage.clientAndServer({
    delay: milliseconds(50),
    toServer: { rateBytesPerSecond: 500_000 },
  });
  const listener = server.tcp.listen({ port: 80 });
  let connection: TcpConnection | undefined;
  let accepted: TcpConnection | undefined;
  let loss: AimedFault | undefined;
  let received = 0;
  serve(listener, c => {
    accepted = c;
    received += readAll(c).length;
  });
  stage.at(milliseconds(100), () => {
    connection = client.tcp.connect({ remote: SERVER, remotePort: 80, config: { sendBuffer: 128 << 10 } });
  });
  stage.when(
    () => accepted !== undefined,
    () => {
      loss = link.aToB.gate.drop(UNLUCKY, isText);
      connection?.send(pages(BYTES));
    },
  );
  const again = (): number => {
    const { fast, rack } = connection?.tally.retransmissions ?? { fast: 0, rack: 0 };
    return fast + rack;
  };
  return {
    moments: {
      lost: () => loss?.fired === true,
      hole: () => accepted !== undefined && accepted.tally.outOfOrderSegments > 0,
      scoreboard: () => connection !== undefined && connection.queue.sackedBytes > 0,
      repaired: () => again() > 0,
      filled: () => again() > 0 && accepted?.receiveBuffer.outOfOrder.size === 0,
      done: () => received === BYTES,
    },
    isOver: () => (received === BYTES && connection?.sendQueue === 0) || connection?.isOver === true,
  };
});
