/**
 * What every subject of the bench serves, on a host of ours: a sink, a source, an echo of 64-byte messages, the
 * same with a close after the first, and connections that are held. Nothing is allocated while it runs: all
 * connections share one buffer, as each is read to its end before the next.
 */
import type { Host } from "@postel/stack/host";
import { CONNECTION_EVENT, type TcpConnection } from "@postel/stack/tcp";

const SINK_PORT = 5001;
const SOURCE_PORT = 5002;
const ECHO_PORT = 5003;
const REQUEST_CLOSE_PORT = 5004;
const HOLD_PORT = 5005;

const BACKLOG = 4096;
const MESSAGE = new Uint8Array(64);
const TARGET = new Uint8Array(1 << 20);
const TEXT = new Uint8Array(256 << 10);

export function serve(host: Host): void {
  listen(host, SINK_PORT, drain);
  listen(host, SOURCE_PORT, fill);
  listen(host, ECHO_PORT, echo);
  listen(host, REQUEST_CLOSE_PORT, answerAndClose);
  listen(host, HOLD_PORT, echo);
}

/** @param service what is done whenever something has happened to a connection */
function listen(host: Host, port: number, service: (connection: TcpConnection) => void): void {
  const observer = {
    connectionEvent(connection: TcpConnection, events: number): void {
      if (connection.isOver) return;
      service(connection);
      if ((events & CONNECTION_EVENT.peerClosed) !== 0) connection.close();
    },
  };
  host.tcp.listen({ port, backlog: BACKLOG, config: { noDelay: true } }).observer = {
    acceptable(listener) {
      for (let connection = listener.accept(); connection; connection = listener.accept()) {
        connection.observe(observer);
        service(connection);
      }
    },
  };
}

function drain(connection: TcpConnection): void {
  while (connection.receive(TARGET) > 0);
}

function fill(connection: TcpConnection): void {
  while (!connection.sendClosed && connection.send(TEXT) === TEXT.length);
}

/** Whole messages only: half of one waits for its other half. */
function echo(connection: TcpConnection): void {
  while (connection.readable >= MESSAGE.length) {
    connection.receive(MESSAGE);
    connection.send(MESSAGE);
  }
}

function answerAndClose(connection: TcpConnection): void {
  if (connection.sendClosed) return;
  echo(connection);
  if (connection.bytesReceived >= MESSAGE.length) connection.close();
}
