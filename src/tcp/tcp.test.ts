import { describe, expect, test } from "vitest";
import { ADDRESSES } from "../../test/tcp/bench.ts";
import {
  accepted,
  accepts,
  closed,
  connects,
  established,
  listening,
  synReceived,
  synSent,
  timeWait,
} from "../../test/tcp/fixtures.ts";
import { HOST_PORT, PEER_PORT } from "../../test/tcp/peer.ts";
import { ack, fin, rst, rstAck, segment, syn, synAck, text } from "../../test/tcp/segments.ts";
import { PacketBuffer } from "../base/packet-buffer.ts";
import { milliseconds, seconds } from "../base/time.ts";
import { ip } from "../wire/address.ts";

const V4 = ADDRESSES[4];

describe("CLOSED: RFC 9293 §3.10.7.1", () => {
  test("RST is never answered", () => {
    const { peer } = closed();
    expect(peer.sends(rst({ seq: 100 }))).toBe("tcp-no-connection");
    peer.sends(rstAck({ seq: 100, ack: 7 }));
    peer.expectsNothing();
  });

  test("a segment with ACK is answered with RST at that number, and no ACK", () => {
    const { peer } = closed();
    peer.sends(ack({ seq: 100, ack: 7_000 }));
    peer.expects(rst({ seq: 7_000, ack: undefined as never, window: 0 }));
    peer.sends(synAck({ seq: 100, ack: 8_000 }));
    peer.expects(rst({ seq: 8_000 }));
    peer.sends(fin({ seq: 100, ack: 9_000, text: "abc" }));
    peer.expects(rst({ seq: 9_000 }));
  });

  test.each([
    ["SYN", syn({ seq: 100 }), 101],
    ["text", segment("", { seq: 100, text: "abc" }), 103],
    ["SYN with text", syn({ seq: 100, text: "abc" }), 104],
    ["FIN with text", segment("F", { seq: 100, text: "abc" }), 104],
    ["nothing at all", segment("", { seq: 100 }), 100],
  ])("%s without ACK is answered with RST 0 that acknowledges all of it", (_name, spec, acknowledged) => {
    const { peer } = closed();
    peer.sends(spec);
    peer.expects(rstAck({ seq: 0, ack: acknowledged }));
    peer.expectsNothing();
  });

  test("a segment from nowhere or to a group is not answered (MUST-57, MUST-63)", () => {
    const { tcp, peer, context } = closed();
    const packet = PacketBuffer.from(peer.writes(syn({ seq: 100 })));
    packet.transport = packet.start;
    const delivery = { source: V4.peer, destination: V4.host, trafficClass: 0 };
    expect(tcp.receive(packet, { ...delivery, isGroup: true })).toBe("tcp-bad-address");
    expect(tcp.receive(packet, { ...delivery, source: ip("0.0.0.0"), isGroup: false })).toBe(
      "tcp-bad-address",
    );
    peer.expectsNothing();
    expect(context.counters.segmentsIn).toBe(2);
  });

  test("a segment with a bad checksum is dropped in silence, and counted (MUST-3)", () => {
    const { peer, context } = listening();
    const bytes = peer.writes(syn({ seq: 100 }));
    bytes[5] = 1 ^ (bytes[5] as number);
    expect(peer.sendsBytes(bytes)).toBe("tcp-bad-checksum");
    peer.expectsNothing();
    expect(context.counters.segmentErrors).toBe(1);
  });

  test("a checksum that the device has verified is not verified again", () => {
    const { tcp, peer } = closed();
    const packet = PacketBuffer.from(peer.writes(ack({ seq: 100, ack: 7_000 })));
    packet.transport = packet.start;
    packet.checksum = "valid";
    packet.bytes[packet.start + 16] = 0xee;
    const delivery = { source: V4.peer, destination: V4.host, trafficClass: 0, isGroup: false };
    expect(tcp.receive(packet, delivery)).toBe("tcp-no-connection");
    peer.expects(rst({ seq: 7_000 }));
  });

  test("cut-off headers and impossible offsets are dropped", () => {
    const { peer } = closed();
    const whole = peer.writes(syn({ seq: 100 }));
    for (let length = 0; length < whole.length; length++) {
      expect(peer.sendsBytes(whole.subarray(0, length))).toBe("tcp-truncated");
    }
    whole[12] = 0x40;
    expect(peer.sendsBytes(whole)).toBe("tcp-bad-offset");
    peer.expectsNothing();
  });

  test("without a way back nothing is answered", () => {
    const { peer, context } = closed();
    context.unreachable = "ENETUNREACH";
    peer.sends(syn({ seq: 100 }));
    peer.expectsNothing();
  });
});

