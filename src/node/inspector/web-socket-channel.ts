/** A page at the other end of a WebSocket: the protocol's messages as JSON, a text message each. */
import type { RawData, WebSocket } from "ws";
import { troubleOf } from "../../inspect/problem.ts";
import type { FromPage, InspectorChannel, ToPage } from "../../inspect/protocol.ts";

export class WebSocketChannel implements InspectorChannel {
  onMessage: ((message: FromPage) => void) | undefined = undefined;
  onClosed: (() => void) | undefined = undefined;
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data, isBinary) => this.#heard(data, isBinary));
    socket.on("close", () => this.onClosed?.());
    // The end of the connection follows, and says all there is to say.
    socket.on("error", () => undefined);
  }

  get waiting(): number {
    return this.#socket.bufferedAmount;
  }

  send(message: ToPage): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  close(): void {
    this.#socket.close();
  }

  #heard(data: RawData, isBinary: boolean): void {
    if (isBinary) {
      this.#refuse("Messages are texts in JSON.");
      return;
    }
    let message: unknown;
    try {
      message = JSON.parse(data.toString());
    } catch {
      this.#refuse("This message is not JSON.");
      return;
    }
    // The inspector reads it as what it may be: anything.
    this.onMessage?.(message as FromPage);
  }

  #refuse(sentence: string): void {
    if (this.waiting === 0) this.send(troubleOf({ kind: "told", sentence }));
  }
}
