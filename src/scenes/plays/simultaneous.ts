/** Both ends open at the same moment, and close at the same moment. RFC 9293, figures 7 and 13. */
import { milliseconds } from "../../base/time.ts";
import type { TcpState } from "../../tcp/states.ts";
import type { TcpConnection } from "../../tcp/tcp-connection.ts";
import { scene } from "../scene.ts";
import { CLIENT, SERVER } from "../stage.ts";
import { simultaneous } from "../texts/simultaneous.ts";
import { readAll, textOf } from "../users.ts";

export const simultaneousScene = scene(simultaneous, stage => {
  const { client, server } = stage.clientAndServer({ delay: milliseconds(150) });
  let ends: readonly TcpConnection[] = [];
  let heard = 0;
  const are = (state: TcpState): boolean => ends.length > 0 && ends.every(end => end.state === state);
  stage.at(milliseconds(100), () => {
    ends = [
      client.tcp.connect({ remote: SERVER, remotePort: 2_000, localPort: 1_000 }),
      server.tcp.connect({ remote: CLIENT, remotePort: 1_000, localPort: 2_000 }),
    ];
    for (const end of ends) {
      end.observe({
        connectionEvent: () => {
          heard += readAll(end).length > 0 ? 1 : 0;
        },
      });
    }
  });
  stage.when(
    () => are("ESTABLISHED"),
    () => {
      for (const end of ends) end.send(textOf("After you.\n"));
    },
  );
  stage.when(
    () => heard === 2,
    () =>
      stage.after(milliseconds(200), () => {
        for (const end of ends) end.close();
      }),
  );
  return {
    moments: {
      crossed: () => are("SYN-SENT"),
      synReceived: () => are("SYN-RECEIVED"),
      established: () => are("ESTABLISHED"),
      finsCross: () => are("FIN-WAIT-1"),
      closing: () => are("CLOSING"),
      timeWait: () => are("TIME-WAIT"),
    },
    isOver: () => ends.length > 0 && ends.every(end => end.isOver),
  };
});
