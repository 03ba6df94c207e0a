import { describe, expect, test } from "vitest";
import { ADDRESSES } from "../../../test/tcp/bench.ts";
import { accepted, closed, listening, synReceived } from "../../../test/tcp/fixtures.ts";
import { HOST_PORT, PEER_PORT } from "../../../test/tcp/peer.ts";
import { ack, rst, syn, synAck, text } from "../../../test/tcp/segments.ts";
import { seconds } from "../../base/time.ts";
import { ip } from "../../wire/address.ts";

const V4 = ADDRESSES[4];

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
