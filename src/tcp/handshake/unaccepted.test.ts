import { describe, expect, test } from "vitest";
import { closed, synReceived } from "../../../test/tcp/fixtures.ts";
import { HOST_PORT, PEER_PORT } from "../../../test/tcp/peer.ts";
import { ack, rst, rstAck, syn } from "../../../test/tcp/segments.ts";

const SHARED = { port: HOST_PORT, reusePort: true };

describe("what nobody has accepted", () => {
  test("a closed listener resets what nobody has accepted", () => {
    const bench = synReceived();
    bench.peer.sends(ack({ seq: 101, ack: 1 }));
    bench.tcp.closeListener(bench.listener as never);
    bench.peer.expects(rstAck({ seq: 1, ack: 101 }));
    expect(bench.state).toBe("CLOSED");
    expect([...bench.tcp.listeners()]).toEqual([]);
    expect(bench.tcp.listen({ port: HOST_PORT }).port).toBe(HOST_PORT);
  });

  /** One half-open connection and one that waits at a listener that closes; another one shares its port. */
  function closesFirst(migrateOnClose: boolean) {
    const bench = closed({ config: { migrateOnClose } });
    const { tcp, peer } = bench;
    const first = tcp.listen(SHARED);
    peer.sends(syn({ seq: 100 }), ack({ seq: 101, ack: 1 }));
    peer.port = PEER_PORT + 1;
    peer.sends(syn({ seq: 100 }));
    peer.takes();
    const second = tcp.listen(SHARED);
    peer.port = PEER_PORT;
    tcp.closeListener(first);
    bench.settle();
    return { ...bench, peer, second, first, bench };
  }

  test("when one closes, its half-open connections are forgotten and those that wait are reset", () => {
    const { peer, second } = closesFirst(false);
    peer.expects(rstAck({ seq: 1, ack: 101 }));
    expect([second.halfOpen, second.waiting]).toEqual([0, 0]);
    peer.port = PEER_PORT + 1;
    peer.sends(ack({ seq: 101, ack: 1 }));
    peer.expects(rst({ seq: 1 }));
  });

  test("or the other takes them over, where so configured (tcp_migrate_req)", () => {
    const { peer, second, first } = closesFirst(true);
    peer.expectsNothing();
    expect([second.halfOpen, second.young, second.waiting]).toEqual([1, 1, 1]);
    expect([first.halfOpen, first.young, first.waiting]).toEqual([0, 0, 0]);
    peer.port = PEER_PORT + 1;
    peer.sends(ack({ seq: 101, ack: 1 }));
    expect(second.waiting).toBe(2);
    expect([second.accept()?.remotePort, second.accept()?.remotePort]).toEqual([PEER_PORT, PEER_PORT + 1]);
  });
});
