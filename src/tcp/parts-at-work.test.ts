import { expect, test } from "vitest";
import { established } from "../../test/tcp/fixtures.ts";
import { MOST, type Row } from "../base/fold.ts";
import { PartsAtWork, type RecordObserver } from "./parts-at-work.ts";
import { SpareRanges } from "./send/sent-range.ts";

const { connection } = established();
const { config, now } = connection;
const { nxt } = connection.tcb.snd;
const hears: RecordObserver = {
  connection,
  delivered: connection.noteDelivered,
  reported: connection.noteReported,
  lost: connection.noteLost,
};

const fresh = (): PartsAtWork => new PartsAtWork(config, nxt, nxt, now, new SpareRanges(), hears);

/** What new parts fold to that have been unfolded from a row; no number, where they write none. */
function foldedAgain(row: Row): Row {
  const parts = fresh();
  parts.unfold(row, nxt, nxt);
  const again: Row = new Float64Array(MOST).fill(Number.NaN);
  parts.fold(again, nxt);
  return again;
}

/**
 * A number that is not taken from its place in the row, or not written there, would be new parts' own: the
 * connection that wakes has forgotten it, and most such losses show only much later.
 */
test("each number that parts fold comes back alone, in its own place", () => {
  const usual: Row = new Float64Array(MOST);
  const count = fresh().fold(usual, nxt);
  const comesBack = (at: number, value: number): boolean => {
    const row = usual.slice();
    row[at] = value;
    return foldedAgain(row).every((number, i) => i >= count || number === row[i]);
  };
  for (let at = 0; at < count; at++) {
    const isFlag = comesBack(at, 0) && comesBack(at, 1);
    const isNumber = comesBack(at, 77_777) && comesBack(at, 0.5);
    expect([at, isFlag || isNumber]).toEqual([at, true]);
  }
});
