/** A hostile peer, the honest server that it has connected to, and an honest flow beside them. */
import { expect } from "vitest";
import { SeededRandom } from "../../src/base/random.ts";
import { milliseconds, seconds } from "../../src/base/time.ts";
import { CONNECTION_EVENT } from "../../src/tcp/connection-events.ts";
import type { TcpConnection } from "../../src/tcp/tcp-connection.ts";
import { Flow } from "./hostile-flow.ts";
import { HostilePeer, type PeerOptions } from "./hostile-peer.ts";
import { HostileWorld } from "./hostile-world.ts";

export const SENDS = 200_000;
/** Both ways of a flow of 60,000 bytes, with their acknowledgments. */
export const FLOW_SEGMENTS = 250;

export interface Scene {
  readonly w: HostileWorld;
  readonly peer: HostilePeer;
  readonly flow: Flow;
  readonly connection: TcpConnection;
  readonly data: Uint8Array;
  readonly read: number[];
}

/** b sends `SENDS` bytes to the peer and reads what comes; beside it an honest flow. */
export function scene(options: PeerOptions & { seed?: number; sends?: number; reads?: boolean } = {}): Scene {
  const { seed = 1, sends = SENDS, reads = true } = options;
  const w = new HostileWorld({ seed });
  const listener = w.hosts.b.tcp.listen({ port: 90 });
  const data = new Uint8Array(sends);
  new SeededRandom(seed).fill(data);
  const read: number[] = [];
  let connection: TcpConnection | undefined;
  listener.observer = {
    acceptable: () => {
      connection = listener.accept();
      connection?.observe({
        connectionEvent: (c, events) => {
          if (!reads) return;
          const bytes = new Uint8Array(c.readable);
          c.receive(bytes);
          for (const byte of bytes) read.push(byte);
          if ((events & CONNECTION_EVENT.peerClosed) !== 0) c.close();
        },
      });
      connection?.send(data);
    },
  };
  const flow = new Flow(w, { port: 80, lasting: seconds(1) });
  const peer = new HostilePeer(w, options);
  w.run(milliseconds(20));
  if (connection === undefined) throw new Error("the peer's handshake failed");
  return { w, peer, flow, connection, data, read };
}

/** The honest flow ends well, and nothing of the peer is left once it is silent. */
export function ends({ w, flow, connection }: Scene): void {
  flow.finishes();
  connection.release();
  w.run(seconds(2_000));
  w.expectNoRecords();
}

export function expectStream({ peer, data }: Scene): void {
  expect(peer.received).toBe(data.length);
  expect(Buffer.compare(peer.stream.subarray(0, data.length), data), "the stream").toBe(0);
}

/** From now on it is honest, until it has got all. */
export function behaves({ w, peer, data }: Scene, fields = {}): void {
  peer.onSegment = heard => {
    if (heard.text.length > 0) peer.says({ acknowledgment: peer.received + 1, ...fields });
  };
  peer.says({ acknowledgment: peer.received + 1, ...fields });
  w.world.runUntil(() => peer.received >= data.length, seconds(600));
}
