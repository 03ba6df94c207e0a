/** A channel to an inspector that serves this page: JSON on a WebSocket. */
import type { FromPage, PageChannel, ToPage } from "../../../src/inspect/protocol.ts";

export function openWebSocket(path: string): PageChannel {
  return new WebSocketChannel(new WebSocket(socketAddress(path, location.href)));
}

/** `channel`, seen from `http://127.0.0.1:8081/`, is `ws://127.0.0.1:8081/channel`. */
export function socketAddress(path: string, base: string): string {
  const address = new URL(path, base);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  address.hash = "";
  return address.href;
}

class WebSocketChannel implements PageChannel {
  onMessage: ((message: ToPage) => void) | undefined;
  onClosed: (() => void) | undefined;
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => this.onMessage?.(JSON.parse(String(data)) as ToPage));
    socket.addEventListener("close", () => this.onClosed?.());
  }

  send(message: FromPage): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  close(): void {
    this.#socket.close();
  }
}
