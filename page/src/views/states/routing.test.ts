import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Box, type Route, routeWires, type Wire } from "./routing.ts";

const COLUMNS = 40;
const ROWS = 40;
/** Nine boxes in three rows. */
const BOXES: readonly Box[] = [4, 16, 28].flatMap(top =>
  [4, 16, 28].map(left => ({ left, top, right: left + 7, bottom: top + 5 })),
);

const WIRES = fc.uniqueArray(
  fc.record({ from: fc.nat(8), to: fc.nat(8) }).filter(({ from, to }) => from !== to),
  { maxLength: 20, selector: ({ from, to }) => `${from} ${to}` },
);

function boxAt(x: number, y: number): number {
  return BOXES.findIndex(box => x >= box.left && x <= box.right && y >= box.top && y <= box.bottom);
}

function routesOf(wires: readonly Wire[]): Array<readonly [Wire, Route]> {
  const routes = routeWires(BOXES, wires, COLUMNS, ROWS);
  return wires.flatMap((wire, index) => {
    const route = routes[index];
    return route === undefined ? [] : [[wire, route] as const];
  });
}

describe("wires between boxes", () => {
  test("a wire between two boxes side by side is one straight line between the middles of their sides", () => {
    const [route] = routeWires(BOXES, [{ from: 0, to: 1 }], COLUMNS, ROWS);
    expect(route?.points[0]).toEqual([11, expect.toSatisfy((y: number) => y === 6 || y === 7)]);
    expect(new Set(route?.points.map(([, y]) => y)).size).toBe(1);
    expect(route?.points.at(-1)?.[0]).toBe(16);
  });

  test("each begins at the border of its box, ends at the border of the other, and touches no other", () => {
    fc.assert(
      fc.property(WIRES, wires => {
        for (const [wire, { points }] of routesOf(wires)) {
          const boxes = points.map(([x, y]) => boxAt(x, y));
          expect(boxes[0]).toBe(wire.from);
          expect(boxes.at(-1)).toBe(wire.to);
          expect(boxes.slice(1, -1).every(box => box === -1)).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("each goes on from point to point", () => {
    fc.assert(
      fc.property(WIRES, wires => {
        for (const [, { points }] of routesOf(wires))
          points.slice(1).forEach(([x, y], index) => {
            const [fromX, fromY] = points[index] ?? [0, 0];
            expect(Math.abs(x - fromX) + Math.abs(y - fromY)).toBe(1);
          });
      }),
      { numRuns: 60 },
    );
  });

  test("wires to different boxes have no piece in common, and turn at no point of each other", () => {
    fc.assert(
      fc.property(WIRES, wires => {
        const users = new Map<string, Set<number>>();
        const passing = new Map<string, Set<number>>();
        const turns = new Map<string, Set<number>>();
        for (const [{ to }, { points }] of routesOf(wires))
          points.forEach(([x, y], index) => {
            note(passing, `${x} ${y}`, to);
            const [before, after] = [points[index - 1], points[index + 1]];
            if (before !== undefined)
              note(users, `${Math.min(before[0], x)} ${Math.min(before[1], y)} ${before[0] === x}`, to);
            if (before === undefined || after === undefined) return;
            if (before[0] !== after[0] && before[1] !== after[1]) note(turns, `${x} ${y}`, to);
          });
        for (const whose of users.values()) expect(whose.size).toBe(1);
        for (const point of turns.keys()) expect(passing.get(point)?.size).toBe(1);
      }),
      { numRuns: 200 },
    );
  });

  test("wires to one box join, and tell how far each is its own", () => {
    const wires = [
      { from: 3, to: 2 },
      { from: 4, to: 2 },
      { from: 6, to: 2 },
      { from: 7, to: 2 },
    ];
    const routes = routesOf(wires);
    expect(routes).toHaveLength(4);
    const joined = routes.filter(([, { own, points }]) => own < points.length);
    expect(joined.length).toBeGreaterThan(0);
    for (const [, { own, points }] of joined) {
      const [x, y] = points[own] ?? [0, 0];
      const others = routes.filter(([, route]) => route.points !== points);
      expect(others.some(([, route]) => route.points.some(([a, b]) => a === x && b === y))).toBe(true);
    }
  });

  test("a box that is walled in is not reached", () => {
    const wall: Box[] = [
      { left: 10, top: 10, right: 14, bottom: 14 },
      { left: 8, top: 8, right: 16, bottom: 9 },
      { left: 8, top: 15, right: 16, bottom: 16 },
      { left: 8, top: 10, right: 9, bottom: 14 },
      { left: 15, top: 10, right: 16, bottom: 14 },
      { left: 30, top: 10, right: 34, bottom: 14 },
    ];
    expect(routeWires(wall, [{ from: 5, to: 0 }], COLUMNS, ROWS)).toEqual([undefined]);
  });
});

function note(known: Map<string, Set<number>>, key: string, value: number): void {
  const values = known.get(key) ?? new Set();
  values.add(value);
  known.set(key, values);
}
