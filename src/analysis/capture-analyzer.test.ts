import { describe, expect, test } from "vitest";
import { Conversation, FLAG } from "../../test/support/conversation.ts";
import { icmpv4, icmpv6, join } from "../../test/support/frames.ts";
import type { CapturedPacket } from "../capture/captured-packet.ts";
import { LINK_TYPE } from "../capture/link-type.ts";
import { CaptureAnalyzer } from "./capture-analyzer.ts";
import { markNames, type Verdict } from "./marks.ts";

const FIN = FLAG.fin | FLAG.ack;

function analyzed(conversation: Conversation) {
  const analyzer = new CaptureAnalyzer();
  const verdicts = conversation.packets.map(packet => analyzer.packet(packet) as Verdict);
  const { connections, findings } = analyzer.conclude();
  return { verdicts, connections, findings, codes: findings.map(({ code }) => code) };
}

/** Marks and cause of the last packet. */
function judged(conversation: Conversation): { marks: string[]; cause: string | undefined } {
  const last = analyzed(conversation).verdicts.at(-1) as Verdict;
  return { marks: markNames(last.marks), cause: last.cause };
}

/** Five segments of 1000 bytes, of which the first is acknowledged. */
function talking(conversation = new Conversation().opened()): Conversation {
  for (let i = 0; i < 5; i++) conversation.a(20 + i / 10, { seq: 1 + 1000 * i, ack: 1, length: 1000 });
  return conversation.b(30, { seq: 1, ack: 1001 });
}

