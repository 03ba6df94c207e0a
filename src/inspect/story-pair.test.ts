import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EventData, SegmentEvent, TraceEvent } from "../trace/event.ts";
import { StoryBuilder } from "./story-builder.ts";
import { StoryPair } from "./story-pair.ts";

const header = { sequence: 0, acknowledgment: 0, flags: "ACK", length: 0, window: 65_535 };

/** Two ends whose events a test tells: near is 1, far is 2. */
class TwoEnds {
  readonly near = new StoryBuilder(1);
  readonly far = new StoryBuilder(2);
  readonly pair = new StoryPair(this.near.story, this.far.story);

  tell(name: keyof EventData, connection: number, time: number, data: object): this {
    const event = { time, host: "", connection, name, data } as unknown as TraceEvent;
    this.near.apply(event);
    this.far.apply(event);
    return this;
  }

  sent(connection: number, time: number, data: Partial<EventData["tcp:sent"]> = {}): this {
    return this.tell("tcp:sent", connection, time, { ...header, reason: "text", ...data });
  }

  received(connection: number, time: number, data: Partial<EventData["tcp:received"]> = {}): this {
    return this.tell("tcp:received", connection, time, { ...header, ...data });
  }

  lost(connection: number, time: number, data: Partial<SegmentEvent> = {}): this {
    return this.tell("link:lost", connection, time, { ...header, ...data, link: "wire", fault: "lost" });
  }

  lines(): unknown[] {
    this.pair.update();
    return this.pair.segments.map(paired => {
      const { sender, segment } = paired;
      const fate = this.pair.fateOf(paired);
      return [sender, segment.sequence, this.pair.leftAt(paired), this.pair.arrivedAt(paired), fate];
    });
  }
}

/** The handshake: 10 µs each way, sequence numbers 1000 and 5000. */
function handshake(): TwoEnds {
  const syn = { sequence: 1_000, flags: "SYN", reason: "handshake" } as const;
  const answer = { sequence: 5_000, acknowledgment: 1_001, flags: "SYN ACK", reason: "handshake" } as const;
  const third = { sequence: 1_001, acknowledgment: 5_001, reason: "ack" } as const;
  return new TwoEnds()
    .sent(1, 0, syn)
    .received(2, 10, syn)
    .sent(2, 10, answer)
    .received(1, 20, answer)
    .sent(1, 20, third)
    .received(2, 30, third);
}

const text = { sequence: 1_001, acknowledgment: 5_001, length: 100 };