describe("active OPEN: RFC 9293 §3.10.1", () => {
  test("sends SYN with our MSS, window scale, SACK and timestamps (MUST-14, SHLD-5, MAY-3)", () => {
    const bench = closed();
    connects(bench);
    const first = bench.peer.expects(syn({ seq: 0, mss: 1_460, sackPermitted: true, windowScale: 10 }));
    expect(first.timestamps).toEqual([expect.any(Number), 0]);
    expect(first.window).toBe(44 * 1_460);
    expect(bench.state).toBe("SYN-SENT");
    expect(bench.context.counters.activeOpens).toBe(1);
  });

  test.each([
    [6, 1_500, 1_440],
    [4, 9_000, 8_960],
    [4, 576, 536],
  ] as const)("in IPv%d with an MTU of %d our MSS is %d (MUST-67, SHLD-6)", (family, mtu, mss) => {
    const { peer } = ((): ReturnType<typeof closed> => {
      const bench = closed({ family, mtu });
      connects(bench);
      return bench;
    })();
    peer.expects(syn({ mss }));
  });

  test("options that are configured off are not offered", () => {
    const bench = closed({ config: { timestamps: false, windowScaling: false, sack: false } });
    connects(bench);
    bench.peer.expects(syn({ timestamps: "none", windowScale: -1, sackPermitted: false }));
  });

  test("a connection's own configuration is offered, not the host's", () => {
    const bench = closed();
    bench.tcp.connect({
      remote: V4.peer,
      remotePort: PEER_PORT,
      config: { timestamps: false, sack: false, receiveBuffer: 10_000, receiveBufferLimit: 10_000 },
    });
    bench.settleIfWoken();
    bench.peer.expects(syn({ timestamps: "none", sackPermitted: false, windowScale: 7, window: 6 * 1_460 }));
  });

  test("no route is ENETUNREACH or EHOSTUNREACH, as the context says", () => {
    const { tcp, user, context } = closed();
    context.unreachable = "ENETUNREACH";
    const open = () => tcp.connect({ remote: V4.peer, remotePort: PEER_PORT });
    expect(user.fails(open)).toBe("ENETUNREACH");
    context.unreachable = "EHOSTUNREACH";
    expect(user.fails(open)).toBe("EHOSTUNREACH");
    expect(context.counters.activeOpens).toBe(0);
  });

  test.each(["224.0.0.1", "255.255.255.255", "0.0.0.0", "ff02::1", "::"])(
    "a connection to %s is refused (MUST-46)",
    address => {
      const { tcp, user } = closed();
      expect(user.fails(() => tcp.connect({ remote: ip(address), remotePort: 80 }))).toBe("ENETUNREACH");
    },
  );

  test("a local address that is not ours is EADDRNOTAVAIL", () => {
    const { tcp, user } = closed();
    const open = () => tcp.connect({ remote: V4.peer, remotePort: 80, local: ip("10.9.9.9") });
    expect(user.fails(open)).toBe("EADDRNOTAVAIL");
  });

  test("the local address and port that the user asks for are used (MUST-43)", () => {
    const { tcp, peer } = closed();
    const connection = tcp.connect({
      remote: V4.peer,
      remotePort: PEER_PORT,
      local: V4.second,
      localPort: 1_234,
    });
    tcp.pump();
    expect(connection.local.toString()).toBe("10.0.0.9");
    expect(peer.takes()[0]?.sourcePort).toBe(1_234);
  });

  test("port 0 of the peer is a port as any other, as on Linux: its refusal says the rest", () => {
    const bench = closed();
    const { peer } = bench;
    peer.port = 0;
    const connection = bench.tcp.connect({ remote: V4.peer, remotePort: 0 });
    bench.settleIfWoken();
    peer.expects(syn({ seq: 0 }));
    peer.sends(rstAck({ seq: 0, ack: 1 }));
    expect(connection.error).toBe("ECONNREFUSED");
  });

  test("a port beyond 65535 is EADDRNOTAVAIL", () => {
    const { tcp, user } = closed();
    expect(user.fails(() => tcp.connect({ remote: V4.peer, remotePort: 65_536 }))).toBe("EADDRNOTAVAIL");
  });

  test("a four-tuple in use is EADDRINUSE; the same port to another peer is not", () => {
    const { tcp, user } = closed();
    const open = (remotePort: number) => tcp.connect({ remote: V4.peer, remotePort, localPort: 1_234 });
    open(5_000);
    expect(user.fails(() => open(5_000))).toBe("EADDRINUSE");
    expect(user.fails(() => open(5_001))).toBe("nothing");
  });

  test("a port that somebody listens on is EADDRINUSE", () => {
    const { tcp, user } = listening();
    const open = () => tcp.connect({ remote: V4.peer, remotePort: 5_000, localPort: HOST_PORT });
    expect(user.fails(open)).toBe("EADDRINUSE");
  });

  test("a four-tuple in TIME-WAIT is in use", () => {
    const { tcp, user, connection } = timeWait();
    const open = () =>
      tcp.connect({ remote: V4.peer, remotePort: PEER_PORT, localPort: connection.localPort });
    expect(user.fails(open)).toBe("EADDRINUSE");
  });

  test("ephemeral ports come from the configured range, each once; then EADDRNOTAVAIL", () => {
    const { tcp, user } = closed({ config: { firstEphemeralPort: 40_000, lastEphemeralPort: 40_009 } });
    const open = () => tcp.connect({ remote: V4.peer, remotePort: 5_000 }).localPort;
    const ports = Array.from({ length: 10 }, open).sort((a, b) => a - b);
    expect(ports).toEqual(Array.from({ length: 10 }, (_, i) => 40_000 + i));
    expect(user.fails(open)).toBe("EADDRNOTAVAIL");
    // Another peer is another four-tuple.
    expect(user.fails(() => tcp.connect({ remote: V4.peer, remotePort: 5_001 }))).toBe("nothing");
  });

  test("an ephemeral port is none that somebody listens on", () => {
    const { tcp, user } = closed({ config: { firstEphemeralPort: 40_000, lastEphemeralPort: 40_001 } });
    tcp.listen({ port: 40_000 });
    expect(tcp.connect({ remote: V4.peer, remotePort: 5_000 }).localPort).toBe(40_001);
    expect(user.fails(() => tcp.connect({ remote: V4.peer, remotePort: 5_000 }))).toBe("EADDRNOTAVAIL");
  });

  test("the device fills the checksum in where it can", () => {
    const bench = closed();
    bench.path.offload = { checksum: true, maxSuperSegment: 0, gathers: false };
    connects(bench);
    expect(bench.peer.takes()).toHaveLength(1);
  });
});

