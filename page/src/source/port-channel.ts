/** A channel between the page and a worker of its own: messages as they are, on a port of their own. */
import type { Channel } from "../../../src/inspect/protocol.ts";

export function portChannel<Sent, Heard>(port: MessagePort, onClose = (): void => {}): Channel<Sent, Heard> {
  const channel: Channel<Sent, Heard> = {
    onMessage: undefined,
    onClosed: undefined,
    send: message => port.postMessage(message),
    close: () => {
      port.close();
      onClose();
    },
  };
  port.onmessage = ({ data }) => channel.onMessage?.(data as Heard);
  return channel;
}
