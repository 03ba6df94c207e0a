import { describe, expect, test } from "vitest";
import { ADDRESSES } from "../../../test/tcp/bench.ts";
import { accepted, accepts, closed, listening, synReceived } from "../../../test/tcp/fixtures.ts";
import { HOST_PORT, PEER_PORT } from "../../../test/tcp/peer.ts";
import { ack, rst, rstAck, syn, synAck, text } from "../../../test/tcp/segments.ts";
import { seconds } from "../../base/time.ts";
import { ip } from "../../wire/address.ts";

const V4 = ADDRESSES[4];

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

describe("passive OPEN: RFC 9293 §3.10.1", () => {
  test("an address that is not ours, or a port beyond 65535, is EADDRNOTAVAIL", () => {
    const { tcp, user } = closed();
    expect(user.fails(() => tcp.listen({ address: ip("10.9.9.9"), port: 80 }))).toBe("EADDRNOTAVAIL");
    expect(user.fails(() => tcp.listen({ port: 65_536 }))).toBe("EADDRNOTAVAIL");
  });

  test("the same port twice is EADDRINUSE; on two addresses it is not", () => {
    const { tcp, user } = closed();
    tcp.listen({ address: V4.host, port: 80 });
    expect(user.fails(() => tcp.listen({ address: V4.host, port: 80 }))).toBe("EADDRINUSE");
    expect(user.fails(() => tcp.listen({ port: 80 }))).toBe("EADDRINUSE");
    expect(user.fails(() => tcp.listen({ port: 80, families: 6 }))).toBe("nothing");
    expect(user.fails(() => tcp.listen({ address: V4.second, port: 80 }))).toBe("nothing");
  });

  test("port 0 finds a free one", () => {
    const { tcp } = closed({ config: { firstEphemeralPort: 40_000, lastEphemeralPort: 40_001 } });
    const ports = [tcp.listen({ port: 0 }).port, tcp.listen({ port: 0 }).port];
    expect(ports.sort()).toEqual([40_000, 40_001]);
    expect(() => tcp.listen({ port: 0 })).toThrow("EADDRINUSE");
  });

  test("of two listeners the one on the very address gets the connection", () => {
    const bench = closed();
    const any = bench.tcp.listen({ port: HOST_PORT, families: 6 });
    const own = bench.tcp.listen({ address: V4.host, port: HOST_PORT });
    bench.peer.sends(syn({ seq: 100 }));
    bench.peer.expects(synAck({ ack: 101 }));
    expect([own.halfOpen, any.halfOpen]).toEqual([1, 0]);
  });

  test("connections that are established outlive their listener; half-open ones do not", () => {
    const bench = accepted();
    bench.tcp.closeListener(bench.listener as never);
    bench.peer.sends(text("hello"));
    expect(bench.user.reads()).toBe("hello");
    expect(bench.listenerStates).toEqual(["LISTEN", "CLOSED"]);

    const other = synReceived();
    other.tcp.closeListener(other.listener as never);
    expect(other.state).toBe("CLOSED");
    other.peer.sends(ack({ seq: 101, ack: 1 }));
    other.peer.expects(rst({ seq: 1 }));
    other.advance(seconds(100));
    other.peer.expectsNothing();
  });

  test("a closed listener resets what nobody has accepted", () => {
    const bench = synReceived();
    bench.peer.sends(ack({ seq: 101, ack: 1 }));
    bench.tcp.closeListener(bench.listener as never);
    bench.peer.expects(rstAck({ seq: 1, ack: 101 }));
    expect(bench.state).toBe("CLOSED");
    expect([...bench.tcp.listeners()]).toEqual([]);
    expect(bench.tcp.listen({ port: HOST_PORT }).port).toBe(HOST_PORT);
  });

  test("an active OPEN turns a listener into a connection from its port (RFC 9293 §3.10.1, LISTEN)", () => {
    const bench = listening();
    const listener = bench.listener as NonNullable<typeof bench.listener>;
    bench.connection = bench.tcp.connectListener(listener, V4.peer, PEER_PORT);
    bench.settleIfWoken();
    expect(bench.peer.expects(syn({ seq: 0 })).sourcePort).toBe(HOST_PORT);
    expect(listener.isClosed).toBe(true);
    bench.peer.sends(synAck({ ack: 1 }));
    bench.peer.expects(ack({ ack: 101 }));
    expect(bench.state).toBe("ESTABLISHED");
  });

  test("an active OPEN that fails leaves the listener as it was", () => {
    const bench = listening();
    const listener = bench.listener as NonNullable<typeof bench.listener>;
    bench.context.unreachable = "ENETUNREACH";
    expect(bench.user.fails(() => bench.tcp.connectListener(listener, V4.peer, 1))).toBe("ENETUNREACH");
    bench.context.unreachable = undefined;
    bench.peer.sends(syn({ seq: 100 }));
    bench.peer.expects(synAck({ ack: 101 }));
  });
});
