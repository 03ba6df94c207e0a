import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EventData, EventName, TraceEvent } from "../trace/event.ts";
import { STORY_LIMITS, StoryBuilder } from "./story-builder.ts";

function event<Name extends EventName>(name: Name, data: EventData[Name], time = 0, connection = 1) {
  return { time, host: "a", connection, name, data } as unknown as TraceEvent;
}

const header = { sequence: 0, acknowledgment: 0, flags: "ACK", length: 0, window: 65_535 };

const ISS = 0xffff_ff00;
const IRS = 0xffff_fff0;

/** The active end of a handshake, with sequence numbers that soon wrap. */
function opened(): StoryBuilder {
  const builder = new StoryBuilder(1);
  builder.apply(event("tcp:sent", { ...header, sequence: ISS, flags: "SYN", reason: "handshake" }, 10));
  const answer = { ...header, sequence: IRS, acknowledgment: ISS + 1, flags: "SYN ACK" };
  builder.apply(event("tcp:received", answer, 20));
  const third = { ...header, sequence: ISS + 1, acknowledgment: IRS + 1, reason: "ack" as const };
  builder.apply(event("tcp:sent", third, 20));
  return builder;
}

describe("numbers", () => {
  test("are relative to the SYNs of both ends", () => {
    const { segments, sendOrigin, receiveOrigin } = opened().story;
    expect(segments.map(({ sequence, acknowledgment }) => [sequence, acknowledgment])).toEqual([
      [0, 0],
      [0, 1],
      [1, 1],
    ]);
    expect(sendOrigin).toEqual({ sequence: ISS, isInitial: true });
    expect(receiveOrigin).toEqual({ sequence: IRS, isInitial: true });
  });

  test("do not wrap, in segments, SACK ranges, acknowledgments and losses", () => {
    const builder = opened();
    const text = { ...header, sequence: 0x100, acknowledgment: 0x20, length: 1_000, reason: "text" as const };
    builder.apply(event("tcp:sent", text));
    builder.apply(event("tcp:received", { ...header, acknowledgment: 0x40, sack: [[0x100, 0x200]] }));
    builder.apply(event("tcp:acknowledged", { acknowledgment: 0x40, bytes: 1, sackedBytes: 0 }));
    builder.apply(event("tcp:lost", { sequence: 0x50, length: 10, cause: "rack" }));
    const { segments, acknowledgments, losses } = builder.story;
    expect(segments[3]).toMatchObject({ sequence: 0x200, acknowledgment: 0x30, length: 1_000 });
    expect(segments[4]).toMatchObject({ acknowledgment: 0x140, sack: [[0x200, 0x300]] });
    expect(acknowledgments[0]?.acknowledgment).toBe(0x140);
    expect(losses[0]?.sequence).toBe(0x150);
  });

  test("begin with the first that was seen, where the beginning is missing", () => {
    const builder = new StoryBuilder(1);
    builder.apply(event("tcp:sent", { ...header, sequence: 900, acknowledgment: 70, reason: "text" }));
    expect(builder.story.segments[0]).toMatchObject({ sequence: 0, acknowledgment: 0 });
    expect(builder.story.sendOrigin).toEqual({ sequence: 900, isInitial: false });
    expect(builder.story.receiveOrigin).toEqual({ sequence: 70, isInitial: false });
  });

  test("of the peer are known from our acknowledgments, where nothing tells what came in", () => {
    const builder = new StoryBuilder(1);
    builder.apply(event("tcp:sent", { ...header, sequence: ISS, flags: "SYN", reason: "handshake" }));
    builder.apply(event("tcp:sent", { ...header, sequence: ISS + 1, acknowledgment: 71, reason: "ack" }));
    expect(builder.story.receiveOrigin).toEqual({ sequence: 70, isInitial: true });
  });

  test("are not led astray by a segment that was not taken", () => {
    const builder = opened();
    builder.apply(
      event("tcp:received", { ...header, sequence: IRS ^ 0x7000_0000, verdict: "out-of-window" }),
    );
    builder.apply(event("tcp:received", { ...header, sequence: (IRS + 1) >>> 0, length: 5 }));
    expect(builder.story.segments.at(-1)?.sequence).toBe(1);
  });

  test("stand for every byte of a connection of many GB", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 0x3fff_ffff }), { maxLength: 40 }), lengths => {
        const builder = new StoryBuilder(1);
        builder.apply(event("tcp:sent", { ...header, sequence: ISS, flags: "SYN", reason: "handshake" }));
        let position = 1;
        for (const length of lengths) {
          const sequence = (ISS + position) % 2 ** 32;
          builder.apply(event("tcp:sent", { ...header, sequence, length, reason: "text" }));
          expect(builder.story.segments.at(-1)?.sequence).toBe(position);
          position += length;
        }
      }),
    );
  });
});

