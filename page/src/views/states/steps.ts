/** The path that an end of a connection has taken through the states, up to an instant. */

import type { StoryState } from "../../../../src/inspect/story.ts";
import { EDGES, type Edge, type TcpState } from "../../../../src/tcp/states.ts";

export interface Step {
  /** From 1. */
  readonly number: number;
  readonly time: number;
  readonly from: TcpState;
  readonly to: TcpState;
  readonly cause: string;
}

/** How many steps were taken at an instant; undefined: now. */
export function stepsTakenAt(states: readonly StoryState[], instant: number | undefined): number {
  if (instant === undefined) return states.length;
  let taken = states.length;
  while (taken > 0 && (states[taken - 1]?.time ?? 0) > instant) taken--;
  return taken;
}

export function stepsOf(states: readonly StoryState[]): Step[] {
  return states.map(({ time, from, to, cause }, index) => ({ number: index + 1, time, from, to, cause }));
}

/** `otherwise`: what is known where no step is. */
export function stateAfter(
  states: readonly StoryState[],
  taken: number,
  otherwise: TcpState | undefined,
): TcpState | undefined {
  return states[taken - 1]?.to ?? states[0]?.from ?? otherwise;
}

/** The numbers of the steps that went along an edge. */
export function stepsAlong(edge: Edge, steps: readonly Step[], taken: number): number[] {
  return steps
    .filter(({ number, from, to }) => number <= taken && from === edge.from && to === edge.to)
    .map(({ number }) => number);
}

/** As short as a mark must be: `3`, `3+` where it was taken again. */
export function markText(numbers: readonly number[]): string {
  const first = numbers[0];
  if (first === undefined) return "";
  return numbers.length === 1 ? `${first}` : `${first}+`;
}

export function edgesOutOf(state: TcpState, edges: readonly Edge[] = EDGES): Edge[] {
  return edges.filter(({ from }) => from === state);
}
