/** A reader sleeps: the window closes and is probed, and its opening is lost. RFC 9293 §3.8.6.1. */
import { milliseconds, seconds } from "../../base/time.ts";
import type { AimedFault } from "../../sim/fault-gate.ts";
import type { TcpConnection } from "../../tcp/tcp-connection.ts";
import { isBareAck } from "../frames.ts";
import { scene } from "../scene.ts";
import { SERVER } from "../stage.ts";
import { zeroWindow } from "../texts/zero-window.ts";
import { pages, readAll, serve } from "../users.ts";

const BYTES = 60_000;
const BUFFER = 20_000;

export const zeroWindowScene = scene(zeroWindow, stage => {
  const { client, server, link } = stage.clientAndServer({
    delay: milliseconds(50),
    server: { receiveBuffer: BUFFER, receiveBufferLimit: BUFFER },
  });
  const listener = server.tcp.listen({ port: 80 });
  let connection: TcpConnection | undefined;
  let accepted: TcpConnection | undefined;
  let loss: AimedFault | undefined;
  let isAwake = false;
  let received = 0;
  serve(listener, c => {
    accepted = c;
    if (isAwake) received += readAll(c).length;
  });
  stage.at(milliseconds(100), () => {
    connection = client.tcp.connect({ remote: SERVER, remotePort: 80, config: { sendBuffer: 128 << 10 } });
  });
  stage.when(
    () => accepted !== undefined,
    () => connection?.send(pages(BYTES)),
  );
  const isShut = (): boolean => accepted !== undefined && connection?.tcb.snd.wnd === 0;
  const probes = (): number => connection?.tally.windowProbes ?? 0;
  stage.at(seconds(5), () => {
    loss = link.bToA.gate.drop(1, isBareAck);
    isAwake = true;
    if (accepted !== undefined) received += readAll(accepted).length;
  });
  return {
    moments: {
      shut: isShut,
      probe: () => probes() === 1,
      backedOff: () => probes() === 3,
      awake: () => isAwake,
      updateLost: () => loss?.fired === true,
      opened: () => isAwake && connection !== undefined && connection.tcb.snd.wnd > 0,
      done: () => received === BYTES,
    },
    isOver: () => (received === BYTES && connection?.sendQueue === 0) || connection?.isOver === true,
  };
});