describe("what a host's TCP shows and counts", () => {
  test("connections, half-open ones, TIME-WAIT records and listeners", () => {
    expect([...synReceived().tcp.halfOpen()]).toHaveLength(1);
    expect([...established().tcp.connections()]).toHaveLength(1);
    expect([...timeWait().tcp.timeWaits()]).toHaveLength(1);
    expect([...timeWait().tcp.connections()]).toHaveLength(0);
    expect([...listening().tcp.listeners()]).toHaveLength(1);
  });

  test("attempts that fail, from SYN-SENT and SYN-RECEIVED (RFC 4022, tcpAttemptFails)", () => {
    const active = synSent();
    active.peer.sends(rstAck({ seq: 0, ack: 1 }));
    expect(active.context.counters).toMatchObject({ attemptFails: 1, establishedResets: 0 });
    const passive = synReceived();
    passive.peer.sends(rst({ seq: 101 }));
    expect(passive.context.counters).toMatchObject({ attemptFails: 1, establishedResets: 0 });
    const given = synSent();
    given.user.closes();
    expect(given.context.counters).toMatchObject({ attemptFails: 1, establishedResets: 0 });
  });

  test("resets of established connections, whether we sent anything or not (tcpEstabResets)", () => {
    const bench = established();
    bench.peer.sends(rst({ seq: 101 }));
    expect(bench.context.counters).toMatchObject({ attemptFails: 0, establishedResets: 1 });
    const aborted = established();
    aborted.user.aborts();
    expect(aborted.context.counters).toMatchObject({ attemptFails: 0, establishedResets: 1 });
    const closedOrderly = timeWait();
    expect(closedOrderly.context.counters).toMatchObject({ attemptFails: 0, establishedResets: 0 });
  });

  test("passive opens count when they succeed", () => {
    expect(accepted().context.counters.passiveOpens).toBe(1);
    expect(synReceived().context.counters.passiveOpens).toBe(0);
  });

  test("segments in and out, and RSTs among them", () => {
    const { peer, context } = established();
    expect(context.counters).toMatchObject({ segmentsIn: 1, segmentsOut: 2, resetsOut: 0 });
    peer.port++;
    peer.sends(ack({ seq: 1, ack: 1 }));
    expect(context.counters).toMatchObject({ segmentsIn: 2, segmentsOut: 3, resetsOut: 1 });
  });

  test("there is no deadline when nothing is going on", () => {
    const bench = established();
    bench.advance(seconds(3));
    expect(bench.tcp.deadline).toBe(Number.POSITIVE_INFINITY);
  });

  test("two connections from one port are kept apart by the peer's port", () => {
    const bench = synReceived();
    bench.peer.sends(ack({ seq: 101, ack: 1 }));
    accepts(bench);
    bench.peer.port = PEER_PORT + 1;
    bench.peer.sends(text("x", { seq: 101, ack: 1 }));
    bench.peer.expects(rst());
    bench.peer.port = PEER_PORT;
    bench.peer.sends(text("y", { seq: 101, ack: 1 }));
    expect(bench.user.reads()).toBe("y");
    bench.advance(milliseconds(40));
  });
});