describe("both ends tell", () => {
  test("each segment is there once, with when it left and when it came", () => {
    const ends = handshake();
    expect(ends.lines()).toEqual([
      ["near", 0, 0, 10, "arrived"],
      ["far", 0, 10, 20, "arrived"],
      ["near", 1, 20, 30, "arrived"],
    ]);
    expect(ends.pair.knowledge).toBe("both");
    expect(ends.pair.longestDelay).toBe(10);
    expect(ends.pair.segments.map(({ place }) => place)).toEqual([0, 1, 2]);
  });

  test("what a wire took is lost, and its retransmission comes", () => {
    const ends = handshake().sent(1, 40, text).lost(1, 40, text);
    ends.sent(1, 90, { ...text, cause: "timeout" }).received(2, 100, text);
    expect(ends.lines().slice(3)).toEqual([
      ["near", 1, 40, 50, "lost"],
      ["near", 1, 90, 100, "arrived"],
    ]);
  });

  test("what is under way comes later; until then its time is that of those before it", () => {
    const ends = handshake().sent(1, 40, text);
    expect(ends.lines().at(-1)).toEqual(["near", 1, 40, 50, "unknown"]);
    ends.received(2, 77, text);
    expect(ends.lines().at(-1)).toEqual(["near", 1, 40, 77, "arrived"]);
  });

  test("one that is doubled comes twice, one that is overtaken says so", () => {
    const second = { ...text, sequence: 1_101 };
    const ends = handshake().sent(1, 40, text).sent(1, 41, second);
    ends.received(2, 50, second).received(2, 51, second).received(2, 60, text).lines();
    const late = ends.pair.segments.slice(3).map(({ segment, receivedAt, isCopy, isOvertaken }) => {
      return [segment.sequence, receivedAt, isCopy, isOvertaken];
    });
    expect(late).toEqual([
      [1, 60, false, true],
      [101, 50, false, false],
      [101, 51, true, false],
    ]);
  });

  test("like ones go by their order: the second of three equal acknowledgments is lost", () => {
    const ends = handshake();
    for (const time of [40, 41, 42]) {
      ends.sent(2, time, { sequence: 5_001, acknowledgment: 1_001, reason: "duplicate-ack" });
      if (time === 41) ends.lost(2, 41, { sequence: 5_001, acknowledgment: 1_001 });
      else ends.received(1, time + 10, { sequence: 5_001, acknowledgment: 1_001 });
    }
    expect(ends.lines().slice(3)).toEqual([
      ["far", 1, 40, 50, "arrived"],
      ["far", 1, 41, 51, "lost"],
      ["far", 1, 42, 52, "arrived"],
    ]);
  });

  test("where no wire tells of its losses, what comes after later ones is the second sending", () => {
    const ends = handshake()
      .sent(1, 40, text)
      .sent(1, 41, { ...text, sequence: 1_101 });
    ends
      .received(2, 51, { ...text, sequence: 1_101 })
      .sent(1, 70, { ...text, cause: "rack" })
      .received(2, 80, text);
    expect(ends.lines().slice(3)).toEqual([
      ["near", 1, 40, 50, "held-lost"],
      ["near", 101, 41, 51, "arrived"],
      ["near", 1, 70, 80, "arrived"],
    ]);
  });

  test("a lost one would have come between its neighbors, though the queue has shrunk since", () => {
    const ends = handshake().sent(1, 100, text).received(2, 200, text);
    const next = (i: number) => ({ ...text, sequence: 1_001 + 100 * i });
    ends.sent(1, 201, next(1)).sent(1, 202, next(2)).lost(1, 202, next(2)).sent(1, 203, next(3));
    ends.received(2, 221, next(1));
    expect(ends.lines().at(-2)).toEqual(["near", 201, 202, 302, "lost"]);
    ends.received(2, 223, next(3));
    expect(ends.lines().slice(-3)).toEqual([
      ["near", 101, 201, 221, "arrived"],
      ["near", 201, 202, 223, "lost"],
      ["near", 301, 203, 223, "arrived"],
    ]);
  });

  test("nor would it have come before one that had left earlier, though the queue has grown", () => {
    const ends = handshake();
    const next = (i: number) => ({ ...text, sequence: 1_001 + 100 * i });
    ends.sent(1, 100, next(0)).sent(1, 101, next(1)).lost(1, 101, next(1)).sent(1, 102, next(2));
    ends.received(2, 150, next(0)).received(2, 160, next(2));
    expect(ends.lines().at(-2)).toEqual(["near", 101, 101, 150, "lost"]);
  });

  test("the timestamp tells which sending has come", () => {
    const ends = handshake();
    for (const tick of [1, 2, 3])
      ends.sent(1, 100 * tick, { ...text, timestamps: [tick, 0], cause: "timeout" });
    ends.received(2, 350, { ...text, timestamps: [2, 0] });
    const fates = ends
      .lines()
      .slice(3)
      .map(line => (line as unknown[])[4]);
    expect(fates).toEqual(["held-lost", "arrived", "unknown"]);
  });

  test("a first sending that comes late is no second one that had no time to come", () => {
    const ends = handshake()
      .sent(1, 40, text)
      .sent(1, 41, { ...text, sequence: 1_101 });
    ends.received(2, 51, { ...text, sequence: 1_101 }).sent(1, 70, { ...text, cause: "rack" });
    ends.received(2, 75, text).received(2, 80, text);
    expect(ends.lines().slice(3)).toEqual([
      ["near", 1, 40, 75, "arrived"],
      ["near", 101, 41, 51, "arrived"],
      ["near", 1, 70, 80, "arrived"],
    ]);
  });

  test("a unit that is cut has come when its last part has; parts that are joined have come at once", () => {
    const ends = handshake().sent(1, 40, { ...text, length: 300, segments: 3 });
    for (const part of [0, 1, 2]) ends.received(2, 50 + part, { ...text, sequence: 1_001 + 100 * part });
    ends.sent(1, 60, { ...text, sequence: 1_301 }).sent(1, 61, { ...text, sequence: 1_401 });
    ends.received(2, 71, { ...text, sequence: 1_301, length: 200, segments: 2 });
    expect(ends.lines().slice(3)).toEqual([
      ["near", 1, 40, 52, "arrived"],
      ["near", 301, 60, 71, "arrived"],
      ["near", 401, 61, 71, "arrived"],
    ]);
  });

  test("a unit of which a part is lost has arrived, and is lost in part", () => {
    const ends = handshake().sent(1, 40, { ...text, length: 300, segments: 3 });
    ends.lost(1, 40, { ...text, sequence: 1_101 });
    ends.received(2, 50, text).received(2, 52, { ...text, sequence: 1_201 });
    expect(ends.lines().at(-1)).toEqual(["near", 1, 40, 52, "arrived"]);
    expect(ends.pair.segments.at(-1)?.isLost).toBe(true);
  });

  test("what the receiver made of it is told", () => {
    const ends = handshake()
      .sent(1, 40, text)
      .received(2, 50, { ...text, verdict: "duplicate" });
    ends.lines();
    expect(ends.pair.segments.at(-1)?.verdict).toBe("duplicate");
  });

  test("an end that missed the beginning counts as its peer does", () => {
    const ends = new TwoEnds().sent(1, 0, { sequence: 1_000, flags: "SYN", reason: "handshake" });
    ends.sent(1, 40, { ...text, sequence: 3_001 }).received(2, 50, { ...text, sequence: 3_001 });
    expect(ends.far.story.segments[0]?.sequence).toBe(0);
    expect(ends.lines().at(-1)).toEqual(["near", 2_001, 40, 50, "arrived"]);
  });

  test("on a wire without delay a segment still leaves before it comes", () => {
    const ends = handshake();
    const reply = { sequence: 5_001, acknowledgment: 1_101, reason: "ack" } as const;
    ends.sent(1, 40, text).received(2, 40, text).sent(2, 40, reply).received(1, 40, reply);
    expect(ends.lines().slice(3)).toEqual([
      ["near", 1, 40, 40, "arrived"],
      ["far", 1, 40, 40, "arrived"],
    ]);
  });
});

