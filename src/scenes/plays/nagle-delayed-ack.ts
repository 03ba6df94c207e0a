/** Two small writes, then a wait for the answer: with Nagle's algorithm, and without. RFC 9293 §3.7.4. */
import { milliseconds } from "../../base/time.ts";
import type { Listener } from "../../tcp/handshake/listener.ts";
import type { TcpConnection } from "../../tcp/tcp-connection.ts";
import { scene } from "../scene.ts";
import { SERVER } from "../stage.ts";
import { nagleDelayedAck } from "../texts/nagle-delayed-ack.ts";
import { readAll, serve, textOf } from "../users.ts";

const HEAD = textOf("PUT /thing HTTP/1.1\r\nHost: server\r\nContent-Length: 6\r\n\r\n");
const BODY = textOf("thing\n");
const ONCE = textOf("GET /thing HTTP/1.1\r\nHost: server\r\n\r\n");
const ANSWER = textOf("HTTP/1.1 204 No Content\r\n\r\n");

export const nagleDelayedAckScene = scene(nagleDelayedAck, stage => {
  const { client, server } = stage.clientAndServer({ delay: milliseconds(5) });
  const listener = server.tcp.listen({ port: 80 });
  answer(listener);
  const open = (localPort: number, noDelay: boolean): Asker =>
    new Asker(client.tcp.connect({ remote: SERVER, remotePort: 80, localPort, config: { noDelay } }));
  let slow: Asker | undefined;
  let quick: Asker | undefined;
  stage.at(milliseconds(100), () => {
    slow = open(40_001, false);
  });
  stage.at(milliseconds(200), () => slow?.ask(ONCE));
  stage.at(milliseconds(300), () => slow?.ask(HEAD));
  stage.at(milliseconds(301), () => slow?.ask(BODY));
  stage.at(milliseconds(500), () => {
    quick = open(40_002, true);
  });
  stage.at(milliseconds(600), () => quick?.ask(ONCE));
  stage.at(milliseconds(700), () => quick?.ask(HEAD));
  stage.at(milliseconds(701), () => quick?.ask(BODY));
  return {
    moments: {
      once: () => slow?.answers === 1,
      held: () => slow !== undefined && slow.answers === 1 && slow.connection.unsent > 0,
      delayedAck: () => server.tcpCounters.delayedAcks > 0,
      slow: () => slow?.answers === 2,
      noDelay: () => quick?.answers === 1,
      quick: () => quick?.answers === 2,
    },
    isOver: () => quick?.answers === 2 || quick?.connection.isOver === true,
  };
});

/** Writes its requests in pieces, and counts the answers. */
class Asker {
  readonly connection: TcpConnection;
  answers = 0;

  constructor(connection: TcpConnection) {
    this.connection = connection;
    connection.observe({
      connectionEvent: () => {
        if (readAll(connection).length > 0) this.answers++;
      },
    });
  }

  ask(bytes: Uint8Array): void {
    if (!this.connection.isOver) this.connection.send(bytes);
  }
}

/** Answers when a request is whole. */
function answer(listener: Listener): void {
  const heard = new Map<TcpConnection, number>();
  serve(listener, c => {
    const so = (heard.get(c) ?? 0) + readAll(c).length;
    const isWhole = so === ONCE.length || so === HEAD.length + BODY.length;
    heard.set(c, isWhole ? 0 : so);
    if (isWhole) c.send(ANSWER);
  });
}