test("a segment knows when it left or came, and why", () => {
  const builder = opened();
  const again = { ...header, sequence: 0, length: 10, reason: "retransmission", cause: "rack" } as const;
  builder.apply(event("tcp:sent", { ...again, segments: 3 }, 55));
  builder.apply(event("tcp:received", { ...header, sequence: IRS, verdict: "duplicate" }, 56));
  const [sent, received] = builder.story.segments.slice(-2);
  const { reason, cause } = again;
  expect(sent).toMatchObject({
    direction: "sent",
    sentAt: 55,
    receivedAt: undefined,
    reason,
    cause,
    segments: 3,
  });
  expect(received).toMatchObject({
    direction: "received",
    sentAt: undefined,
    receivedAt: 56,
    verdict: "duplicate",
  });
});

describe("what a wire took", () => {
  const text = { ...header, sequence: (ISS + 1) >>> 0, acknowledgment: (IRS + 1) >>> 0, length: 100 };

  test("is the newest sending of these bytes; a loss before it stays with the one before", () => {
    const builder = opened();
    for (let i = 0; i < 3; i++) {
      builder.apply(event("tcp:sent", { ...text, reason: "text" }));
      if (i < 2) builder.apply(event("link:lost", { ...text, link: "wire", fault: "lost" }));
    }
    expect(builder.story.segments.slice(3).map(({ lost }) => lost)).toEqual([true, true, false]);
  });

  test("is an earlier sending, where the timestamp says so", () => {
    const builder = opened();
    for (const tick of [1, 2])
      builder.apply(event("tcp:sent", { ...text, timestamps: [tick, 0], reason: "text" }));
    builder.apply(event("link:lost", { ...text, timestamps: [1, 0], link: "wire", fault: "queue-full" }));
    expect(builder.story.segments.slice(3).map(({ lost }) => lost)).toEqual([true, false]);
  });

  test("may be a part of a unit", () => {
    const builder = opened();
    builder.apply(event("tcp:sent", { ...text, length: 300, segments: 3, reason: "text" }));
    const part = { ...text, sequence: (ISS + 101) >>> 0 };
    builder.apply(event("link:lost", { ...part, link: "wire", fault: "queue-full" }));
    expect(builder.story.segments.at(-1)?.lost).toBe(true);
  });

  test("is told apart from other segments without text by flags and number", () => {
    const builder = opened();
    const bare = { ...text, length: 0 };
    builder.apply(event("tcp:sent", { ...bare, flags: "FIN ACK", reason: "fin" }));
    builder.apply(event("tcp:sent", { ...bare, reason: "ack" }));
    builder.apply(event("link:lost", { ...bare, flags: "FIN ACK", link: "wire", fault: "cut" }));
    expect(builder.story.segments.slice(-2).map(({ lost }) => lost)).toEqual([true, false]);
  });
});

