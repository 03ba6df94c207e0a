import { describe, expect, test } from "vitest";
import { seq } from "../../base/seq.ts";
import { PushMarks } from "./push-marks.ts";

describe("the ends of writes: RFC 9293 §3.9.1.2", () => {
  test("a write's end is marked, and only that", () => {
    const marks = new PushMarks();
    marks.written(seq(1), seq(301), seq(1));
    expect(marks.taken(seq(101))).toBe(false);
    expect(marks.taken(seq(301))).toBe(true);
    expect(marks.taken(seq(301))).toBe(false);
  });

  test("of writes that wait together only the last end is marked", () => {
    const marks = new PushMarks();
    marks.written(seq(1), seq(101), seq(1));
    marks.written(seq(101), seq(201), seq(1));
    expect(marks.taken(seq(101))).toBe(false);
    expect(marks.taken(seq(201))).toBe(true);
  });

  test("a mark inside a segment is gone with it", () => {
    const marks = new PushMarks();
    marks.written(seq(1), seq(101), seq(1));
    expect(marks.taken(seq(50))).toBe(false);
    marks.written(seq(101), seq(201), seq(50));
    expect(marks.taken(seq(150))).toBe(false);
    expect(marks.taken(seq(201))).toBe(true);
  });

  test("a write after everything was sent does not touch the mark before", () => {
    const marks = new PushMarks();
    marks.written(seq(1), seq(101), seq(1));
    marks.written(seq(101), seq(201), seq(101));
    expect(marks.taken(seq(101))).toBe(true);
    expect(marks.taken(seq(201))).toBe(true);
  });

  test("compares across the wrap", () => {
    const marks = new PushMarks();
    marks.written(seq(-10), seq(-5), seq(-10));
    marks.written(seq(-5), seq(5), seq(-10));
    expect(marks.taken(seq(5))).toBe(true);
  });
});
