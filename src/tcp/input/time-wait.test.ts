import { describe, expect, test } from "vitest";
import type { Bench } from "../../../test/tcp/bench.ts";
import {
  accepts,
  closing,
  type FixtureOptions,
  finWait2,
  listening,
  MODERN,
  timeWait,
} from "../../../test/tcp/fixtures.ts";
import { HOST_PORT, PEER_PORT } from "../../../test/tcp/peer.ts";
import { ack, fin, rst, segment, syn, synAck, text } from "../../../test/tcp/segments.ts";
import { milliseconds, seconds } from "../../base/time.ts";

/** A connection that a listener accepted and we closed first: its port can be connected to again. */
function passiveTimeWait(options: FixtureOptions = {}): Bench {
  const bench = listening(options);
  bench.peer.sends(syn({ seq: 100, ...options.offer }));
  bench.peer.sends(ack({ seq: 101, ack: 1 }));
  accepts(bench);
  bench.user.closes();
  bench.peer.sends(ack({ ack: 2 }), fin({ ack: 2 }));
  bench.peer.takes();
  expect(bench.state).toBe("TIME-WAIT");
  return bench;
}

describe("TIME-WAIT: RFC 9293 §3.10.7.4", () => {
  test("lasts for 60 s, then the four-tuple is free (MUST-13)", () => {
    const { peer, tcp } = timeWait();
    peer.advance(milliseconds(59_999));
    expect(peer.state).toBe("TIME-WAIT");
    peer.advance(milliseconds(1));
    expect(peer.state).toBe("CLOSED");
    peer.expectsNothing();
    peer.sends(ack({ seq: 102, ack: 2 }));
    peer.expects(rst({ seq: 2 }));
    expect([...tcp.timeWaits()]).toEqual([]);
  });

  test("the peer's FIN again is acknowledged again, and the 2 MSL start anew", () => {
    const { peer } = timeWait();
    peer.advance(seconds(50));
    peer.sends(fin({ seq: 101, ack: 2 }));
    peer.expects(ack({ seq: 2, ack: 102, window: 44 * 1_460 - 1 }));
    peer.advance(seconds(59));
    expect(peer.state).toBe("TIME-WAIT");
    peer.advance(seconds(1));
    expect(peer.state).toBe("CLOSED");
  });

  test("another FIN does not start the 2 MSL anew: nobody may hold the port for ever", () => {
    const { peer } = timeWait();
    peer.advance(seconds(50));
    peer.sends(fin({ seq: 200, ack: 2 }), fin({ seq: 50, ack: 2 }));
    peer.advance(seconds(10));
    expect(peer.state).toBe("CLOSED");
  });

  test("a lost last ACK: the peer's FIN with its text comes again", () => {
    const { peer } = timeWait();
    peer.sends(fin({ seq: 99, text: "xy", ack: 2 }));
    peer.expects(ack({ seq: 2, ack: 102 }));
  });

  test("a bare ACK in order is not answered: else two hosts would talk for ever", () => {
    const { peer } = timeWait();
    peer.sends(ack({ seq: 102, ack: 2 }));
    peer.expectsNothing();
  });

  test("an old bare segment is acknowledged, at most twice a second; text and FIN always", () => {
    const { peer, context } = timeWait();
    for (let i = 0; i < 5; i++) peer.sends(ack({ seq: 50, ack: 1 }));
    expect(peer.takes()).toHaveLength(1);
    expect(context.counters.skippedTimeWait).toBe(4);
    for (let i = 0; i < 5; i++) peer.sends(text("old", { seq: 50, ack: 1 }));
    expect(peer.takes()).toHaveLength(5);
    peer.advance(milliseconds(500));
    peer.sends(ack({ seq: 50, ack: 1 }));
    peer.expects(ack({ seq: 2, ack: 102 }));
  });

  test("RST at RCV.NXT ends it (RFC 9293); elsewhere it is dropped (RFC 5961)", () => {
    const { peer } = timeWait();
    expect(peer.sends(rst({ seq: 103 }))).toBe("tcp-bad-reset");
    expect(peer.state).toBe("TIME-WAIT");
    peer.sends(rst({ seq: 102 }));
    expect(peer.state).toBe("CLOSED");
    peer.expectsNothing();
  });

  test("with the RFC 1337 setting no RST cuts it short", () => {
    const { peer } = timeWait({ config: { rfc1337: true } });
    peer.sends(rst({ seq: 102 }));
    expect(peer.state).toBe("TIME-WAIT");
    peer.advance(seconds(60));
    expect(peer.state).toBe("CLOSED");
  });

  test("an old segment by its timestamp does not start the 2 MSL anew (PAWS)", () => {
    const { peer } = timeWait({ offer: MODERN });
    peer.advance(seconds(30));
    expect(peer.sends(fin({ seq: 101, ack: 2, timestamps: [999_000, 0] }))).toBe("tcp-paws");
    peer.expects(ack({ ack: 102 }));
    peer.advance(seconds(1));
    peer.sends(ack({ seq: 102, ack: 2, timestamps: [999_000, 0] }));
    peer.expects(ack({ ack: 102 }));
    peer.advance(seconds(29));
    expect(peer.state).toBe("CLOSED");
  });

  test("the acknowledgment has timestamps where the connection had", () => {
    const { peer } = timeWait({ offer: MODERN });
    peer.advance(seconds(1));
    peer.sends(fin({ seq: 101, ack: 2 }));
    expect(peer.expects(ack({ ack: 102 })).timestamps).toBeDefined();
  });

  test("a segment without ACK is dropped or acknowledged, never an end", () => {
    const { peer } = timeWait();
    peer.sends(segment("", { seq: 102 }), segment("F", { seq: 101 }), segment("S", { seq: 101, ack: 1 }));
    expect(peer.state).toBe("TIME-WAIT");
  });

  test("is entered from CLOSING too", () => {
    const { peer } = closing();
    peer.sends(ack({ seq: 102, ack: 2 }));
    peer.sends(fin({ seq: 101, ack: 2 }));
    peer.expects(ack({ seq: 2, ack: 102 }));
  });

  test("a segment in the burst that brought it about is answered like any later one", () => {
    const { peer, user, tcp } = timeWait();
    peer.sendsBurst(fin({ seq: 101, ack: 2 }), text("x", { seq: 50, ack: 2 }), fin({ seq: 101, ack: 2 }));
    expect(peer.takes()).toHaveLength(3);
    expect(user.heard()).toEqual([]);
    expect([...tcp.timeWaits()]).toHaveLength(1);
  });

  test("at most so many are kept", () => {
    const { tcp, peer } = finWait2({ config: { timeWaitLimit: 0 } });
    peer.sends(fin());
    peer.expects(ack({ ack: 102 }));
    expect([...tcp.timeWaits()]).toHaveLength(0);
    expect(peer.state).toBe("CLOSED");
  });
});

