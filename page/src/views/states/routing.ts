/**
 * Wires between boxes on a lattice: each goes straight from point to point, past all boxes, and takes the
 * cheapest way by length, turns and crossings (Dijkstra's shortest path over points and directions). Wires
 * to the same box may join and go on as one; others may only cross at right angles, so that no two look like
 * one. The wires that have the shortest way to go are laid first.
 */
import { Search } from "./shortest-way.ts";

/** Borders in points of the lattice. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export type Point = readonly [x: number, y: number];

export interface Wire {
  /** Numbers of boxes. */
  readonly from: number;
  readonly to: number;
}

export interface Route {
  /** All points of the lattice on its way. */
  readonly points: readonly Point[];
  /** So many of them, from its beginning, it shares with no other wire. */
  readonly own: number;
}

const TURN = 5;
const CROSSING = 9;
/** To go along a box, or to turn, right beside one. */
const NARROWNESS = 4;
/** For each point that lies one or two points beside another's wire. */
const NEARNESS = [1.5, 0.75] as const;
/** For each point that a wire leaves or enters a box away from the middle of its side. */
const OFF_CENTRE = 0.3;
const JOINING = 3;
/** Wires join so many points before the box at least, so that its arrow stays free. */
const ARROW = 3;
/** A point of another's way, once joined. */
const SHARED_POINT = 0.35;

const NOBODY = -1;
/** Right, down, left, up. */
const DX = [1, 0, -1, 0] as const;
const DY = [0, 1, 0, -1] as const;
const DIRECTIONS = [0, 1, 2, 3] as const;
type Direction = (typeof DIRECTIONS)[number];

export function routeWires(
  boxes: readonly Box[],
  wires: readonly Wire[],
  columns: number,
  rows: number,
): Array<Route | undefined> {
  const lattice = new Lattice(boxes, columns, rows);
  const routes: Array<Route | undefined> = wires.map(() => undefined);
  const order = wires.map((wire, index) => ({
    index,
    wire,
    length: distance(boxes[wire.from], boxes[wire.to]),
  }));
  order.sort((a, b) => a.length - b.length || a.index - b.index);
  for (const { index, wire } of order) routes[index] = lattice.lay(wire);
  return routes;
}

function distance(a: Box | undefined, b: Box | undefined): number {
  if (a === undefined || b === undefined) return 0;
  return Math.abs(a.left + a.right - b.left - b.right) + Math.abs(a.top + a.bottom - b.top - b.bottom);
}

function offCentre(at: number, from: number, to: number): number {
  return OFF_CENTRE * Math.abs(at - (from + to) / 2);
}

/** The way on from a point to a box, and how far it is. */
interface Onward {
  readonly next: number;
  readonly left: number;
}

class Lattice {
  readonly #boxes: readonly Box[];
  readonly #columns: number;
  readonly #rows: number;
  /** The box that a point lies in, or on the border of. */
  readonly #inside: Int16Array;
  /** Points right beside a box. */
  readonly #beside: Uint8Array;
  /** Whose wires pass a point: the box that they lead to; across, and down. */
  readonly #passes: readonly [Int16Array, Int16Array];
  /** For each box, the points of the wires that lead to it. */
  readonly #trees: ReadonlyArray<Map<number, Onward>>;

  constructor(boxes: readonly Box[], columns: number, rows: number) {
    this.#boxes = boxes;
    this.#columns = columns;
    this.#rows = rows;
    const size = columns * rows;
    this.#inside = new Int16Array(size).fill(NOBODY);
    this.#beside = new Uint8Array(size);
    this.#passes = [new Int16Array(size).fill(NOBODY), new Int16Array(size).fill(NOBODY)];
    this.#trees = boxes.map(() => new Map());
    boxes.forEach((box, index) => {
      for (let y = box.top - 1; y <= box.bottom + 1; y++)
        for (let x = box.left - 1; x <= box.right + 1; x++) {
          const point = y * columns + x;
          this.#beside[point] = 1;
          if (x >= box.left && x <= box.right && y >= box.top && y <= box.bottom) this.#inside[point] = index;
        }
    });
  }

