/** Three senders share a bottleneck, each with another congestion control. RFC 5681, RFC 9438. */
import { milliseconds, seconds } from "../../base/time.ts";
import { CONNECTION_EVENT } from "../../tcp/connection-events.ts";
import type { TcpConnection } from "../../tcp/tcp-connection.ts";
import { scene } from "../scene.ts";
import { SERVER } from "../stage.ts";
import { congestionControl } from "../texts/congestion-control.ts";
import { pages, readAll, serve } from "../users.ts";

/** 3 Mbit/s, 60 ms there and back, 40 packets may wait; a packet in two thousand is lost besides. */
const BOTTLENECK = { rateBytesPerSecond: 375_000, queueLimit: 40, loss: 0.000_5 };
const DELAY = milliseconds(30);
const SEGMENT = 1_448;
const END = seconds(25);
const CHUNK = pages(1 << 16);

export const congestionControlScene = scene(congestionControl, stage => {
  const { client, server, link } = stage.clientAndServer({
    delay: DELAY,
    toServer: BOTTLENECK,
    client: { sendBuffer: 512 << 10 },
    server: { receiveBuffer: 1 << 20, receiveBufferLimit: 1 << 20 },
  });
  serve(server.tcp.listen({ port: 80 }), c => readAll(c));
  const start = (localPort: number, congestionControl: string): TcpConnection => {
    const config = { congestionControl };
    const connection = client.tcp.connect({ remote: SERVER, remotePort: 80, localPort, config });
    flood(connection);
    return connection;
  };
  let reno: TcpConnection | undefined;
  let cubic: TcpConnection | undefined;
  let bbr: TcpConnection | undefined;
  stage.at(milliseconds(100), () => {
    reno = start(40_001, "reno");
  });
  stage.at(seconds(6), () => {
    cubic = start(40_002, "cubic");
  });
  stage.at(seconds(12), () => {
    bbr = start(40_003, "bbr");
  });
  const isRepairing = (connection: TcpConnection | undefined): boolean =>
    connection?.recovery.state === "recovery";
  return {
    moments: {
      slowStart: () => reno !== undefined && reno.congestion.cwnd > 20 * SEGMENT,
      queueFull: () => link.aToB.wire.transmitFates.queueFull > 0,
      halved: () => isRepairing(reno),
      cubic: () => isRepairing(cubic),
      bbr: () => bbr?.state === "ESTABLISHED" && bbr.tally.bytesAcked > 100 * SEGMENT,
      compared: () => stage.world.now() > seconds(20),
    },
    isOver: () => stage.world.now() >= END,
  };
});

/** Writes whenever there is room. */
function flood(connection: TcpConnection): void {
  connection.observe({
    connectionEvent: (c, events) => {
      const mayWrite = (events & (CONNECTION_EVENT.connected | CONNECTION_EVENT.writable)) !== 0;
      while (mayWrite && !c.isOver && c.send(CHUNK) === CHUNK.length);
    },
  });
}