describe("connections", () => {
  test("within a connection time does not go back, though the capture's clock was set", () => {
    const set = new Conversation().opened().a(500, { seq: 1, ack: 1, length: 100 });
    const { connections } = analyzed(set.b(-90_000, { seq: 1, ack: 101 }).a(-89_000, { seq: 101, ack: 1 }));
    expect(connections[0]).toMatchObject({ firstTime: 0, lastTime: 500_000, handshakeTime: 10_100 });
    expect(connections[0]?.ends[0].roundTrips).toMatchObject({ min: 0 });
  });

  test("a handshake, text and a close are told with their times, from both ends", () => {
    const conversation = talking()
      .b(31, { seq: 1, ack: 5001 })
      .a(40, { flags: FIN, seq: 5001, ack: 1 })
      .b(50, { flags: FIN, seq: 1, ack: 5002 })
      .a(50.2, { seq: 5002, ack: 2 });
    const { connections, codes } = analyzed(conversation);
    expect(connections).toHaveLength(1);
    expect(connections[0]).toMatchObject({
      outcome: "closed",
      isFromStart: true,
      packets: 13,
      handshakeTime: 10_100,
      closingTime: 10_200,
      handshakeRoundTrips: [100, 10_000],
      ends: [
        { address: "10.0.0.1", port: 40_000, bytes: 5000, textSegments: 5, state: "TIME-WAIT", mss: 1460 },
        { address: "10.0.0.2", port: 80, bytes: 0, state: "CLOSED", windowScale: 7, sackPermitted: true },
      ],
    });
    expect(codes).toEqual([]);
  });

  test("the RTT is that of the newest segment that an ACK covers", () => {
    const { verdicts, connections } = analyzed(talking());
    expect(verdicts.at(-1)?.rtt).toBe(10_000);
    expect(connections[0]?.ends[0].roundTrips).toMatchObject({ samples: 2, min: 10_000, max: 10_000 });
  });

  test("a SYN with another number on the same ports begins a connection; the same SYN repeats itself", () => {
    const conversation = talking().a(60, { flags: FLAG.syn, seq: 900_000 });
    const { connections, verdicts, codes } = analyzed(conversation);
    expect(connections).toHaveLength(2);
    expect(markNames(verdicts.at(-1)?.marks ?? 0)).toEqual(["portsReused"]);
    expect(codes).toContain("ports-reused");
    const again = new Conversation().a(0, { flags: FLAG.syn }).a(1000, { flags: FLAG.syn });
    expect(analyzed(again).connections).toHaveLength(1);
    expect(judged(again)).toEqual({ marks: ["retransmission"], cause: "syn" });
  });

  test("a simultaneous open is one connection", () => {
    const conversation = new Conversation()
      .a(0, { flags: FLAG.syn })
      .b(1, { flags: FLAG.syn })
      .a(5, { flags: FLAG.syn | FLAG.ack, ack: 1 })
      .b(6, { flags: FLAG.syn | FLAG.ack, ack: 1 });
    expect(analyzed(conversation).connections).toHaveLength(1);
  });

  test.each([
    ["refused", new Conversation().a(0, { flags: FLAG.syn }).b(1, { flags: FLAG.rst | FLAG.ack, ack: 1 })],
    ["unanswered", new Conversation().a(0, { flags: FLAG.syn }).a(1000, { flags: FLAG.syn })],
    ["half-open", new Conversation().a(0, { flags: FLAG.syn }).b(1, { flags: FLAG.syn | FLAG.ack, ack: 1 })],
    ["reset", new Conversation().opened().b(20, { flags: FLAG.rst, seq: 1 })],
  ])("%s", (outcome, conversation) => {
    const { connections, codes } = analyzed(conversation);
    expect(connections[0]?.outcome).toBe(outcome);
    expect(codes).toContain(outcome);
  });

  test("who sent a reset, and what was under way, is told", () => {
    const { findings, connections } = analyzed(talking().b(40, { flags: FLAG.rst, seq: 1 }));
    expect(connections[0]?.resetBy).toBe(1);
    expect(findings[0]).toMatchObject({
      code: "reset-with-text",
      side: 1,
      values: { end: "10.0.0.2:80", bytes: 4000 },
    });
  });

  test("a reset with another hop limit than its end's is doubted", () => {
    const conversation = talking().b(31, { seq: 1, ack: 5001 }).b(32, { seq: 1, ack: 5001, window: 400 });
    const { codes } = analyzed(conversation.b(40, { flags: FLAG.rst, seq: 1, ttl: 120 }));
    expect(codes).toContain("foreign-reset");
  });

  test("in mid-connection the lower port is the listener's, and scales are not known", () => {
    const { connections, codes } = analyzed(
      new Conversation().b(0, { seq: 500, ack: 300, length: 10 }).a(1, { seq: 300, ack: 510 }),
    );
    expect(connections[0]).toMatchObject({
      isFromStart: false,
      outcome: "open",
      ends: [
        { port: 40_000, state: "ESTABLISHED" },
        { port: 80, bytes: 10, state: "ESTABLISHED" },
      ],
    });
    expect(codes).toEqual(["late-start"]);
  });

  test("segments beyond the greatest number of connections are counted", () => {
    const analyzer = new CaptureAnalyzer({ maxConnections: 3 });
    for (let port = 1; port <= 5; port++) {
      const { packets } = new Conversation({ ports: [port, 80] }).a(port, { flags: FLAG.syn });
      for (const packet of packets) analyzer.packet(packet);
    }
    expect(analyzer.leftOut).toBe(2);
    expect(analyzer.conclude().connections).toHaveLength(3);
  });
});