test("an update says from where on there is news", () => {
  const ends = handshake();
  expect(ends.pair.update()).toBe(0);
  expect(ends.pair.update()).toBe(3);
  ends.sent(1, 40, text).sent(1, 41, { ...text, sequence: 1_101 });
  expect(ends.pair.update()).toBe(3);
  ends.received(2, 51, { ...text, sequence: 1_101 });
  expect(ends.pair.update()).toBe(4);
  expect(ends.pair.update()).toBe(5);
});

test("a long past may be taken in part by part", () => {
  const whole = handshake();
  const parts = handshake();
  while (parts.pair.isBehind) parts.pair.update(1);
  expect(parts.lines()).toEqual(whole.lines());
});

describe("only one end tells", () => {
  test("the other is half a round trip away", () => {
    const near = new StoryBuilder(1);
    const pair = new StoryPair(near.story, undefined);
    const tell = (name: string, time: number, data: object) =>
      near.apply({ time, host: "", connection: 1, name, data } as unknown as TraceEvent);
    tell("tcp:sent", 0, { ...header, flags: "SYN", reason: "handshake" });
    pair.update();
    const [syn] = pair.segments;
    expect(syn && pair.arrivedAt(syn)).toBeUndefined();
    tell("tcp:received", 40, { ...header, acknowledgment: 1, flags: "SYN ACK" });
    tell("tcp:acknowledged", 40, { acknowledgment: 1, bytes: 0, sackedBytes: 0, rtt: 40 });
    pair.update();
    const times = pair.segments.map(paired => [pair.leftAt(paired), pair.arrivedAt(paired), paired.fate]);
    expect(times).toEqual([
      [0, 20, "unknown"],
      [20, 40, "arrived"],
    ]);
    expect(pair.knowledge).toBe("one");
  });

  test("what was sent again is held for lost, but not what a probe repeats", () => {
    const near = new StoryBuilder(1);
    const pair = new StoryPair(near.story, undefined);
    const sent = (sequence: number, cause?: string) => {
      const data = { ...header, sequence, length: 10, reason: "text", cause };
      near.apply({ time: 0, host: "", connection: 1, name: "tcp:sent", data } as unknown as TraceEvent);
    };
    for (const sequence of [100, 110]) sent(sequence);
    sent(100, "rack");
    sent(110, "tlp");
    pair.update();
    expect(pair.segments.map(({ fate }) => fate)).toEqual(["held-lost", "unknown", "unknown", "unknown"]);
  });
});

