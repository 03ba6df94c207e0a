/**
 * The state diagram as a picture: boxes, wires and what is written along them, laid out from the table of
 * states and edges alone. An edge that is added there appears here.
 */
import { EDGES, type Edge, TCP_STATES, type TcpState } from "../../../../src/tcp/states.ts";
import { type Area, type Label, placeLabels } from "./labels.ts";
import { boxOf, latticeOf, type Shape } from "./places.ts";
import { type Point, type Route, routeWires } from "./routing.ts";

export interface DiagramState {
  readonly state: TcpState;
  readonly area: Area;
}

export interface DiagramEdge {
  readonly edge: Edge;
  /** Of the wire, in pixels. */
  readonly corners: readonly Point[];
  /** Where the number of a step stands. */
  readonly mark: Area | undefined;
  /** Lines of the cause, and where they stand. */
  readonly lines: readonly string[];
  readonly label: Area | undefined;
}

export interface Diagram {
  readonly width: number;
  readonly height: number;
  readonly states: readonly DiagramState[];
  readonly edges: readonly DiagramEdge[];
}

export const MARK_SIZE = 16;
export const LINE_HEIGHT = 12;
/** Of the letters of causes, in pixels: of Latin ones, and of those that fill a square. */
const LETTER_WIDTH = 5.6;
const SQUARE_WIDTH = 10.5;

/** `written`: the cause of an edge in the reader's language. */
export function diagramOf(
  shape: Shape,
  written: (cause: string) => string,
  edges: readonly Edge[] = EDGES,
): Diagram {
  const boxes = TCP_STATES.map(state => boxOf(state, shape));
  const { columns, rows } = latticeOf(shape);
  const wires = edges.map(({ from, to }) => ({ from: TCP_STATES.indexOf(from), to: TCP_STATES.indexOf(to) }));
  const routes = routeWires(boxes, wires, columns, rows);
  const areas = boxes.map(({ left, top, right, bottom }) => ({
    left: left * shape.pitch,
    top: top * shape.pitch,
    right: right * shape.pitch,
    bottom: bottom * shape.pitch,
  }));
  const bounds = {
    left: 1,
    top: 1,
    right: (columns - 1) * shape.pitch - 1,
    bottom: (rows - 1) * shape.pitch - 1,
  };
  const corners = routes.map(route => cornersOf(route?.points ?? [], shape.pitch));
  const own = routes.map(route => cornersOf(ownPoints(route), shape.pitch));
  const lines = edges.map(({ cause }) => brokenInto(written(cause), shape.causeLetters));
  const marks = placeLabels(own.map(markOn), areas, corners, bounds);
  const standing = [...areas, ...marks.filter(mark => mark !== undefined)];
  const labels = placeLabels(
    own.map((along, index) => labelOn(along, lines[index] ?? [])),
    standing,
    corners,
    bounds,
  );
  return {
    width: bounds.right + 1,
    height: bounds.bottom + 1,
    states: TCP_STATES.map((state, index) => ({ state, area: areas[index] ?? bounds })),
    edges: edges.map((edge, index) => ({
      edge,
      corners: corners[index] ?? [],
      mark: marks[index],
      lines: lines[index] ?? [],
      label: labels[index],
    })),
  };
}

/** Without the first and the last point, where it touches a box. */
function ownPoints(route: Route | undefined): readonly Point[] {
  if (route === undefined) return [];
  return route.points.slice(1, Math.min(route.own, route.points.length - 1));
}

/** Where it begins, turns and ends, in pixels. */
export function cornersOf(points: readonly Point[], pitch: number): Point[] {
  const corners = points.filter(([x, y], index) => {
    const [before, after] = [points[index - 1], points[index + 1]];
    if (before === undefined || after === undefined) return true;
    return !((before[0] === x && x === after[0]) || (before[1] === y && y === after[1]));
  });
  return corners.map(([x, y]) => [x * pitch, y * pitch] as const);
}

function markOn(along: readonly Point[]): Label {
  return { width: MARK_SIZE, height: MARK_SIZE, stands: "on", along };
}

function labelOn(along: readonly Point[], lines: readonly string[]): Label {
  const width = Math.max(0, ...lines.map(widthOf));
  return {
    width,
    height: lines.length * LINE_HEIGHT,
    stands: "beside",
    along: lines.length === 0 ? [] : along,
  };
}

function widthOf(line: string): number {
  let width = 4;
  for (const letter of line) width += isSquare(letter) ? SQUARE_WIDTH : LETTER_WIDTH;
  return width;
}

function isSquare(letter: string): boolean {
  return letter >= "\u2e80";
}

/** In lines of so many letters at most (square ones count two), where words end; a word alone may be longer. */
export function brokenInto(text: string, letters: number): string[] {
  if (letters === 0) return [];
  const lines: string[] = [];
  let line = "";
  for (const word of text.match(/（?[\u2e80-\uffff][，、。；）]*\s*|[^\s\u2e80-\uffff]+\s*/gu) ?? []) {
    if (line !== "" && lettersOf(line) + lettersOf(word.trimEnd()) > letters) {
      lines.push(line.trimEnd());
      line = "";
    }
    line += word;
  }
  return line === "" ? lines : [...lines, line.trimEnd()];
}

function lettersOf(text: string): number {
  return [...text].reduce((sum, letter) => sum + (isSquare(letter) ? 2 : 1), 0);
}

/** The `d` of an SVG path through corners, rounded off. */
export function pathThrough(corners: readonly Point[], radius: number): string {
  return corners
    .map(([x, y], index) => {
      const [before, after] = [corners[index - 1], corners[index + 1]];
      if (before === undefined) return `M${x} ${y}`;
      if (after === undefined) return `L${x} ${y}`;
      const [enterX, enterY] = towards([x, y], before, radius);
      const [leaveX, leaveY] = towards([x, y], after, radius);
      return `L${enterX} ${enterY}Q${x} ${y} ${leaveX} ${leaveY}`;
    })
    .join("");
}

/** From a corner, by at most half of the way to the other end. */
function towards([x, y]: Point, [toX, toY]: Point, radius: number): Point {
  const length = Math.abs(toX - x) + Math.abs(toY - y);
  const part = length === 0 ? 0 : Math.min(radius, length / 2) / length;
  return [x + (toX - x) * part, y + (toY - y) * part];
}