describe("text sent again", () => {
  test("after three duplicate ACKs with SACK: fast", () => {
    const conversation = talking();
    for (let i = 0; i < 3; i++) {
      conversation.b(30 + i / 10, { seq: 1, ack: 1001, sack: [[2001, 3001 + 1000 * i]] });
    }
    conversation.a(30.4, { seq: 1001, ack: 1, length: 1000 });
    expect(judged(conversation)).toEqual({ marks: ["retransmission"], cause: "fast" });
  });

  test("with one segment told of by SACK: by time, as RACK does", () => {
    const conversation = talking().b(30.1, { seq: 1, ack: 1001, sack: [[2001, 3001]] });
    conversation.a(34, { seq: 1001, ack: 1, length: 1000 });
    expect(judged(conversation)).toEqual({ marks: ["retransmission"], cause: "rack" });
  });

  test("after silence, from the head: timeout, and so what follows of that flight", () => {
    const conversation = talking().a(260, { seq: 1001, ack: 1, length: 1000 });
    expect(judged(conversation)).toEqual({ marks: ["retransmission"], cause: "timeout" });
    conversation.b(270, { seq: 1, ack: 2001 }).a(270.1, { seq: 2001, ack: 1, length: 1000 });
    expect(judged(conversation)).toEqual({ marks: ["retransmission"], cause: "timeout" });
  });

  test("the tail, after two round trips: a probe; once more after silence: timeout", () => {
    const conversation = talking().a(52, { seq: 4001, ack: 1, length: 1000 });
    expect(judged(conversation)).toEqual({ marks: ["retransmission"], cause: "tlp" });
    expect(analyzed(conversation).verdicts.at(-1)?.reason).toBe("tail-loss-probe");
    conversation.a(300, { seq: 4001, ack: 1, length: 1000 });
    expect(judged(conversation).cause).toBe("timeout");
  });

  test("text that was acknowledged before: not necessary", () => {
    const conversation = talking().a(40, { seq: 1, ack: 1, length: 1000 });
    expect(judged(conversation).marks).toEqual(["retransmission", "spurious"]);
  });

  test("D-SACK tells later that it was not necessary", () => {
    const conversation = talking().a(260, { seq: 1001, ack: 1, length: 1000 });
    conversation.b(270, { seq: 1, ack: 5001, sack: [[1001, 2001]] });
    const { verdicts, connections } = analyzed(conversation);
    expect(markNames(verdicts.at(-2)?.marks ?? 0)).toEqual(["retransmission", "spurious"]);
    expect(markNames(verdicts.at(-1)?.marks ?? 0)).toEqual(["duplicateSack"]);
    expect(connections[0]?.ends[0].spurious).toBe(1);
  });

  test("timestamps tell that the original arrived: Eifel; and which copy to measure", () => {
    const conversation = new Conversation().opened();
    conversation.a(20, { seq: 1, ack: 1, length: 100, timestamps: [20, 10] });
    conversation.a(300, { seq: 1, ack: 1, length: 100, timestamps: [300, 10] });
    conversation.b(301, { seq: 1, ack: 101, timestamps: [301, 20] });
    const { verdicts } = analyzed(conversation);
    expect(markNames(verdicts.at(-2)?.marks ?? 0)).toContain("spurious");
    const other = new Conversation().opened();
    other.a(20, { seq: 1, ack: 1, length: 100, timestamps: [20, 10] });
    other.a(300, { seq: 1, ack: 1, length: 100, timestamps: [300, 10] });
    other.b(312, { seq: 1, ack: 101, timestamps: [312, 300] });
    const repeated = analyzed(other).verdicts;
    expect(markNames(repeated.at(-2)?.marks ?? 0)).not.toContain("spurious");
    expect(repeated.at(-1)?.rtt).toBe(12_000);
  });

  test("without timestamps text that was sent twice gives no RTT (Karn)", () => {
    const conversation = talking().a(260, { seq: 1001, ack: 1, length: 1000 }).b(270, { seq: 1, ack: 2001 });
    expect(analyzed(conversation).verdicts.at(-1)?.rtt).toBeUndefined();
  });

  test("the same packet twice is a copy, not a retransmission", () => {
    const conversation = new Conversation().opened().a(20, { seq: 1, ack: 1, length: 10, id: 77 });
    conversation.a(20.1, { seq: 1, ack: 1, length: 10, id: 77 });
    expect(judged(conversation).marks).toEqual(["copy"]);
  });
});

describe("holes", () => {
  /** 1000 bytes, then a hole of 1000, then 1000. */
  function withHole(family: 4 | 6 = 4): Conversation {
    const conversation = new Conversation({ family }).opened();
    for (const [seq, id] of [
      [1, 201],
      [1001, 202],
      [2001, 203],
      [4001, 205],
    ] as const) {
      conversation.a(20, { seq, ack: 1, length: 1000, id });
    }
    return conversation;
  }

  test("a segment behind a hole is marked", () => {
    expect(judged(withHole()).marks).toEqual(["gapBefore"]);
  });

  test("an older identification: overtaken, however late", () => {
    expect(judged(withHole().a(200, { seq: 3001, ack: 1, length: 1000, id: 204 })).marks).toEqual([
      "outOfOrder",
    ]);
  });

  test("a newer identification: lost before the capture, and sent again, however soon", () => {
    const conversation = withHole().a(21, { seq: 3001, ack: 1, length: 1000, id: 207 });
    expect(judged(conversation).marks).toEqual(["retransmission"]);
    expect(analyzed(conversation).codes).toContain("loss-before");
  });

  test("without identifications a round trip decides", () => {
    const late = { seq: 3001, ack: 1, length: 1000 };
    expect(judged(withHole(6).a(25, late)).marks).toEqual(["outOfOrder"]);
    expect(judged(withHole(6).a(31, late)).marks).toEqual(["retransmission"]);
  });

  test("text that was acknowledged but never seen is missing in the capture", () => {
    const { connections, codes, verdicts } = analyzed(withHole().b(30, { seq: 1, ack: 7001 }));
    expect(connections[0]?.ends[0]).toMatchObject({ bytes: 7000, missingBytes: 3000 });
    expect(codes).toContain("acknowledged-unseen");
    expect(markNames(verdicts.at(-1)?.marks ?? 0)).toEqual(["acknowledgesUnseen"]);
  });
});

