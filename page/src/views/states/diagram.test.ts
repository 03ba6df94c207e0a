import { describe, expect, test } from "vitest";
import { EDGES, type Edge, TCP_STATES } from "../../../../src/tcp/states.ts";
import { causeText } from "./causes.ts";
import { brokenInto, cornersOf, type Diagram, diagramOf, pathThrough } from "./diagram.ts";
import { type Area, overlap } from "./labels.ts";
import { NARROW, WIDE } from "./places.ts";

const SHAPES = [
  ["narrow", NARROW],
  ["wide", WIDE],
] as const;

function writtenAreas({ edges }: Diagram): Area[] {
  return edges.flatMap(({ mark, label }) => [mark, label]).filter(area => area !== undefined);
}

describe.each(SHAPES)("the %s state diagram", (name, shape) => {
  const diagram = diagramOf(shape, cause => cause);

  test("has every state once, none upon another, all of them inside", () => {
    expect(diagram.states.map(({ state }) => state)).toEqual(TCP_STATES);
    diagram.states.forEach(({ area }, index) => {
      expect(
        area.left > 0 && area.top > 0 && area.right < diagram.width && area.bottom < diagram.height,
      ).toBe(true);
      for (const other of diagram.states.slice(index + 1)) expect(overlap(area, other.area)).toBe(false);
    });
  });

  test("has a wire and a place for a step's number for each edge of the table", () => {
    expect(diagram.edges.map(({ edge }) => edge)).toEqual(EDGES);
    for (const { corners, mark } of diagram.edges) {
      expect(corners.length).toBeGreaterThan(1);
      expect(mark).toBeDefined();
    }
  });

  test("an edge that is added to the table is drawn too", () => {
    const added: Edge = { from: "CLOSE-WAIT", to: "FIN-WAIT-2", cause: "nothing that TCP knows", causes: [] };
    const last = diagramOf(shape, cause => cause, [...EDGES, added]).edges.at(-1);
    expect(last?.edge).toBe(added);
    expect(last?.corners.length).toBeGreaterThan(1);
    expect(last?.mark).toBeDefined();
  });

  test("nothing written stands upon a state or upon anything else that is written", () => {
    const written = writtenAreas(diagram);
    written.forEach((area, index) => {
      for (const state of diagram.states) expect(overlap(area, state.area)).toBe(false);
      for (const other of written.slice(index + 1)) expect(overlap(area, other)).toBe(false);
    });
  });

  test(`causes are ${name === "wide" ? "written, each beside its wire" : "left to the list of steps"}`, () => {
    for (const { label, lines } of diagram.edges) {
      expect(label === undefined).toBe(name === "narrow");
      expect(lines.length > 0).toBe(name === "wide");
    }
  });
});

test("the causes find room in Chinese too", () => {
  const diagram = diagramOf(WIDE, cause => causeText(cause, "zh-CN"));
  expect(diagram.edges.filter(({ label }) => label === undefined)).toEqual([]);
});

test("lines of a cause break between words, and between Chinese letters", () => {
  expect(brokenInto("RST received, ABORT or timeout", 20)).toEqual(["RST received, ABORT", "or timeout"]);
  expect(brokenInto("收到 FIN（同时关闭），发送 ACK", 11)).toEqual([
    "收到 FIN",
    "（同时关",
    "闭），发送",
    "ACK",
  ]);
  expect(brokenInto("anything", 0)).toEqual([]);
  expect(brokenInto("unbreakable", 4)).toEqual(["unbreakable"]);
});

test("a wire's corners are where it turns", () => {
  const points = [
    [0, 0],
    [1, 0],
    [2, 0],
    [2, 1],
    [2, 2],
  ] as const;
  expect(cornersOf(points, 10)).toEqual([
    [0, 0],
    [20, 0],
    [20, 20],
  ]);
});

test("corners are rounded off, by no more than half of the way to the next", () => {
  expect(
    pathThrough(
      [
        [0, 0],
        [20, 0],
        [20, 4],
      ],
      6,
    ),
  ).toBe("M0 0L14 0Q20 0 20 2L20 4");
});
