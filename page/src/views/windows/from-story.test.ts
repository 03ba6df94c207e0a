import { describe, expect, test } from "vitest";
import type { Snapshot } from "../../../../src/inspect/protocol.ts";
import { StoryBuilder } from "../../../../src/inspect/story-builder.ts";
import type { SegmentEvent, TraceEvent } from "../../../../src/trace/event.ts";
import { sidesOfStory } from "./from-story.ts";
import { SnapshotHistory } from "./history.ts";

const head = { host: "a", connection: 1 };

function sent(time: number, changes: Partial<SegmentEvent> & { cause?: "fast" }): TraceEvent {
  const segment = { sequence: 0, acknowledgment: 501, flags: "ACK", length: 0, window: 9000, ...changes };
  return { ...head, time, name: "tcp:sent", data: { reason: "text", ...segment } };
}

function received(time: number, changes: Partial<SegmentEvent>): TraceEvent {
  const segment = { sequence: 501, acknowledgment: 101, flags: "ACK", length: 0, window: 8000, ...changes };
  return { ...head, time, name: "tcp:received", data: segment };
}

/** Three segments are sent, the first is lost and sent again; text comes with a hole. */
const EVENTS: readonly TraceEvent[] = [
  sent(1, { sequence: 100, acknowledgment: 0, flags: "SYN" }),
  received(2, { sequence: 500, flags: "SYN ACK" }),
  sent(3, {}),
  sent(10, { sequence: 101, length: 1000 }),
  sent(11, { sequence: 1101, length: 1000 }),
  sent(12, { sequence: 2101, length: 1000 }),
  received(20, { sack: [[1101, 2101]] }),
  { ...head, time: 21, name: "tcp:lost", data: { sequence: 101, length: 1000, cause: "fast" } },
  sent(22, { sequence: 101, length: 1000, cause: "fast" }),
  received(30, { sequence: 1501, length: 400 }),
  received(40, { acknowledgment: 2101, sequence: 501, length: 1000, window: 7000 }),
  sent(41, { sequence: 3101, acknowledgment: 1901, window: 7600 }),
];

function storyOf(events: readonly TraceEvent[]) {
  const builder = new StoryBuilder(1);
  for (const event of events) builder.apply(event);
  return builder.story;
}

describe("windows put together from a story", () => {
  const story = storyOf(EVENTS);

  test("before the first segment nothing is known", () => {
    expect(sidesOfStory(story, 0)).toBeUndefined();
  });

  test("what was sent is in flight, up to the window that the peer has told", () => {
    const send = sidesOfStory(story, 12)?.send;
    expect(send).toMatchObject({ acknowledged: 1, next: 3000, windowEnd: 8000 });
    expect(send?.pieces).toEqual([{ start: 0, end: 3000, fate: "in-flight" }]);
  });

  test("what was reported, lost and sent again is told apart", () => {
    expect(
      sidesOfStory(story, 21)?.send.pieces.map(({ fate, start, end }) => `${fate} ${start} ${end}`),
    ).toEqual(["lost 0 1000", "sacked 1000 2000", "in-flight 2000 3000"]);
    expect(sidesOfStory(story, 22)?.send.pieces[0]?.fate).toBe("sent-again");
  });

  test("an acknowledgment moves the window on", () => {
    const send = sidesOfStory(story, 40)?.send;
    expect(send).toMatchObject({ acknowledged: 2001, next: 1000, windowEnd: 7000 });
    expect(send?.pieces).toEqual([{ start: 0, end: 1000, fate: "in-flight" }]);
  });

  test("text beyond a hole is an island until the hole is filled", () => {
    expect(sidesOfStory(story, 30)?.receive).toMatchObject({
      received: 1,
      islands: [[1000, 1400]],
      windowEnd: 9000,
    });
    expect(sidesOfStory(story, 41)?.receive).toMatchObject({ received: 1401, islands: [], windowEnd: 7600 });
  });

  test("what only the stack knows is not made up", () => {
    expect(sidesOfStory(story, 41)).toMatchObject({
      send: { written: undefined, congestionEnd: undefined, blockedBy: undefined },
      receive: { readable: undefined, capacity: undefined },
    });
  });

  test("the congestion window counts what is in the pipe, and reaches beyond what is not", () => {
    const metrics = {
      cwnd: 4000,
      inFlight: 0,
      sendWindow: 0,
      receiveWindow: 0,
      srtt: 0,
      rttvar: 0,
      minRtt: 0,
      rto: 0,
    };
    const at = { ...head, time: 21, name: "tcp:metrics" as const, data: metrics };
    const withMetrics = storyOf([...EVENTS.slice(0, 8), at]);
    expect(sidesOfStory(withMetrics, 21)?.send.congestionEnd).toBe(6000);
  });
});

describe("snapshots that are kept", () => {
  function snapshot(connection: number, time: number): Snapshot {
    return { connection, time } as Snapshot;
  }

  test("the last one before an instant speaks for it, for a while", () => {
    const history = new SnapshotHistory();
    for (const time of [0, 100_000, 200_000]) history.keep(snapshot(1, time));
    expect(history.at(1, 150_000)?.time).toBe(100_000);
    expect(history.at(1, 499_000)?.time).toBe(200_000);
    expect(history.at(1, 501_000)).toBeUndefined();
    expect(history.at(2, 150_000)).toBeUndefined();
  });

  test("are bounded in number", () => {
    const history = new SnapshotHistory();
    for (let time = 0; time < 2000; time++) history.keep(snapshot(1, time * 100_000));
    expect(history.at(1, 100_000_000)).toBeUndefined();
    expect(history.at(1, 199_900_000)?.time).toBe(199_900_000);
  });

  test("a clock that begins anew forgets the former run", () => {
    const history = new SnapshotHistory();
    history.keep(snapshot(1, 500_000));
    history.keep(snapshot(1, 0));
    expect(history.at(1, 500_000)).toBeUndefined();
  });

  test("are forgotten with their connection", () => {
    const history = new SnapshotHistory();
    history.keep(snapshot(1, 0));
    history.retain([2]);
    expect(history.at(1, 0)).toBeUndefined();
  });
});