describe("a new SYN in TIME-WAIT: RFC 9293 §3.6.1 (MAY-2, SHLD-4), RFC 6191", () => {
  test("beyond the old sequence numbers, it is accepted; our ISN begins beyond our old ones", () => {
    const bench = passiveTimeWait();
    const { peer } = bench;
    const before = peer.absolute(2);
    peer.sends(syn({ seq: 103 }));
    peer.expects(synAck({ seq: 0, ack: 104 }));
    expect((peer.absolute(0) - before) | 0).toBeGreaterThan(0xffff);
    expect(bench.states.slice(-2)).toEqual(["TIME-WAIT", "SYN-RECEIVED"]);
    peer.sends(ack({ seq: 104, ack: 1 }));
    accepts(bench);
    peer.sends(text("new", { seq: 104, ack: 1 }));
    expect(bench.user.reads()).toBe("new");
    bench.advance(seconds(100));
    expect(bench.state).toBe("ESTABLISHED");
  });

  test.each([101, 102, 0])("at %d, within the old ones, it is acknowledged, not accepted", number => {
    const { peer } = passiveTimeWait();
    peer.sends(syn({ seq: number }));
    peer.expects(ack({ seq: 2, ack: 102 }));
    expect(peer.state).toBe("TIME-WAIT");
  });

  test("with a newer timestamp it is accepted whatever its number", () => {
    const { peer } = passiveTimeWait({ offer: MODERN });
    peer.sends(syn({ seq: 5, ...MODERN, timestamps: [1_000_001, 0] }));
    peer.expects(synAck({ ack: 6 }));
  });

  test("with an older timestamp it is not, whatever its number", () => {
    const { peer } = passiveTimeWait({ offer: MODERN });
    peer.sends(syn({ seq: 5_000, ...MODERN, timestamps: [999_999, 0] }));
    peer.expects(ack({ ack: 102 }));
    expect(peer.state).toBe("TIME-WAIT");
  });

  test("with an equal timestamp the sequence number decides", () => {
    const { peer } = passiveTimeWait({ offer: MODERN });
    peer.sends(syn({ seq: 50, ...MODERN }));
    peer.expects(ack({ ack: 102 }));
    peer.sends(syn({ seq: 5_000, ...MODERN }));
    peer.expects(synAck({ ack: 5_001 }));
  });

  test("with nobody listening it is acknowledged, as on Linux; a peer that means it answers with RST", () => {
    const { peer } = timeWait();
    expect(peer.sends(syn({ seq: 500 }))).toBe("tcp-no-connection");
    peer.expects(ack({ seq: 2, ack: 102 }));
    expect(peer.state).toBe("TIME-WAIT");
    peer.sends(rst({ seq: 102 }));
    expect(peer.state).toBe("CLOSED");
  });

  test("with an ACK it is no SYN of a new connection: it is acknowledged", () => {
    const bench = timeWait();
    bench.tcp.listen({ port: HOST_PORT });
    expect(bench.peer.sends(synAck({ seq: 5_000, ack: 2 }))).toBe("tcp-after-close");
    bench.peer.expects(ack({ seq: 2, ack: 102 }));
    expect(bench.state).toBe("TIME-WAIT");
  });

  test("with a FIN it begins nothing, and ends nothing", () => {
    const { peer } = passiveTimeWait();
    peer.sends(segment("SF", { seq: 500 }));
    peer.expects(ack({ seq: 2, ack: 102 }));
    expect(peer.state).toBe("TIME-WAIT");
  });

  test("with a full accept queue it is dropped, and the record stays", () => {
    const bench = passiveTimeWait({ backlog: 0 });
    const { peer } = bench;
    peer.port++;
    peer.sends(syn({ seq: 100 }), ack({ seq: 101, ack: 1 }));
    peer.port--;
    peer.takes();
    expect(peer.sends(syn({ seq: 500 }))).toBe("tcp-accept-queue-full");
    expect(peer.state).toBe("TIME-WAIT");
    expect([...bench.tcp.timeWaits()]).toHaveLength(1);
  });

  test("the old port is the listener's still", () => {
    const bench = passiveTimeWait();
    expect(bench.listener?.port).toBe(HOST_PORT);
    expect([...bench.tcp.connections()]).toEqual([]);
  });
});

