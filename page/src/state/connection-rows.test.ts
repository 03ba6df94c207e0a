import { expect, test } from "vitest";
import { row } from "../../../test/page/messages.ts";
import { ConnectionRows } from "./connection-rows.ts";

const mirrored = { local: "10.0.0.2", localPort: 80, remote: "10.0.0.1", host: "b" } as const;

test("rows are put, replaced and removed", () => {
  const rows = new ConnectionRows();
  rows.apply([row(1), row(2)], []);
  rows.apply([row(2, { state: "CLOSED" })], [1]);
  expect([...rows.copy().values()]).toEqual([row(2, { state: "CLOSED" })]);
  rows.clear();
  expect(rows.copy().size).toBe(0);
});

test("the other end is the mirrored tuple, opened at about the same time", () => {
  const rows = new ConnectionRows();
  rows.apply(
    [row(1, { openedAt: 100 }), row(2), row(3, { ...mirrored, remotePort: 40_001, openedAt: 9 })],
    [],
  );
  rows.apply([row(4, { ...mirrored, remotePort: 40_001, openedAt: 101 })], []);
  expect(rows.otherEnd(1)).toBe(4);
  expect(rows.otherEnd(4)).toBe(1);
  expect(rows.otherEnd(2)).toBeUndefined();
  rows.apply([], [4]);
  expect(rows.otherEnd(1)).toBe(3);
});

test("an end that speaks with itself has none", () => {
  const rows = new ConnectionRows();
  rows.apply([row(1, { local: "10.0.0.1", remote: "10.0.0.1", localPort: 5, remotePort: 5 })], []);
  expect(rows.otherEnd(1)).toBeUndefined();
});
