import { describe, expect, test } from "vitest";
import { accepts, listening } from "../../../test/tcp/fixtures.ts";
import { PEER_PORT } from "../../../test/tcp/peer.ts";
import { ack, rst, syn, text } from "../../../test/tcp/segments.ts";

function withThreeWaiting() {
  const bench = listening();
  const { listener } = bench;
  if (listener === undefined) throw new Error("no listener");
  for (let i = 0; i < 3; i++) {
    bench.peer.port = PEER_PORT + i;
    bench.peer.sends(syn({ seq: 100 }), ack({ seq: 101, ack: 1 }));
  }
  bench.peer.takes();
  return { ...bench, bench, listener, peer: bench.peer };
}

describe("Listener", () => {
  test("gives out connections in the order in which they were established", () => {
    const { listener } = withThreeWaiting();
    expect([listener.accept(), listener.accept(), listener.accept()].map(c => c?.remotePort)).toEqual([
      PEER_PORT,
      PEER_PORT + 1,
      PEER_PORT + 2,
    ]);
    expect(listener.accept()).toBeUndefined();
    expect(listener.waiting).toBe(0);
  });

  test("one that was reset while it waited is still given out, with its error and its text", () => {
    const { bench, peer } = withThreeWaiting();
    peer.port = PEER_PORT;
    peer.sends(text("last", { seq: 101, ack: 1 }), rst({ seq: 105 }));
    accepts(bench);
    expect(bench.connection.error).toBe("ECONNRESET");
    expect(bench.user.heard()).toEqual(["connected", "readable", "writable", "closed"]);
    expect(bench.user.reads()).toBe("last");
  });

  test("tells its observer of each, after the event", () => {
    const bench = listening();
    const { listener, peer } = bench;
    const waiting: number[] = [];
    if (listener !== undefined) listener.observer = { acceptable: one => waiting.push(one.waiting) };
    peer.sends(syn({ seq: 100 }));
    expect(waiting).toEqual([]);
    peer.sends(ack({ seq: 101, ack: 1 }));
    expect(waiting).toEqual([1]);
  });

  test("the observer of one that was closed hears nothing more", () => {
    const bench = listening();
    const { listener, peer, tcp } = bench;
    if (listener === undefined) throw new Error("no listener");
    let told = 0;
    listener.observer = { acceptable: () => told++ };
    peer.sends(syn({ seq: 100 }));
    tcp.closeListener(listener);
    tcp.closeListener(listener);
    peer.sends(ack({ seq: 101, ack: 1 }));
    expect(told).toBe(0);
  });

  test("text that comes before the connection is accepted is kept and acknowledged", () => {
    const { bench, peer } = withThreeWaiting();
    peer.port = PEER_PORT;
    peer.sends(text(1_000, { seq: 101, ack: 1 }), text(1_000, { seq: 1_101, ack: 1 }));
    peer.expects(ack({ ack: 2_101 }));
    accepts(bench);
    expect(bench.connection.readable).toBe(2_000);
  });
});
