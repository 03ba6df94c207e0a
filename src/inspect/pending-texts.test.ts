import { expect, test } from "vitest";
import { PairedSegment } from "./paired-segment.ts";
import { PendingTexts } from "./pending-texts.ts";
import type { StorySegment } from "./story.ts";

const UNIT = 64_000;

/** One that tells how often it was looked at. */
class Text {
  looks = 0;
  readonly paired: PairedSegment;

  constructor(order: number, sequence: number, length: number, timestamp?: number) {
    const segment = { sequence, length, timestamp, segments: 44, lost: false } as StorySegment;
    this.paired = new PairedSegment("near", segment, segment, order, undefined);
    let arrived = 0;
    Object.defineProperty(this.paired, "arrived", {
      get: () => {
        this.looks++;
        return arrived;
      },
      set: (value: number) => {
        arrived = value;
      },
    });
  }
}

const arrival = (sequence: number, length: number, timestamp?: number) =>
  ({ sequence, length, timestamp }) as StorySegment;

test("an arrival looks at its neighbors alone, however much was sent that never came", () => {
  const texts = new PendingTexts(512);
  const sent = Array.from({ length: 5_000 }, (_, i) => new Text(i, UNIT * i, UNIT));
  for (const { paired } of sent) texts.add(paired);
  const found = texts.around(arrival(UNIT * 4_900 + 1_448, 1_448));
  expect(found).toContain(sent[4_900]?.paired);
  expect(sent.reduce((sum, { looks }) => sum + looks, 0)).toBeLessThan(20);
});

test("a unit across two stretches is found once from either, in order of sending", () => {
  const texts = new PendingTexts(512);
  const [first, across, again] = [
    new Text(1, 60_000, 5_000),
    new Text(2, 65_000, 1_000),
    new Text(3, 65_000, 1_000),
  ];
  for (const text of [again, first, across]) texts.add(text.paired);
  expect(texts.around(arrival(65_000, 1_000)).map(({ order }) => order)).toEqual([1, 2, 3]);
  expect(texts.around(arrival(65_600, 400)).map(({ order }) => order)).toEqual([2, 3]);
});

test("another sending of the same text has another timestamp", () => {
  const texts = new PendingTexts(512);
  texts.add(new Text(1, 0, 100, 7).paired);
  texts.add(new Text(2, 0, 100, 8).paired);
  expect(texts.around(arrival(0, 100, 8)).map(({ order }) => order)).toEqual([2]);
});

test("what is sent again and again and never comes is kept up to a bound", () => {
  const texts = new PendingTexts(512);
  for (let i = 0; i < 10_000; i++) texts.add(new Text(i, 0, 100).paired);
  const found = texts.around(arrival(0, 100));
  expect(found.length).toBeLessThan(500);
  expect(found.at(-1)?.order).toBe(9_999);
});

test("what has come is not found any more", () => {
  const texts = new PendingTexts(512);
  const text = new Text(1, 0, 100);
  texts.add(text.paired);
  text.paired.arrived = 100;
  expect(texts.around(arrival(0, 100))).toEqual([]);
});