describe("a connection that we open takes a TIME-WAIT record's four-tuple: RFC 6191's reasons, tcp_tw_reuse", () => {
  /** To the peer, from the port that the connection before had. */
  function opensAgain(bench: Bench, localPort: number): string {
    const { tcp, user, peer } = bench;
    const connect = () => {
      bench.connection = tcp.connect({ remote: peer.address, remotePort: PEER_PORT, localPort });
    };
    const result = user.fails(connect);
    bench.settleIfWoken();
    return result;
  }

  test("from a port that the user names, if both had timestamps: with numbers beyond the old, and its echo", () => {
    const bench = timeWait({ offer: MODERN });
    const { peer } = bench;
    const before = peer.absolute(2);
    peer.advance(seconds(5));
    expect(opensAgain(bench, peer.hostPort)).toBe("nothing");
    const seen = peer.expects(syn({ seq: 0 }));
    expect((peer.absolute(0) - before) | 0).toBe(0x10001);
    expect(seen.timestamps?.[1]).toBe(1_000_000);
    expect([...bench.tcp.timeWaits()]).toEqual([]);
    expect(bench.states.slice(-2)).toEqual(["CLOSED", "SYN-SENT"]);
    peer.sends(synAck({ seq: 5_000, ack: 1, ...MODERN, timestamps: [7, 0] }));
    expect(bench.state).toBe("ESTABLISHED");
    peer.advance(seconds(100));
    expect(bench.state).toBe("ESTABLISHED");
  });

  test("a SYN of the connection before does not begin a simultaneous open (PAWS)", () => {
    const bench = timeWait({ offer: MODERN });
    const { peer } = bench;
    opensAgain(bench, peer.hostPort);
    peer.takes();
    expect(peer.sends(syn({ seq: 100, ...MODERN, timestamps: [999_999, 0] }))).toBe("tcp-paws");
    expect(bench.state).toBe("SYN-SENT");
    peer.expectsNothing();
  });

  test("not without timestamps: nothing would tell old from new", () => {
    const bench = timeWait();
    bench.advance(seconds(5));
    expect(opensAgain(bench, bench.peer.hostPort)).toBe("EADDRINUSE");
    expect(bench.state).toBe("TIME-WAIT");
  });

  const ONE_PORT = { firstEphemeralPort: 40_000, lastEphemeralPort: 40_000 };

  test.each([
    // tcp_tw_reuse, seconds since: whether the only ephemeral port is drawn again
    [0, 30, "EADDRNOTAVAIL"],
    [1, 0.9, "EADDRNOTAVAIL"],
    [1, 1.1, "nothing"],
    [2, 30, "EADDRNOTAVAIL"],
  ])("with tcp_tw_reuse = %d a port is drawn again after %d s: %s", (timeWaitReuse, later, result) => {
    const bench = timeWait({ offer: MODERN, config: { ...ONE_PORT, timeWaitReuse } });
    bench.advance(seconds(later));
    expect(opensAgain(bench, 0)).toBe(result);
  });
});