describe("windows and silence", () => {
  test("duplicate ACKs are counted; a repeated ACK with nothing in flight is none", () => {
    const conversation = talking().b(31, { seq: 1, ack: 1001 }).b(32, { seq: 1, ack: 1001 });
    const last = analyzed(conversation).verdicts.at(-1);
    expect(markNames(last?.marks ?? 0)).toEqual(["duplicateAck"]);
    expect(last?.duplicateAcks).toBe(2);
    const quiet = new Conversation().opened().b(20, { seq: 1, ack: 1 }).b(21, { seq: 1, ack: 1 });
    expect(judged(quiet).marks).toEqual([]);
  });

  test("a closed window, its probe, the answer, and that it opens", () => {
    const conversation = talking().b(31, { seq: 1, ack: 5001, window: 0 });
    expect(judged(conversation).marks).toEqual(["zeroWindow"]);
    expect(judged(conversation.a(300, { seq: 5000, ack: 1 })).marks).toEqual(["zeroWindowProbe"]);
    const answer = conversation.b(310, { seq: 1, ack: 5001, window: 0 });
    expect(judged(answer).marks).toEqual(["zeroWindow", "zeroWindowProbeAnswer"]);
    expect(judged(conversation.b(431, { seq: 1, ack: 5001, window: 9 })).marks).toEqual(["windowUpdate"]);
    const { connections, findings } = analyzed(conversation);
    expect(connections[0]?.ends[1]).toMatchObject({ zeroWindows: 1, zeroWindowTime: 400_000 });
    expect(findings.find(({ code }) => code === "zero-window")).toMatchObject({ count: 1, side: 1 });
  });

  test("text to the very end of the window fills it", () => {
    const conversation = new Conversation().opened().b(15, { seq: 1, ack: 1, window: 8 });
    conversation.a(20, { seq: 1, ack: 1, length: 1000 });
    expect(judged(conversation).marks).toEqual([]);
    expect(judged(conversation.a(20, { seq: 1001, ack: 1, length: 24 })).marks).toEqual(["windowFull"]);
  });

  test("a keepalive and its answer", () => {
    const conversation = talking().b(31, { seq: 1, ack: 5001 }).a(9000, { seq: 5000, ack: 1 });
    expect(judged(conversation).marks).toEqual(["keepalive"]);
    expect(judged(conversation.b(9010, { seq: 1, ack: 5001 })).marks).toEqual(["keepaliveAnswer"]);
  });

  test("a peer that fell silent is told of", () => {
    const conversation = talking();
    for (const time of [260, 700, 1600, 3400]) conversation.a(time, { seq: 1001, ack: 1, length: 1000 });
    const { findings } = analyzed(conversation);
    expect(findings[0]).toMatchObject({
      severity: "error",
      code: "silent-peer",
      side: 0,
      values: { peer: "10.0.0.2:80", silence: 3_370_000 },
    });
  });

  test("checksums that the card was to compute, and segments that it was to cut", () => {
    const conversation = new Conversation()
      .opened()
      .a(20, { seq: 1, ack: 1, length: 4000, badChecksum: true });
    for (let i = 0; i < 9; i++) {
      conversation.a(21, { seq: 4001 + 4000 * i, ack: 1, length: 4000, badChecksum: true });
    }
    const { codes } = analyzed(conversation);
    expect(codes).toContain("checksums-left-to-card");
    expect(codes).toContain("super-segments");
  });
});

