/**
 * What every subject of the bench serves, on a host of ours: a sink, a source, an echo of 64-byte messages,
 * the same with a close after the first, and connections that are held. Nothing is allocated once a
 * connection is accepted.
 */
import type { Host } from "@postel/stack/host";
import { CONNECTION_EVENT, type ConnectionObserver, type TcpConnection, WRITE } from "@postel/stack/tcp";

const SINK_PORT = 5001;
const SOURCE_PORT = 5002;
const ECHO_PORT = 5003;
const REQUEST_CLOSE_PORT = 5004;
const HOLD_PORT = 5005;

const BACKLOG = 4096;
const MESSAGE = new Uint8Array(64);
const TARGET_SIZE = 256 << 10;
const TEXT = new Uint8Array(256 << 10);

export function serve(host: Host): void {
  // A buffer that is lent belongs to one connection: text goes there straight from the packet.
  listen(host, SINK_PORT, () => observer(drainInto(new Uint8Array(TARGET_SIZE))));
  for (const [port, service] of [
    [SOURCE_PORT, fill],
    [ECHO_PORT, echo],
    [REQUEST_CLOSE_PORT, answerAndClose],
    [HOLD_PORT, echo],
  ] as const) {
    const shared = observer(service);
    listen(host, port, () => shared);
  }
}

/** What is done whenever something has happened to a connection. */
type Service = (connection: TcpConnection) => void;

function observer(service: Service): ConnectionObserver {
  return {
    connectionEvent(connection, events) {
      if (connection.isOver) return;
      service(connection);
      if ((events & CONNECTION_EVENT.peerClosed) !== 0) connection.close();
    },
  };
}

function listen(host: Host, port: number, newObserver: () => ConnectionObserver): void {
  host.tcp.listen({ port, backlog: BACKLOG, config: { noDelay: true } }).observer = {
    acceptable(listener) {
      for (let connection = listener.accept(); connection; connection = listener.accept()) {
        const observer = newObserver();
        connection.observe(observer);
        observer.connectionEvent(connection, 0);
      }
    },
  };
}

function drainInto(target: Uint8Array): Service {
  return connection => {
    while (connection.receive(target) > 0);
    connection.lend(target);
  };
}

/** The text never changes, so that nobody has to copy it. */
function fill(connection: TcpConnection): void {
  while (!connection.sendClosed && connection.send(TEXT, 0, TEXT.length, WRITE.byReference) === TEXT.length);
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
  if (connection.tally.bytesReceived >= MESSAGE.length) connection.close();
}
