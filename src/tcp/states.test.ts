import { describe, expect, test } from "vitest";
import {
  EDGES,
  isCauseOf,
  isLegalEdge,
  isSynchronized,
  mayReceiveText,
  STATE_CAUSES,
  TCP_STATES,
  type TcpState,
} from "./states.ts";

/** The arrows of RFC 9293 §3.3.2, figure 5. */
const FIGURE_5: ReadonlyArray<readonly [TcpState, TcpState]> = [
  ["CLOSED", "LISTEN"],
  ["CLOSED", "SYN-SENT"],
  ["LISTEN", "CLOSED"],
  ["LISTEN", "SYN-SENT"],
  ["LISTEN", "SYN-RECEIVED"],
  ["SYN-RECEIVED", "LISTEN"],
  ["SYN-RECEIVED", "ESTABLISHED"],
  ["SYN-RECEIVED", "FIN-WAIT-1"],
  ["SYN-SENT", "CLOSED"],
  ["SYN-SENT", "SYN-RECEIVED"],
  ["SYN-SENT", "ESTABLISHED"],
  ["ESTABLISHED", "FIN-WAIT-1"],
  ["ESTABLISHED", "CLOSE-WAIT"],
  ["FIN-WAIT-1", "FIN-WAIT-2"],
  ["FIN-WAIT-1", "CLOSING"],
  ["FIN-WAIT-2", "TIME-WAIT"],
  ["CLOSE-WAIT", "LAST-ACK"],
  ["CLOSING", "TIME-WAIT"],
  ["LAST-ACK", "CLOSED"],
  ["TIME-WAIT", "CLOSED"],
];

function reachable(start: TcpState, follow: (state: TcpState) => TcpState[]): Set<TcpState> {
  const seen = new Set<TcpState>([start]);
  for (const state of seen) for (const next of follow(state)) seen.add(next);
  return seen;
}

describe("the table of edges", () => {
  test("there are eleven states", () => {
    expect(TCP_STATES).toHaveLength(11);
    expect(new Set(TCP_STATES).size).toBe(11);
  });

  test.each(FIGURE_5)("%s → %s of figure 5 is in it", (from, to) => {
    expect(isLegalEdge(from, to)).toBe(true);
  });

  test("what is not in figure 5 is an end, a reuse of TIME-WAIT (MAY-2), and nothing else", () => {
    const drawn = new Set(FIGURE_5.map(([from, to]) => `${from} ${to}`));
    const added = EDGES.filter(edge => !drawn.has(`${edge.from} ${edge.to}`));
    for (const edge of added) {
      if (edge.to !== "CLOSED") expect([edge.from, edge.to]).toEqual(["TIME-WAIT", "SYN-RECEIVED"]);
    }
  });

  test("no edge stands there twice, leads to itself, or lacks a cause", () => {
    const pairs = EDGES.map(edge => `${edge.from} ${edge.to}`);
    expect(new Set(pairs).size).toBe(pairs.length);
    for (const edge of EDGES) {
      expect(edge.from).not.toBe(edge.to);
      expect(edge.cause.length).toBeGreaterThan(0);
    }
  });

  test("causes are told apart, none of them twice on an edge, and each is one of some edge", () => {
    for (const { causes } of EDGES) expect(new Set(causes).size).toBe(causes.length);
    expect([...new Set(EDGES.flatMap(({ causes }) => causes))].sort()).toEqual([...STATE_CAUSES].sort());
    expect(isCauseOf("LAST-ACK", "CLOSED", "ACK of our FIN received")).toBe(true);
    expect(isCauseOf("LAST-ACK", "CLOSED", "2 MSL have passed")).toBe(false);
    expect(isCauseOf("CLOSED", "ESTABLISHED", "ABORT")).toBe(false);
  });

  test("every state can be reached from CLOSED", () => {
    const found = reachable("CLOSED", from => EDGES.filter(e => e.from === from).map(e => e.to));
    expect([...found].sort()).toEqual([...TCP_STATES].sort());
  });

  test("CLOSED can be reached from every state", () => {
    const found = reachable("CLOSED", to => EDGES.filter(e => e.to === to).map(e => e.from));
    expect([...found].sort()).toEqual([...TCP_STATES].sort());
  });

  test("nothing leads back from a connection that closes to one that is open", () => {
    const open = ["LISTEN", "SYN-SENT", "ESTABLISHED"] as const;
    for (const from of ["FIN-WAIT-1", "FIN-WAIT-2", "CLOSE-WAIT", "CLOSING", "LAST-ACK"] as const) {
      for (const to of open) expect(isLegalEdge(from, to)).toBe(false);
    }
  });
});

test("synchronized are all states but the first three (RFC 9293 §3.5.2)", () => {
  expect(TCP_STATES.filter(state => !isSynchronized(state))).toEqual(["CLOSED", "LISTEN", "SYN-SENT"]);
});

test("text is received until the peer's FIN", () => {
  expect(TCP_STATES.filter(mayReceiveText)).toEqual(["ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2"]);
});