test("seen from between, each end is half of a round trip to it away", () => {
  const ends = new TwoEnds();
  const passes = (connection: number, time: number, data: Partial<EventData["tcp:sent"]>) =>
    ends.sent(connection, time, data).received(3 - connection, time, data);
  passes(1, 100, { sequence: 1_000, flags: "SYN" });
  passes(2, 130, { sequence: 5_000, acknowledgment: 1_001, flags: "SYN ACK" });
  ends.tell("tcp:acknowledged", 1, 130, { acknowledgment: 1_001, bytes: 0, sackedBytes: 0, rtt: 30 });
  passes(1, 134, { sequence: 1_001, acknowledgment: 5_001, length: 10 });
  ends.tell("tcp:acknowledged", 2, 134, { acknowledgment: 5_001, bytes: 0, sackedBytes: 0, rtt: 4 });
  passes(1, 334, { sequence: 1_001, acknowledgment: 5_001, length: 10, cause: "timeout" });
  expect(ends.lines()).toEqual([
    ["near", 0, 98, 115, "arrived"],
    ["far", 0, 115, 132, "arrived"],
    ["near", 1, 132, 149, "held-lost"],
    ["near", 1, 332, 349, "arrived"],
  ]);
  expect(ends.pair.knowledge).toBe("between");
});

/** What a wire does to each segment. */
const fates = fc.array(fc.record({ kind: fc.constantFrom("comes", "lost", "twice"), delay: fc.nat(30) }), {
  minLength: 1,
  maxLength: 60,
});

test("whatever a wire does, all that left is there once, lost ones lost, and each arrival once", () => {
  fc.assert(
    fc.property(fates, wire => {
      const ends = handshake();
      const arrivals: { time: number; data: typeof text }[] = [];
      const events = wire.map(({ kind, delay }, i) => {
        const data = { ...text, sequence: 1_001 + 100 * i };
        const time = 100 + i;
        if (kind !== "lost") arrivals.push({ time: time + delay, data });
        if (kind === "twice") arrivals.push({ time: time + delay, data });
        return { kind, time, data };
      });
      let next = 0;
      arrivals.sort((a, b) => a.time - b.time);
      for (let now = 100; now < 200; now++) {
        const leaving = events[now - 100];
        if (leaving !== undefined) ends.sent(1, now, leaving.data);
        if (leaving?.kind === "lost") ends.lost(1, now, leaving.data);
        for (; arrivals[next]?.time === now; next++) ends.received(2, now, arrivals[next]?.data);
        // Views look whenever they like.
        if (now % 7 === 0) ends.pair.update();
      }
      ends.pair.update();
      const pairs = ends.pair.segments.slice(3);
      const firsts = pairs.filter(({ isCopy }) => !isCopy);
      expect(firsts.map(({ segment }) => segment.sequence)).toEqual(wire.map((_, i) => 1 + 100 * i));
      expect(firsts.map(({ fate }) => fate === "lost")).toEqual(wire.map(({ kind }) => kind === "lost"));
      expect(firsts.map(({ receivedAt }) => receivedAt)).toEqual(
        wire.map(({ kind, delay }, i) => (kind === "lost" ? undefined : 100 + i + delay)),
      );
      expect(pairs.length - firsts.length).toBe(wire.filter(({ kind }) => kind === "twice").length);
    }),
  );
});

test("stories that forget are followed all the same", () => {
  const limits = { segments: 8, acknowledgments: 4, metrics: 4, timers: 4, others: 4 };
  const near = new StoryBuilder(1, limits);
  const pair = new StoryPair(near.story, undefined, 16);
  for (let i = 0; i < 100; i++) {
    const data = { ...header, sequence: i, length: 1, reason: "text" };
    near.apply({ time: i, host: "", connection: 1, name: "tcp:sent", data } as unknown as TraceEvent);
    if (i % 3 === 0) pair.update();
  }
  pair.update();
  expect(pair.segments.at(-1)?.segment.sequence).toBe(99);
  expect(pair.segments[0]?.segment.sequence).toBe(pair.forgotten);
  expect(pair.segments.length).toBeLessThanOrEqual(20);
});
