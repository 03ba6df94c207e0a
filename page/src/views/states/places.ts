/**
 * Where the state diagram draws each state: in the rows and columns that textbooks use (RFC 9293, figure 5):
 * the opening above, ESTABLISHED in the middle, the one who closes first on the left and the other on the
 * right. There are two shapes: a narrow one for phones and for two ends side by side, and a wide one with
 * the causes written beside the edges.
 */
import type { TcpState } from "../../../../src/tcp/states.ts";
import type { Box } from "./routing.ts";

type Column = "left" | "middle" | "right";

const PLACES: Readonly<Record<TcpState, { readonly column: Column; readonly row: number }>> = {
  CLOSED: { column: "middle", row: 0 },
  LISTEN: { column: "middle", row: 1 },
  "SYN-RECEIVED": { column: "left", row: 2 },
  "SYN-SENT": { column: "right", row: 2 },
  ESTABLISHED: { column: "middle", row: 3 },
  "FIN-WAIT-1": { column: "left", row: 4 },
  "CLOSE-WAIT": { column: "right", row: 4 },
  "FIN-WAIT-2": { column: "left", row: 5 },
  CLOSING: { column: "middle", row: 5 },
  "LAST-ACK": { column: "right", row: 5 },
  "TIME-WAIT": { column: "middle", row: 6 },
};

/** Measures of a diagram in points of its lattice, which are `pitch` pixels apart. */
export interface Shape {
  readonly pitch: number;
  readonly boxWidth: number;
  readonly boxHeight: number;
  /** Free points left and right of the columns, between them, above and below the rows, between those. */
  readonly sideMargin: number;
  readonly channel: number;
  readonly endMargin: number;
  readonly alley: number;
  /** Letters a line of a cause; 0: the causes are not written. */
  readonly causeLetters: number;
}

export const NARROW: Shape = {
  pitch: 6,
  boxWidth: 15,
  boxHeight: 5,
  sideMargin: 4,
  channel: 6,
  endMargin: 3,
  alley: 7,
  causeLetters: 0,
};

export const WIDE: Shape = {
  pitch: 11,
  boxWidth: 12,
  boxHeight: 3,
  sideMargin: 12,
  channel: 14,
  endMargin: 2,
  alley: 7,
  causeLetters: 17,
};

const COLUMNS: Readonly<Record<Column, number>> = { left: 0, middle: 1, right: 2 };
const ROWS = 1 + Math.max(...Object.values(PLACES).map(({ row }) => row));

export function boxOf(state: TcpState, shape: Shape): Box {
  const { column, row } = PLACES[state];
  const left = shape.sideMargin + COLUMNS[column] * (shape.boxWidth + shape.channel);
  const top = shape.endMargin + row * (shape.boxHeight + shape.alley);
  return { left, top, right: left + shape.boxWidth, bottom: top + shape.boxHeight };
}

/** Points of the lattice across and down. */
export function latticeOf(shape: Shape): { readonly columns: number; readonly rows: number } {
  return {
    columns: 2 * shape.sideMargin + 3 * shape.boxWidth + 2 * shape.channel + 1,
    rows: 2 * shape.endMargin + ROWS * shape.boxHeight + (ROWS - 1) * shape.alley + 1,
  };
}
