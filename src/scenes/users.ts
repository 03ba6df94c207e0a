/** Users of the scenes' hosts: who reads all that comes, who writes all there is, who answers. */
import type { Listener } from "../tcp/handshake/listener.ts";
import type { TcpConnection } from "../tcp/tcp-connection.ts";

/** Plain text, so that a look into a packet finds something to read. */
export function textOf(words: string): Uint8Array {
  return Uint8Array.from(words, letter => letter.charCodeAt(0));
}

const LINE = "The quick brown fox jumps over the lazy dog. 0123456789 abcdef\n";

/** So many bytes of text. */
export function pages(bytes: number): Uint8Array {
  return textOf(LINE.repeat(Math.ceil(bytes / LINE.length)).slice(0, bytes));
}

/** Everything that can be read now. */
export function readAll(connection: TcpConnection): Uint8Array {
  const bytes = new Uint8Array(connection.readable);
  connection.receive(bytes);
  return bytes;
}

/** Whoever opens a connection, speaks, and keeps what is answered. */
export class Visitor {
  connection: TcpConnection | undefined = undefined;
  answer = "";

  /** @param begin opens the connection */
  opens(begin: () => TcpConnection): TcpConnection {
    const connection = begin();
    this.connection = connection;
    connection.observe({
      connectionEvent: () => {
        this.answer += String.fromCharCode(...readAll(connection));
      },
    });
    return connection;
  }

  get isAnswered(): boolean {
    return this.answer.length > 0;
  }
}

/** Says what an accepted connection's user does whenever something happens to it. */
export function serve(listener: Listener, happened: (connection: TcpConnection) => void): void {
  listener.observer = {
    acceptable: () => {
      for (let c = listener.accept(); c !== undefined; c = listener.accept()) {
        c.observe({ connectionEvent: happened });
        happened(c);
      }
    },
  };
}