test("a recovery lasts from its entry to the next change, and may turn out to have been for nothing", () => {
  const builder = new StoryBuilder(1);
  const changes: [number, EventData["tcp:recovery"]["change"], EventData["tcp:recovery"]["kind"]][] = [
    [1, "entered", "disorder"],
    [2, "entered", "recovery"],
    [5, "left", "recovery"],
    [6, "entered", "loss"],
    [8, "undone", "loss"],
    [9, "entered", "cwr"],
  ];
  for (const [time, change, kind] of changes) builder.apply(event("tcp:recovery", { change, kind }, time));
  expect(builder.story.recoveries).toEqual([
    { kind: "disorder", from: 1, to: 2, undone: false },
    { kind: "recovery", from: 2, to: 5, undone: false },
    { kind: "loss", from: 6, to: 8, undone: true },
    { kind: "cwr", from: 9, to: undefined, undone: false },
  ]);
});

test("it tells who the ends are, the states, the timers, the end", () => {
  const builder = new StoryBuilder(1);
  const names = { local: "10.0.0.1", localPort: 80, remote: "10.0.0.2", remotePort: 999 };
  builder.apply(event("tcp:opened", { ...names, role: "passive", congestionControl: "cubic" }, 1));
  const change = { from: "LISTEN", to: "SYN-RECEIVED", cause: "SYN received" } as const;
  builder.apply(event("tcp:state", change, 2));
  builder.apply(event("tcp:timer", { timer: "retransmit", change: "set", at: 30 }, 3));
  builder.apply(event("tcp:ended", { error: "ECONNRESET" }, 4));
  const { story } = builder;
  expect(story).toMatchObject({ ...names, host: "a", role: "passive", congestionControl: "cubic" });
  expect(story.states).toEqual([{ ...change, time: 2 }]);
  expect(story.timers).toEqual([{ timer: "retransmit", change: "set", at: 30, time: 3 }]);
  expect(story.ended).toEqual({ time: 4, error: "ECONNRESET" });
  expect([story.events, story.lastTime]).toEqual([4, 4]);
});

test("an opening that a file tells cannot put anything but its own fields into a story", () => {
  const builder = new StoryBuilder(1);
  builder.apply(event("tcp:opened", { local: "x", segments: 7, events: -1 } as never));
  expect(builder.story.segments).toEqual([]);
  expect(builder.story.events).toBe(1);
});

test("events of others are none of its business, but those that are missing may be its own", () => {
  const builder = new StoryBuilder(1);
  builder.apply(event("tcp:sent", { ...header, reason: "ack" }, 1, 2));
  builder.apply(event("host:dropped", { reason: "x" }, 1, 0));
  expect(builder.story.events).toBe(0);
  builder.apply(event("trace:skipped", { events: 7 }, 1, 0));
  builder.apply(event("trace:skipped", { events: 5 }, 1, 1));
  builder.apply(event("trace:skipped", { events: 5 }, 1, 2));
  expect(builder.story.skipped).toBe(12);
});

test("the oldest are forgotten, and counted", () => {
  const limits = { segments: 8, acknowledgments: 4, metrics: 4, timers: 4, others: 4 };
  expect(Object.keys(limits)).toEqual(Object.keys(STORY_LIMITS));
  const builder = new StoryBuilder(1, limits);
  const { segments } = builder.story;
  for (let i = 0; i < 100; i++) {
    builder.apply(event("tcp:sent", { ...header, sequence: i, length: 1, reason: "text" }, i));
    builder.apply(event("tcp:lost", { sequence: i, length: 1, cause: "fast" }, i));
  }
  const { story } = builder;
  expect(story.segments).toBe(segments);
  expect(segments.length).toBeLessThanOrEqual(10);
  expect(story.losses.length).toBeLessThanOrEqual(5);
  expect(segments.at(-1)?.sequence).toBe(99);
  expect(segments[0]?.sequence).toBe(story.forgottenSegments);
  expect(story.skipped + segments.length + story.losses.length).toBe(200);
});