  lay(wire: Wire): Route | undefined {
    const tree = this.#trees[wire.to];
    const found = new Search(this.#columns * this.#rows);
    for (const [point, direction, cost] of this.#ports(wire.from))
      found.reach(point, direction, cost, undefined);
    let best: { readonly step: number; readonly cost: number } | undefined;
    for (let step = found.nearest(); step !== undefined; step = found.nearest()) {
      const cost = found.cost(step);
      if (best !== undefined && cost >= best.cost) break;
      const point = step >> 2;
      const direction = (step & 3) as Direction;
      const end = this.#endCost(point, direction, wire.to);
      if (end !== undefined) {
        if (best === undefined || cost + end < best.cost) best = { step, cost: cost + end };
        continue;
      }
      if (tree?.has(point) === true) continue;
      this.#goOn(found, step, point, direction, wire);
    }
    return best === undefined ? undefined : this.#laid(found.way(best.step), wire.to);
  }

  /** Where a wire may leave a box: the points of its border, without the corners. */
  *#ports(index: number): Generator<readonly [point: number, direction: Direction, cost: number]> {
    const box = this.#boxes[index];
    if (box === undefined) return;
    for (let x = box.left + 1; x < box.right; x++) {
      const cost = offCentre(x, box.left, box.right);
      yield [box.top * this.#columns + x, 3, cost];
      yield [box.bottom * this.#columns + x, 1, cost];
    }
    for (let y = box.top + 1; y < box.bottom; y++) {
      const cost = offCentre(y, box.top, box.bottom);
      yield [y * this.#columns + box.left, 2, cost];
      yield [y * this.#columns + box.right, 0, cost];
    }
  }

  /** Undefined: the wire does not end here. */
  #endCost(point: number, direction: Direction, to: number): number | undefined {
    const onward = this.#trees[to]?.get(point);
    if (onward === undefined) return this.#entryCost(point, direction, to);
    const isShared = this.#passes.every(passes => passes[point] === NOBODY || passes[point] === to);
    if (!isShared || onward.left < ARROW) return undefined;
    const goesBack = onward.next === point - DX[direction] - DY[direction] * this.#columns;
    return goesBack ? undefined : JOINING + onward.left * SHARED_POINT;
  }

  #entryCost(point: number, direction: Direction, to: number): number | undefined {
    const box = this.#boxes[to];
    if (box === undefined || this.#inside[point] !== to) return undefined;
    if (this.#passes[0][point] !== NOBODY || this.#passes[1][point] !== NOBODY) return undefined;
    const x = point % this.#columns;
    if (DX[direction] === 0) return offCentre(x, box.left, box.right);
    return offCentre((point - x) / this.#columns, box.top, box.bottom);
  }

  #goOn(found: Search, step: number, point: number, direction: Direction, wire: Wire): void {
    const isPort = this.#inside[point] !== NOBODY;
    if (isPort && (this.#passes[0][point] !== NOBODY || this.#passes[1][point] !== NOBODY)) return;
    for (const next of DIRECTIONS) {
      const isTurn = next !== direction;
      if ((next ^ 2) === direction || (isPort && isTurn)) continue;
      const there = this.#neighbor(point, next);
      if (there === undefined) continue;
      const inside = this.#inside[there];
      if (inside !== NOBODY && (inside !== wire.to || !this.#mayEnter(there, next, wire.to))) continue;
      const passing = isPort ? 0 : this.#passingCost(point, direction, next);
      if (passing === undefined) continue;
      const isAlong = this.#beside[point] === 1 && this.#beside[there] === 1 && !isPort && inside === NOBODY;
      const narrow = (isAlong ? NARROWNESS : 0) + this.#nearness(there, next);
      const turning = isTurn ? TURN + (this.#beside[point] === 1 ? NARROWNESS : 0) : 0;
      found.reach(there, next, found.cost(step) + 1 + passing + turning + narrow, step);
    }
  }

  /** To wires that go the same way beside a point. */
  #nearness(point: number, direction: Direction): number {
    const isDown = (direction & 1) === 1;
    const passes = this.#passes[isDown ? 1 : 0];
    const aside = isDown ? 1 : this.#columns;
    return NEARNESS.reduce((sum, cost, index) => {
      const away = aside * (index + 1);
      const isNear = [point - away, point + away].some(near => (passes[near] ?? NOBODY) !== NOBODY);
      return isNear ? sum + cost : sum;
    }, 0);
  }

  /** At a right angle, and not by a corner. */
  #mayEnter(point: number, direction: Direction, to: number): boolean {
    const box = this.#boxes[to];
    if (box === undefined) return false;
    const x = point % this.#columns;
    const y = (point - x) / this.#columns;
    return DX[direction] === 0 ? x > box.left && x < box.right : y > box.top && y < box.bottom;
  }

  /** What it costs to pass a point that others may use; undefined: it would look like one of theirs. */
  #passingCost(point: number, comes: Direction, goes: Direction): number | undefined {
    const along = this.#passes[comes & 1 ? 1 : 0][point] !== NOBODY;
    const across = this.#passes[comes & 1 ? 0 : 1][point] !== NOBODY;
    if (along || (across && comes !== goes)) return undefined;
    return across ? CROSSING : 0;
  }

  #neighbor(point: number, direction: Direction): number | undefined {
    const x = (point % this.#columns) + DX[direction];
    const y = Math.floor(point / this.#columns) + DY[direction];
    const isAtTheEdge = x < 1 || y < 1 || x > this.#columns - 2 || y > this.#rows - 2;
    return isAtTheEdge ? undefined : y * this.#columns + x;
  }

  /** Its own points, and then those of the wire that it has joined. */
  #laid(own: readonly number[], to: number): Route {
    const tree = this.#trees[to] ?? new Map<number, Onward>();
    const points = [...own];
    for (let on = tree.get(own.at(-1) ?? 0); on !== undefined && on.left > 0; on = tree.get(on.next))
      points.push(on.next);
    for (let index = 0; index < own.length; index++) this.#pass(points, index, to);
    points.forEach((point, index) => {
      tree.set(point, { next: points[index + 1] ?? point, left: points.length - 1 - index });
    });
    const isJoined = points.length > own.length;
    return {
      points: points.map(point => [point % this.#columns, Math.floor(point / this.#columns)] as const),
      own: isJoined ? own.length - 1 : own.length,
    };
  }

  #pass(points: readonly number[], index: number, to: number): void {
    const point = points[index] ?? 0;
    for (const beside of [points[index - 1], points[index + 1]]) {
      if (beside === undefined) continue;
      this.#passes[Math.abs(beside - point) === 1 ? 0 : 1][point] = to;
    }
  }
}