describe("errors that the path reports by ICMP", () => {
  /** `b`'s side of the path, about a packet that `a` sent. */
  function reported(conversation: Conversation, type: number, code: number, rest: readonly number[]) {
    const about = conversation.packets.at(-1) as CapturedPacket;
    const ends = { source: "10.0.0.254", destination: "10.0.0.1" };
    const bytes = icmpv4(ends, type, code, join(rest, about.bytes.subarray(0, 28)));
    const time = about.time + 1000;
    return { ...about, bytes, time, originalLength: bytes.length };
  }

  test("a host that cannot be reached, by whom it is told", () => {
    const conversation = new Conversation().a(0, { flags: FLAG.syn });
    conversation.packets.push(reported(conversation, 3, 1, [0, 0, 0, 0]));
    const { findings } = analyzed(conversation);
    expect(findings.find(({ code }) => code === "unreachable")).toMatchObject({
      severity: "error",
      side: 0,
      packet: 2,
      values: { reporter: "10.0.0.254", peer: "10.0.0.2:80" },
    });
  });

  test("packets too big for the path: what is sent again is cut anew, not lost", () => {
    const conversation = talking();
    conversation.packets.push(
      reported(conversation.a(31, { seq: 5001, ack: 1, length: 1460 }), 3, 4, [0, 0, 5, 20]),
    );
    expect(judged(conversation.a(32.1, { seq: 5001, ack: 1, length: 1000 }))).toEqual({
      marks: ["retransmission"],
      cause: "size",
    });
    expect(analyzed(conversation).findings.find(({ code }) => code === "too-big")?.values["mtu"]).toBe(1300);
    conversation.b(42, { seq: 1, ack: 6461 }).a(43, { seq: 6461, ack: 1, length: 1000 });
    expect(judged(conversation.a(600, { seq: 6461, ack: 1, length: 1000 })).cause).not.toBe("size");
  });

  test("about a connection that the capture does not have: nothing", () => {
    const analyzer = new CaptureAnalyzer();
    analyzer.packet(reported(new Conversation().a(0, { flags: FLAG.syn }), 3, 1, [0, 0, 0, 0]));
    expect(analyzer.conclude()).toEqual({ connections: [], findings: [] });
  });

  test("of IPv6", () => {
    const conversation = new Conversation({ family: 6 }).a(0, { flags: FLAG.syn });
    const [about] = conversation.packets as [CapturedPacket];
    const ends = { source: "2001:db8::fe", destination: "2001:db8::1" };
    const bytes = icmpv6(ends, 1, 3, join([0, 0, 0, 0], about.bytes));
    conversation.packets.push({ ...about, bytes, originalLength: bytes.length });
    expect(analyzed(conversation).codes).toContain("unreachable");
  });
});

describe("a capture of several interfaces", () => {
  const other = { linkType: LINK_TYPE.raw, snapLength: 0, name: "far" };
  /** The same again at the other end, 5 ms later or, of what `b` says, earlier. */
  const elsewhere = (packet: CapturedPacket): CapturedPacket => {
    const isOfA = packet.bytes[15] === 1;
    return { ...packet, interface: other, time: packet.time + (isOfA ? 5000 : -5000) };
  };
  const byTime = (a: CapturedPacket, b: CapturedPacket): number => a.time - b.time;

  test("counts each segment where its connection was first seen", () => {
    const once = talking().b(31, { seq: 1, ack: 5001 });
    const twice = new Conversation();
    twice.packets.push(...[...once.packets, ...once.packets.map(elsewhere)].sort(byTime));
    expect(twice.packets).toHaveLength(2 * once.packets.length);
    const numberless = ({ connections: [connection] }: ReturnType<typeof analyzed>) =>
      connection === undefined ? undefined : { ...connection, firstPacket: 0 };
    expect(numberless(analyzed(twice))).toEqual(numberless(analyzed(once)));
    expect(analyzed(twice).codes).toEqual([]);
  });

  test("takes a direction from another interface that goes only there", () => {
    const split = talking();
    for (let i = 0; i < 9; i++) split.b(40 + i, { seq: 1 + 100 * i, ack: 5001, length: 100 });
    const packets = split.packets.map(packet =>
      packet.bytes[15] === 2 ? { ...packet, interface: other } : packet,
    );
    split.packets.splice(0, split.packets.length, ...packets);
    expect(analyzed(split).connections[0]?.ends[1].textSegments).toBe(8);
  });
});
