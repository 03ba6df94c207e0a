import { describe, expect, test } from "vitest";
import { amounts, receiveStrip, sendStrip } from "./regions.ts";
import type { ReceiveSide, SendSide } from "./sides.ts";
import { receiveSentence, sendSentence, WORDS } from "./words.ts";

const SEND: SendSide = {
  acknowledged: 5000,
  next: 3000,
  pieces: [
    { start: 0, end: 1000, fate: "lost" },
    { start: 1000, end: 2000, fate: "sacked" },
  ],
  windowEnd: 8000,
  congestionEnd: 5000,
  written: 6000,
  capacity: 65_536,
  blockedBy: "congestion-window",
};

const RECEIVE: ReceiveSide = {
  received: 9000,
  readable: 2000,
  windowEnd: 6000,
  capacity: 10_000,
  islands: [
    [1000, 2000],
    [2000, 3000],
    [5000, 5500],
  ],
};

describe("the send strip", () => {
  test("has the fates of what was sent, what may be sent, and what waits for the smaller window", () => {
    expect(sendStrip(SEND).regions).toEqual([
      { kind: "lost", start: 0, end: 1000 },
      { kind: "sacked", start: 1000, end: 2000 },
      { kind: "in-flight", start: 2000, end: 3000 },
      { kind: "sendable", start: 3000, end: 5000 },
      { kind: "waiting", start: 5000, end: 6000 },
      { kind: "closed", start: 6000, end: 8000 },
    ]);
  });

  test("marks the edges of both windows, and of what is written", () => {
    expect(sendStrip(SEND).edges.map(({ edge, at }) => `${edge} ${at}`)).toEqual([
      "una 0",
      "next 3000",
      "window 8000",
      "congestion 5000",
      "written 6000",
    ]);
  });

  test("shows the room in both windows where nothing is written", () => {
    expect(sendStrip({ ...SEND, written: 3000 }).regions.slice(3)).toEqual([
      { kind: "open", start: 3000, end: 5000 },
      { kind: "closed", start: 5000, end: 8000 },
    ]);
  });

  test("a window that has shrunk below what was sent has no room", () => {
    const { regions } = sendStrip({ ...SEND, windowEnd: 0, congestionEnd: 2000, written: 3000 });
    expect(regions.map(({ kind }) => kind)).toEqual(["lost", "sacked", "in-flight"]);
  });

  test("without any window known it is what was sent", () => {
    const { regions } = sendStrip({
      ...SEND,
      windowEnd: undefined,
      congestionEnd: undefined,
      written: undefined,
    });
    expect(regions.at(-1)).toEqual({ kind: "in-flight", start: 2000, end: 3000 });
  });

  test("tells how much there is of each kind", () => {
    const pieces = [{ start: 1000, end: 2000, fate: "sacked" as const }];
    expect(amounts(sendStrip({ ...SEND, pieces }).regions).get("in-flight")).toBe(2000);
  });
});

describe("the receive strip", () => {
  test("has what is not read, holes and islands, the window, and room beyond it", () => {
    expect(receiveStrip(RECEIVE).regions).toEqual([
      { kind: "readable", start: -2000, end: 0 },
      { kind: "hole", start: 0, end: 1000 },
      { kind: "island", start: 1000, end: 2000 },
      { kind: "island", start: 2000, end: 3000 },
      { kind: "hole", start: 3000, end: 5000 },
      { kind: "island", start: 5000, end: 5500 },
      { kind: "window", start: 5500, end: 6000 },
      { kind: "full", start: 6000, end: 8000 },
    ]);
  });

  test("ends with the window where the buffer is not known", () => {
    const { regions } = receiveStrip({ ...RECEIVE, readable: undefined, capacity: undefined, islands: [] });
    expect(regions).toEqual([{ kind: "window", start: 0, end: 6000 }]);
  });
});

describe("what they wait for, in words", () => {
  const bytes = (count: number) => `${count} B`;

  test("the sender: what holds it, what is not sent, what is not acknowledged", () => {
    expect(sendSentence(SEND, WORDS.en, bytes)).toBe(
      "The sender waits for acknowledgments: the congestion window is full. " +
        "3000 B are written and not sent. 3000 B wait to be acknowledged.",
    );
  });

  test("a closed window is another thing than a full one", () => {
    const side: SendSide = { ...SEND, blockedBy: "peer-window", next: 0, pieces: [] };
    expect(sendSentence({ ...side, windowEnd: 0 }, WORDS.en, bytes)).toContain("closed");
    expect(sendSentence(side, WORDS.en, bytes)).toContain("full");
  });

  test("a sender of whom nothing is known but that nothing is on its way has a sentence too", () => {
    const side: SendSide = { ...SEND, next: 0, pieces: [], written: undefined, blockedBy: undefined };
    expect(sendSentence(side, WORDS.en, bytes)).toBe("Nothing is on its way.");
  });

  test("the receiver: holes are counted, not islands", () => {
    expect(receiveSentence(RECEIVE, WORDS.en, bytes)).toBe(
      "2 holes wait to be filled. The program has not read 2000 B yet.",
    );
    expect(receiveSentence({ ...RECEIVE, islands: [], windowEnd: 0 }, WORDS.en, bytes)).toContain(
      "read first",
    );
  });

  test("no language lacks a word, nor has it in another's", () => {
    for (const reason of Object.keys(WORDS.en.blocked) as Array<keyof typeof WORDS.en.blocked>) {
      expect(WORDS.en.blocked[reason]).toMatch(/^[\x20-\x7e]+\.$/u);
      expect(WORDS["zh-CN"].blocked[reason]).toMatch(/[\u4e00-\u9fff].*。$/u);
    }
  });
});
