/** The gateway's way out through the kernel's sockets, as the user who runs it. */
import { createSocket } from "node:dgram";
import type {
  DatagramEvents,
  Dialer,
  Flow,
  OutboundDatagrams,
  OutboundStream,
} from "../../gateway/dialer.ts";
import { dial } from "../../node/kernel-dialer.ts";
import { withKernelHandles } from "../../node/kernel-handles.ts";
import { KernelSplice } from "../../node/kernel-splice.ts";

export class KernelDialer implements Dialer {
  readonly #translate: (flow: Flow) => string;

  readonly #isBackground: boolean;

  /**
   * @param translate The kernel's address for the flow's destination.
   * @param isBackground The sockets do not keep the process alive.
   */
  constructor(translate: (flow: Flow) => string, isBackground = false) {
    this.#translate = translate;
    this.#isBackground = isBackground;
  }

  async connect(flow: Flow): Promise<OutboundStream> {
    const socket = await dial({ host: this.#translate(flow), port: flow.destinationPort });
    if (this.#isBackground) socket.unref();
    return {
      carry: connection => new KernelSplice(socket, connection).done,
      abort: () => void socket.resetAndDestroy(),
    };
  }

  open(flow: Flow, events: DatagramEvents): OutboundDatagrams {
    const type = flow.destination.family === 4 ? "udp4" : "udp6";
    const socket = withKernelHandles(() => createSocket(type));
    if (this.#isBackground) socket.unref();
    const early: Uint8Array[] = [];
    let isConnected = false;
    socket.on("message", bytes => events.received(bytes));
    socket.on("error", () => {
      socket.close();
      events.refused();
    });
    socket.connect(flow.destinationPort, this.#translate(flow), () => {
      isConnected = true;
      for (const bytes of early.splice(0)) socket.send(bytes, ignored);
    });
    return {
      send: bytes => {
        if (isConnected) socket.send(bytes, ignored);
        else early.push(bytes);
      },
      close: () => {
        try {
          socket.close();
        } catch {
          // An error has closed it before.
        }
      },
    };
  }
}

/** A failed send comes as an "error" event where nobody listens to it here; datagrams may be lost. */
function ignored(): void {}
