import { describe, expect, test } from "vitest";
import { ADDRESSES } from "../../test/tcp/bench.ts";
import {
  accepted,
  accepts,
  closed,
  established,
  listening,
  synReceived,
  synSent,
  timeWait,
} from "../../test/tcp/fixtures.ts";
import { PEER_PORT } from "../../test/tcp/peer.ts";
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
